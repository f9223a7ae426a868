#include "store/task_index_sql.h"

#include <stddef.h>

#define HITS "FROM task_index WHERE terms @@ CAST($1 AS tsquery)"

/*
 * The first hits in an order of ids. Asked for them plainly, the planner walks over all records whenever it
 * takes a term to be less rare than it is, which it does of each that few records have: a million in 0.4 s.
 * So it walks over some only. Where these have too few hits, all hits are rare enough to be found in the index
 * and sorted; the sums keep it from the ids' own. The parts come in this order, since nothing here runs in parallel.
 */
#define NEAR "FROM task_index WHERE id > $2 AND id < $3 ORDER BY id"
#define FIRST_HITS(order, last, beyond)                                                            \
    "SELECT id FROM (SELECT id, terms " NEAR order " LIMIT 4096) near"                             \
    " WHERE terms @@ CAST($1 AS tsquery) UNION ALL"                                                \
    " SELECT id FROM (SELECT id " HITS " AND id + 0 > $2 AND id + 0 < $3 AND id + 0 " beyond       \
    " (SELECT " last "(id) FROM (SELECT id " NEAR order " LIMIT 4096) near)"                       \
    " ORDER BY id + 0" order ") far LIMIT $4"

const struct task_index_sql task_index_postgres = {
    .hasten = "SET synchronous_commit = off",
    /* A plan that is made once for all expressions fits none of them. */
    .begin = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),"
             " set_config('jit', 'off', true),"
             " set_config('max_parallel_workers_per_gather', '0', true)",
    .add = "INSERT INTO task_index (id, due_date, financial_impact, updated_at, terms)"
           " VALUES ($1, $2, $3, $4, array_to_tsvector(array_remove(string_to_array($5, ' '), '')))"
           " ON CONFLICT (id) DO UPDATE SET due_date = excluded.due_date,"
           " financial_impact = excluded.financial_impact, updated_at = excluded.updated_at,"
           " terms = excluded.terms",
    .newest = FIRST_HITS(" DESC", "MIN", "<"),
    .oldest = FIRST_HITS("", "MAX", ">"),
    .within = "SELECT id " HITS " AND id > $2 AND id < $3 ORDER BY id",
    .count = "SELECT COUNT(*) " HITS,
    .due = "SELECT id, due_date " HITS " LIMIT $2",
    .amount = "SELECT id, financial_impact " HITS " LIMIT $2",
    .updated = "SELECT id, updated_at " HITS " LIMIT $2",
    .clear = "DELETE FROM index_state; DELETE FROM index_position; DELETE FROM task_index;"
             " DELETE FROM task_figure;",
    /* What a GIN index has not sorted in yet is read whole by each query, and the planner would rather
     * walk over all records than do that. */
    .settle = "SELECT gin_clean_pending_list('task_index_by_terms')",
    .survey = "ANALYZE task_index",
};
