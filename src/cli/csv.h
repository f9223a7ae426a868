/*
 * Rows of a CSV file (RFC 4180): fields in quotes may hold commas, line ends and doubled quotes. A
 * semicolon separates as well, if the first row has one and no comma: so spreadsheets write it in
 * half of Europe.
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
    char separator; /* 0: not known yet */
};

enum csv_result { CSV_ROW, CSV_END, CSV_BAD, CSV_IO };

void csv_init(struct csv *csv, FILE *file);
void csv_finish(struct csv *csv);

/* Reads the next row; lines with nothing in them are passed over. CSV_BAD: an open quote, or longer
 * than its bounds, and there is no going on. */
enum csv_result csv_next(struct csv *csv);

/* Borrowed until the next row. */
const char *csv_field(const struct csv *csv, size_t index);

#endif
