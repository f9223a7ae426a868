#include "store/timer.h"

enum { SEQ_BITS = 40 }; /* of an event's place (sql/0002) */

/* Longer than a lease and what clocks of nodes differ: a lease that ends later was given by a clock that
 * has been set back. */
static const int64_t CLOCKS_APART = 5 * 60 * INT64_C(1000);

#define TIMER_COLUMNS "task_id, due_at, due_since, reminder_since, assigns"

static struct record_timer timer_of(const struct db_rows *rows, size_t i)
{
    return (struct record_timer){
        .task_id = db_get_i64(rows, i, 0),
        .due_at = db_get_i64(rows, i, 1),
        .due_since = db_get_i64(rows, i, 2),
        .reminder_since = db_get_i64(rows, i, 3),
        .assigns = db_get_i64(rows, i, 4) != 0,
    };
}

enum err store_timers_due(struct db *db, struct op *op, int64_t limit,
                          struct timer_list *ret_timers)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT " TIMER_COLUMNS " FROM record_timer"
                            " WHERE due_at <= $1 ORDER BY due_at, task_id LIMIT $2",
                            DB_ARGS(db_i64(op->now), db_i64(limit)), &rows);
    struct record_timer *items =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct record_timer, rows.n + 1) : NULL;
    if (items == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = timer_of(&rows, i);
    *ret_timers = (struct timer_list){items, rows.n};
    return ERR_OK;
}

enum err store_timer_get(struct db *db, struct op *op, int64_t task_id, bool *ret_found,
                         struct record_timer *ret_timer)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT " TIMER_COLUMNS " FROM record_timer"
                            " WHERE task_id = $1",
                            DB_ARGS(db_i64(task_id)), &rows);
    if (err != ERR_OK)
        return err;
    *ret_found = rows.n > 0;
    if (rows.n > 0)
        *ret_timer = timer_of(&rows, 0);
    return ERR_OK;
}

enum err store_timer_put(struct db *db, struct op *op, const struct record_timer *timer)
{
    return db_run(db, op,
                  "INSERT INTO record_timer (" TIMER_COLUMNS ") VALUES ($1, $2, $3, $4, $5)"
                  " ON CONFLICT (task_id) DO UPDATE SET due_at = excluded.due_at,"
                  " assigns = excluded.assigns",
                  DB_ARGS(db_i64(timer->task_id), db_i64(timer->due_at), db_i64(timer->due_since),
                          db_i64(timer->reminder_since), db_i64(timer->assigns)));
}

enum err store_timer_drop(struct db *db, struct op *op, int64_t task_id)
{
    return db_run(db, op, "DELETE FROM record_timer WHERE task_id = $1", DB_ARGS(db_i64(task_id)));
}

enum err store_timer_wake(struct db *db, struct op *op, int64_t task_id, int64_t due_since,
                          int64_t reminder_since, int64_t created_at)
{
    struct db_value due = due_since == TIME_NONE ? db_null() : db_i64(due_since);
    struct db_value reminder = reminder_since == TIME_NONE ? db_null() : db_i64(reminder_since);
    return db_run(db, op,
                  "INSERT INTO record_timer (task_id, due_at, due_since, reminder_since)"
                  " VALUES ($1, 0, COALESCE(CAST($2 AS BIGINT), $4),"
                  " COALESCE(CAST($3 AS BIGINT), $4))"
                  " ON CONFLICT (task_id) DO UPDATE SET due_at = 0,"
                  " due_since = COALESCE(CAST($2 AS BIGINT), record_timer.due_since),"
                  " reminder_since = COALESCE(CAST($3 AS BIGINT), record_timer.reminder_since)",
                  DB_ARGS(db_i64(task_id), due, reminder, db_i64(created_at)));
}

/* ---- what rules have done ---- */

enum err store_firings(struct db *db, struct op *op, int64_t task_id, int32_t due_date,
                       int32_t reminder_date, struct firing_list *ret_firings)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT rule_id, date, step FROM rule_firing WHERE task_id = $1"
                 " AND (date = $2 OR date = $3)",
                 DB_ARGS(db_i64(task_id), db_i64(due_date), db_i64(reminder_date)), &rows);
    struct rule_firing *items =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct rule_firing, rows.n + 1) : NULL;
    if (items == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct rule_firing){.rule_id = db_get_i64(&rows, i, 0),
                                        .date = (int32_t)db_get_i64(&rows, i, 1),
                                        .step = (int32_t)db_get_i64(&rows, i, 2)};
    *ret_firings = (struct firing_list){items, rows.n};
    return ERR_OK;
}

enum err store_firing_add(struct db *db, struct op *op, int64_t task_id, int64_t seq,
                          const struct rule_firing *firing)
{
    return db_run(db, op,
                  "INSERT INTO rule_firing (task_id, seq, rule_id, date, step)"
                  " VALUES ($1, $2, $3, $4, $5)",
                  DB_ARGS(db_i64(task_id), db_i64(seq), db_i64(firing->rule_id),
                          db_i64(firing->date), db_i64(firing->step)));
}

enum err store_task_notice(struct db *db, struct op *op, int64_t task_id, int64_t version,
                           int64_t seq)
{
    return db_run(db, op, "UPDATE task SET version = $2, last_seq = $3 WHERE id = $1",
                  DB_ARGS(db_i64(task_id), db_i64(version), db_i64(seq)));
}

/* ---- sweeps ---- */

enum err store_sweep_add(struct db *db, struct op *op, int64_t workspace_id, int64_t since)
{
    return db_run(db, op,
                  "INSERT INTO rule_sweep (workspace_id, number, since) VALUES ($1, 0, $2)"
                  " ON CONFLICT (workspace_id) DO UPDATE SET number = 0",
                  DB_ARGS(db_i64(workspace_id), db_i64(since)));
}

enum err store_sweep_next(struct db *db, struct op *op, int64_t after, struct rule_sweep *ret_sweep)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT workspace_id, number, since FROM rule_sweep"
                            " WHERE workspace_id > $1 ORDER BY workspace_id LIMIT 1",
                            DB_ARGS(db_i64(after)), &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_sweep = (struct rule_sweep){db_get_i64(&rows, 0, 0), db_get_i64(&rows, 0, 1),
                                         db_get_i64(&rows, 0, 2)};
    return err;
}

enum err store_sweep_records(struct db *db, struct op *op, const struct rule_sweep *sweep,
                             int64_t limit, struct db_rows *ret_ids, int64_t *ret_last)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT number FROM task WHERE workspace_id = $1 AND number > $2 ORDER BY number LIMIT $3",
        DB_ARGS(db_i64(sweep->workspace_id), db_i64(sweep->number), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    *ret_last = rows.n < (size_t)limit ? 0 : db_get_i64(&rows, rows.n - 1, 0);
    int64_t last = rows.n == 0 ? sweep->number : db_get_i64(&rows, rows.n - 1, 0);
    return db_query(db, op,
                    "SELECT id FROM task WHERE workspace_id = $1 AND number > $2 AND number <= $3"
                    " AND status <> $4 AND (due_date IS NOT NULL OR reminder_date IS NOT NULL)"
                    " ORDER BY number",
                    DB_ARGS(db_i64(sweep->workspace_id), db_i64(sweep->number), db_i64(last),
                            db_i64(STATUS_DONE)),
                    ret_ids);
}

enum err store_sweep_move(struct db *db, struct op *op, const struct rule_sweep *sweep,
                          int64_t number)
{
    struct db_rows rows;
    enum err err =
        number == 0
            ? db_query(db, op,
                       "DELETE FROM rule_sweep WHERE workspace_id = $1 AND number = $2"
                       " RETURNING workspace_id",
                       DB_ARGS(db_i64(sweep->workspace_id), db_i64(sweep->number)), &rows)
            : db_query(db, op,
                       "UPDATE rule_sweep SET number = $3 WHERE workspace_id = $1 AND number = $2"
                       " RETURNING workspace_id",
                       DB_ARGS(db_i64(sweep->workspace_id), db_i64(sweep->number), db_i64(number)),
                       &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_OUTDATED : err;
}

/* ---- positions ---- */

enum err store_rule_positions(struct db *db, struct op *op, struct db_rows *ret_rows)
{
    return db_query(db, op, "SELECT ordinal, seq FROM rule_position ORDER BY ordinal", DB_NO_ARGS,
                    ret_rows);
}

enum err store_rule_position_move(struct db *db, struct op *op, int64_t ordinal, int64_t from,
                                  int64_t seq)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "INSERT INTO rule_position (ordinal, seq) VALUES ($1, $3)"
                            " ON CONFLICT (ordinal) DO UPDATE SET seq = excluded.seq"
                            " WHERE rule_position.seq = $2 RETURNING ordinal",
                            DB_ARGS(db_i64(ordinal), db_i64(from), db_i64(seq)), &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_OUTDATED : err;
}

enum err store_created_after(struct db *db, struct op *op, int64_t ordinal, int64_t after,
                             int64_t limit, struct created_list *ret_created)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT e.place - (CAST($4 AS BIGINT) << 40), t.id, t.workspace_id,"
                 " t.reminder_date FROM event e LEFT JOIN task t"
                 " ON t.id = e.task_id AND e.action = 'task.created'"
                 " WHERE e.place > $1 AND e.place < $2 ORDER BY e.place LIMIT $3",
                 DB_ARGS(db_i64(ordinal << SEQ_BITS | after), db_i64((ordinal + 1) << SEQ_BITS),
                         db_i64(limit), db_i64(ordinal)),
                 &rows);
    struct created *items =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct created, rows.n + 1) : NULL;
    if (items == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct created){.seq = db_get_i64(&rows, i, 0),
                                    .task_id = db_get_i64(&rows, i, 1),
                                    .workspace_id = db_get_i64(&rows, i, 2),
                                    .reminds = !db_is_null(&rows, i, 3)};
    *ret_created = (struct created_list){items, rows.n};
    return ERR_OK;
}

enum err store_rule_lease(struct db *db, struct op *op, struct str owner, int64_t until,
                          bool *ret_ours)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "UPDATE rule_lease SET owner = $1, lease_until = $2"
                 " WHERE owner = $1 OR lease_until < $3 OR lease_until > $4 RETURNING id",
                 DB_ARGS(db_blob(owner.p, owner.n), db_i64(until), db_i64(op->now),
                         db_i64(op->now + CLOCKS_APART)),
                 &rows);
    if (err == ERR_OK)
        *ret_ours = rows.n > 0;
    return err;
}
