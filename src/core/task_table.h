/*
 * The figures of all records (model/figure.h) in memory, a column for each field: what lists are
 * filtered and ordered by, so that a list in any order, or a total, is a walk over a few bytes of
 * each record (core/task_selection.h). About 85 bytes a record.
 *
 * It is a copy of what the index has, read when it is first asked for. After that, the first to find
 * that the index is newer brings it up to date, from the chunks that have changed since.
 */
#ifndef BZCTRL_CORE_TASK_TABLE_H
#define BZCTRL_CORE_TASK_TABLE_H

#include "db/db.h"

struct figure;
struct task_sets;
struct task_table;

/* NULL when out of memory. It never takes more than about `bytes_max`; of more records than that
 * holds there is no table. */
struct task_table *task_table_create(size_t bytes_max);
void task_table_destroy(struct task_table *table); /* NULL-safe */

/* Between these two nobody changes the table but by task_table_follow(). Enter before the first look
 * into the index: then the table is hardly ever newer than what is seen of that. */
void task_table_enter(struct task_table *table);
void task_table_leave(struct task_table *table);

/* Makes it what the index is, as `reader` sees that. ERR_BUSY when the table is newer; and
 * ERR_UNAVAILABLE when it has no room. */
enum err task_table_follow(struct task_table *table, struct db *reader, struct op *op) MUST_CHECK;

/* ---- what is in it, for core/task_selection.h ---- */

enum { BLOCK_ROWS = 1024 };

enum block_small {
    SMALL_TYPE,
    SMALL_STATUS,
    SMALL_PRIORITY,
    SMALL_IMPACT,
    SMALL_LIKELIHOOD,
    BLOCK_SMALLS
};

/* What a record refers to, by its code in one of the table's lists. */
enum block_code {
    CODE_WORKSPACE,
    CODE_ASSIGNEE,
    CODE_REPORTER,
    CODE_SOURCE,
    CODE_CATEGORIES, /* of all of them together */
    BLOCK_CODES
};

enum block_number {
    NUMBER_CREATED,
    NUMBER_UPDATED,
    NUMBER_CLOSED,
    NUMBER_DUE,
    NUMBER_AMOUNT,
    NUMBER_MOVED,
    BLOCK_NUMBERS
};

#define NUMBER_NONE INT64_MIN /* the record has no such value */

/* Bounds of a column's numbers in a block, in which all of them lie. */
struct block_bounds {
    int64_t least, greatest; /* of those that there are; least > greatest: none */
    bool none;               /* some have no value */
};

/* Records that come one after another. */
struct task_block {
    size_t n;
    size_t slot; /* its number, which stays the same when others come before it */
    uint64_t
        stamp; /* another one, never 0, whenever it or the index's terms of a row may have changed */
    int64_t ids[BLOCK_ROWS]; /* ascending */
    int64_t numbers[BLOCK_NUMBERS][BLOCK_ROWS];
    uint32_t codes[BLOCK_CODES][BLOCK_ROWS];
    unsigned char smalls[BLOCK_SMALLS][BLOCK_ROWS];
    struct block_bounds bounds[BLOCK_NUMBERS];
};

/* What the index finds of the table's records (core/task_set.h). */
struct task_sets *task_table_sets(const struct task_table *table);

/* In the order of ids. Each slot is less than their number. */
const struct task_block *const *task_table_blocks(const struct task_table *table, size_t *ret_n);

/* Where a record is; false if it is not in the table. */
bool task_table_find(const struct task_table *table, int64_t id, size_t *ret_block,
                     size_t *ret_row);

/* How many codes there are in a column's list, and what one means: the id of an account or a
 * workspace, or the hashes of categories. */
size_t task_table_codes(const struct task_table *table, enum block_code column);
const uint64_t *task_table_meaning(const struct task_table *table, enum block_code column,
                                   size_t code, size_t *ret_n);

#endif
