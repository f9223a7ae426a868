/*
 * A page of a list, found by the index. What happened after the index's positions is read from the
 * chains and judged by task_matches(), so nobody fails to see what was just written.
 *
 * An order other than that of creation is a walk over the buckets of its field, wide ones first:
 * a bucket with few hits is sorted, one with many is divided.
 */
#ifndef BZCTRL_CORE_TASK_SEARCH_H
#define BZCTRL_CORE_TASK_SEARCH_H

#include "core/task.h"
#include "core/task_cursor.h"

/* The cursor is read: `after` is NULL on the first page. ERR_UNAVAILABLE when there is no index, or
 * it lags too much and does not catch up in time. */
enum err task_search(struct db *db, struct op *op, struct task_index *index,
                     const struct task_list_request *request, const struct task_place *after,
                     struct task_page *ret_page) MUST_CHECK;

/* Writes the cursor of a place, in the arena. */
enum err task_next(struct op *op, const struct task_list_request *request,
                   const struct task_place *place, struct str *ret_next) MUST_CHECK;

/* Does the record match? Loads what the filter asks for. */
enum err task_judge_match(struct db *db, struct op *op, const struct task_filter *filter,
                          const struct task *task, bool *ret_matches) MUST_CHECK;

#endif
