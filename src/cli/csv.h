/*
 * Rows of a CSV file (RFC 4180): fields in quotes may hold separators, line ends and doubled
 * quotes. A line ends with LF, CR LF or CR. The separator is the comma, semicolon or tab that comes
 * first in the first row, as spreadsheets write it in half of Europe, or what a first line "sep=;"
 * names.
 */
#ifndef BZCTRL_CLI_CSV_H
#define BZCTRL_CLI_CSV_H

#include "base/buf.h"

#include <stdio.h>

enum { CSV_FIELDS_MAX = 256, CSV_ROW_MAX = 1024 * 1024 };

struct csv {
    FILE *file;
    struct buf row; /* the fields, each with a zero byte behind it */
    size_t starts[CSV_FIELDS_MAX], n;
    long line; /* that the row begins in, from 1 */
    long lines;
    char separator;  /* 0: not known yet */
    const char *why; /* of CSV_BAD, a sentence about the line `why_line` */
    long why_line;
};

enum csv_result { CSV_ROW, CSV_END, CSV_BAD, CSV_IO };

/* `file` can be sought in; it is read from its beginning, a byte order mark left out. */
void csv_init(struct csv *csv, FILE *file);
void csv_finish(struct csv *csv);

/* Reads the next row; lines with nothing but separators in them are passed over. CSV_BAD: a quote
 * that is not closed, or closed within a field, or a row beyond its bounds, and there is no going
 * on. */
enum csv_result csv_next(struct csv *csv);

/* Borrowed until the next row. */
const char *csv_field(const struct csv *csv, size_t index);

/* Writes fields as a row, all in quotes. */
void csv_write(FILE *file, char separator, const char *const *fields, size_t n);

#endif
