/*
 * The columns of an export, and a record's value in each: what a CSV row and a row of a spreadsheet
 * are made of. Pure.
 */
#ifndef BZCTRL_API_EXPORT_CELL_H
#define BZCTRL_API_EXPORT_CELL_H

#include "base/arena.h"
#include "model/directory.h"
#include "model/task.h"

enum export_kind {
    EXPORT_EMPTY,
    EXPORT_TEXT, /* identifiers too: nothing in it is a number or a formula */
    EXPORT_NUMBER,
    EXPORT_MONEY, /* cents */
    EXPORT_DATE,  /* days since 1970 */
    EXPORT_TIME,  /* milliseconds since 1970 */
    EXPORT_FLAG,
};

struct export_cell {
    enum export_kind kind;
    struct str text;
    int64_t number;
};

/* How many columns there are, and the header of one: the name of the member. */
size_t export_columns(void);
struct str export_header(size_t column);

struct export_row {
    const struct task *task;
    const struct directory *directory;
    struct str public_url;
    int64_t now; /* decides what is overdue */
};

/* Texts are borrowed, or in the arena: ERR_MEMORY. */
enum err export_cell(struct arena *arena, const struct export_row *row, size_t column,
                     struct export_cell *ret_cell) MUST_CHECK;

#endif
