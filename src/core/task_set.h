/*
 * What an expression of the index finds, as a bit for each row of the table of records
 * (core/task_table.h). A walk over the index's hits takes as long each time; a set is read once, and
 * after that only of blocks in which something has changed.
 *
 * Sets take some 136 bytes for each block of 1,024 records. Those that were not asked for the longest
 * make room for others.
 */
#ifndef BZCTRL_CORE_TASK_SET_H
#define BZCTRL_CORE_TASK_SET_H

#include "core/task_table.h"

struct task_set;

/* NULL when out of memory. */
struct task_sets *task_sets_create(size_t bytes_max);
void task_sets_destroy(struct task_sets *sets); /* NULL-safe */

/* Of fewer hits there is no set: the index names them at once. */
enum { TASK_SET_HITS_MIN = 200 };

/* The set of an expression (model/task_expr.h), for somebody inside the table, who gives it back before
 * leaving it. `reader` sees the index as the table is. ERR_UNAVAILABLE when it has few hits, or there is no
 * room. */
enum err task_set_take(const struct task_table *table, struct db *reader, struct op *op,
                       struct str expr, struct task_set **ret_set) MUST_CHECK;
void task_set_give(const struct task_table *table, struct task_set *set);

/* The bits of a block's rows, the first being the lowest bit of the first number. */
enum { SET_WORDS = BLOCK_ROWS / 64 };
const uint64_t *task_set_rows(const struct task_set *set, const struct task_block *block);

#endif
