/*
 * A workbook (ECMA-376, Office Open XML) that is written as it is made: sheets of rows, then a sheet
 * "About", all in a zip. Only some numbers are kept, so it is of any length in constant memory, and
 * no file is made anywhere. (libxlsxwriter, the library for this, writes each sheet to a temporary
 * file and zips them at the end: it needs disk space as large as the workbook, and the client gets
 * nothing until then.)
 *
 * Pieces are compressed one by one, each from a fresh start, which deflate allows. So a piece that is
 * made again, because the database asks for that, gives the same bytes, and a struct xlsx has no
 * pointers and can be copied.
 *
 * Texts are inline strings in cells of the format "text": no cell is a formula, whatever it begins
 * with.
 */
#ifndef BZCTRL_API_XLSX_H
#define BZCTRL_API_XLSX_H

#include "api/export_cell.h"

enum {
    XLSX_ROWS_MAX = 1000000, /* of a sheet, about; more go on in another */
    XLSX_SHEETS_MAX = 64,
    XLSX_TEXT_MAX =
        32767, /* UTF-16 units of a cell, as spreadsheets have it; the rest is cut off */
};

struct xlsx_member {
    uint32_t sheet; /* its number, from 1; 0: one of the fixed members */
    uint32_t fixed; /* which one */
    uint32_t crc, packed, size;
    uint64_t offset;
};

struct xlsx {
    uint64_t offset; /* bytes so far */
    struct xlsx_member members[XLSX_SHEETS_MAX + 8];
    uint32_t n;
    uint32_t sheets;
    int64_t rows; /* of the sheet that is being written, its headers included */
};

/* Appends the beginning to `file`. What all these append to `file` follows what they have appended
 * before. ERR_MEMORY, or ERR_TOO_LONG: a workbook has less than 4 GiB. */
enum err xlsx_begin(struct xlsx *xlsx, struct buf *file) MUST_CHECK;

/* A row of cells, for xlsx_add(). */
void xlsx_row_begin(struct xlsx *xlsx, struct buf *rows);
void xlsx_cell(const struct xlsx *xlsx, struct buf *rows, size_t column,
               const struct export_cell *cell);
void xlsx_row_end(struct buf *rows);

/* Appends rows, a piece of the sheet; and begins another sheet once this one is full. */
enum err xlsx_add(struct xlsx *xlsx, struct str rows, struct buf *file) MUST_CHECK;

/* Ends it, with the sheet "About": a line has a name and a value. */
struct xlsx_line {
    const char *name;
    struct export_cell value;
};
enum err xlsx_end(struct xlsx *xlsx, const struct xlsx_line *lines, size_t n,
                  struct buf *file) MUST_CHECK;

#endif
