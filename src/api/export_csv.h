/*
 * CSV (RFC 4180) as spreadsheets open it: UTF-8 with a byte order mark, without which Excel takes it
 * for another encoding; commas; CRLF. Texts are always in quotes, all else never is.
 *
 * A spreadsheet takes a text that begins with =, +, -, @, a tab or a carriage return for a formula,
 * quotes or not. Such a text gets an apostrophe before it, unless all of it is a number: that
 * computes nothing, and "-5" stays "-5".
 */
#ifndef BZCTRL_API_EXPORT_CSV_H
#define BZCTRL_API_EXPORT_CSV_H

#include "api/export_cell.h"

/* Appends the mark and the row of headers. */
void csv_begin(struct buf *csv);

/* Appends a cell; the first of a row has nothing before it. And ends a row. */
void csv_cell(struct buf *csv, size_t column, const struct export_cell *cell);
void csv_row_end(struct buf *csv);

#endif
