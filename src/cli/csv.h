/*
 * Rows of a CSV file (RFC 4180): fields in quotes may hold separators, line ends and doubled
 * quotes. A line ends with LF, CR LF or CR. The separator is the first comma, semicolon or tab in
 * the first row (spreadsheets in half of Europe write semicolons), or the one that a first line
 * "sep=;" names.
 */
#ifndef BZCTRL_CLI_CSV_H
#define BZCTRL_CLI_CSV_H

#include "base/buf.h"

#include <stdio.h>

enum { CSV_FIELDS_MAX = 256, CSV_ROW_MAX = 1024 * 1024 };

struct csv {
    FILE *file;
    struct buf row; /* the fields, each followed by a zero byte */
    size_t starts[CSV_FIELDS_MAX], n;
    long line; /* where the row begins, from 1 */
    long lines;
    char separator;  /* 0: not known yet */
    const char *why; /* after CSV_BAD: a sentence about the line `why_line` */
    long why_line;
    int error; /* after CSV_IO: what errno was */
};

enum csv_result { CSV_ROW, CSV_END, CSV_BAD, CSV_IO };

/* `file` must be seekable; it is read from its beginning, and a byte order mark is skipped. */
void csv_init(struct csv *csv, FILE *file);
void csv_finish(struct csv *csv);

/* Reads the next row; lines with only separators are skipped. CSV_BAD: a quote is not closed, or is
 * closed within a field, or a row is too large; reading cannot continue. */
enum csv_result csv_next(struct csv *csv);

/* Borrowed until the next row. */
const char *csv_field(const struct csv *csv, size_t index);

/* Writes the fields as a row, each in quotes. */
void csv_write(FILE *file, char separator, const char *const *fields, size_t n);

#endif
