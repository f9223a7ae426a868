/*
 * A question to the index of records: a connection to it, and the tail, which are the records that
 * changed after the index's positions. Who asks ignores what the index says of these and judges the
 * records themselves, so nobody fails to see what was just written.
 */
#ifndef BZCTRL_CORE_TASK_ASK_H
#define BZCTRL_CORE_TASK_ASK_H

#include "core/task_index.h"
#include "core/task_set.h"
#include "model/task_expr.h"

struct task_set_list {
    struct task_set **items;
    size_t n;
};

struct task_ask {
    struct db *db;     /* the store, in its read transaction */
    struct db *reader; /* the index; the same where it is in the database */
    struct op *op;
    struct task_index *index;
    const struct task_table *table; /* as the index is; NULL: there is none */
    struct sha256 positions;        /* of the index: the same as long as nothing is written to it */
    const struct expr_syntax *syntax;
    int64_t *late_ids; /* of the tail, in order */
    size_t late_count;
    struct task_set_list *taken; /* sets to give back */
};

/* Runs `run`, whose error it returns, with what it needs to ask, the table only if that is wanted; again
 * when the index lags too much, once it has been written to. ERR_UNAVAILABLE when there is no index, or
 * when it does not catch up in time. The filter is what it asks for.
 *
 * `db` is in a read transaction. If that has read already, such as a record that a filter names or what
 * an inbox puts off, its view can be older than that of the index: then a record that changes between
 * the two is found only if it matches before and after. */
enum err task_ask(struct task_index *index, struct db *db, struct op *op,
                  const struct task_filter *filter, bool with_table,
                  enum err (*run)(const struct task_ask *ask, void *arg), void *arg) MUST_CHECK;

/* Sets for a selection (core/task_selection.h) that has exactly the matches of the filter: NULL for each
 * clause that the table knows. *ret_sets is NULL when there are none, or when the index is as quick.
 * Once for a question, which has a table. */
enum err task_ask_sets(const struct task_ask *ask, const struct task_filter *filter,
                       struct task_set *const **ret_sets) MUST_CHECK;

/* Is the record of the tail? */
bool task_ask_is_late(const struct task_ask *ask, int64_t id);

#endif
