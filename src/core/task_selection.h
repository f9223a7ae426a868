/*
 * What a filter selects of the table of records (core/task_table.h). The table knows the fields that a
 * figure has, so of some filters a selection is only a part: it has all records that match, and
 * perhaps more.
 */
#ifndef BZCTRL_CORE_TASK_SELECTION_H
#define BZCTRL_CORE_TASK_SELECTION_H

#include "core/task_cursor.h"
#include "core/task_set.h"

struct task_selection;

/* Does the table know what the clause looks at? */
bool task_selection_knows(const struct filter_clause *clause);

/* Does the table know all that the filter looks at? Then its selection has exactly the matches. */
bool task_selection_is_exact(const struct task_filter *filter);

/* Makes it in the arena, for as long as the table is not changed. `sets` has the set of each clause that
 * the table does not know, NULL for the others; without it such clauses are left out. NULL when out of
 * memory. */
struct task_selection *task_selection_make(struct arena *arena, const struct task_table *table,
                                           const struct task_filter *filter,
                                           struct task_set *const *sets);

int64_t task_selection_count(const struct task_selection *selection);
bool task_selection_has(const struct task_selection *selection, int64_t id);

/* The selected rows of a block, in their order, of which there is room for BLOCK_ROWS; returns how many
 * there are. With `ids`, n of them ascending, only rows of these. */
size_t task_selection_rows(const struct task_selection *selection, size_t block, const int64_t *ids,
                           size_t n, uint16_t *ret_rows);

/* The first places, at most `limit`, that come after one in a list (NULL: from its beginning), in
 * their order. Nothing stays in the arena. ERR_MEMORY. */
enum err task_selection_places(const struct task_selection *selection, struct arena *arena,
                               const struct task_list_request *request,
                               const struct task_place *after, size_t limit,
                               struct task_place *ret_places, size_t *ret_n) MUST_CHECK;

/* The same of n records alone, whether or not they are selected; their ids are descending. */
enum err task_table_places(const struct task_table *table, struct arena *arena,
                           const struct task_list_request *request, const int64_t *ids, size_t n,
                           const struct task_place *after, size_t limit,
                           struct task_place *ret_places, size_t *ret_n) MUST_CHECK;

/* About how many records of the table come at or after that one. */
size_t task_table_rows_from(const struct task_table *table, int64_t id);

#endif
