#include "store/task_index_sql.h"

#include <stddef.h>

#define HITS "FROM task_index WHERE terms @@ CAST($1 AS tsquery)"

const struct task_index_sql task_index_postgres = {
    .hasten = "SET synchronous_commit = off",
    /* A plan that is made once for all expressions fits none of them. */
    .begin = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),"
             " set_config('jit', 'off', true)",
    .add = "INSERT INTO task_index (id, due_date, financial_impact, updated_at, terms)"
           " VALUES ($1, $2, $3, $4, array_to_tsvector(array_remove(string_to_array($5, ' '), '')))"
           " ON CONFLICT (id) DO UPDATE SET due_date = excluded.due_date,"
           " financial_impact = excluded.financial_impact, updated_at = excluded.updated_at,"
           " terms = excluded.terms",
    .newest = "SELECT id " HITS " AND id > $2 AND id < $3 ORDER BY id DESC LIMIT $4",
    .oldest = "SELECT id " HITS " AND id > $2 AND id < $3 ORDER BY id LIMIT $4",
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
