#include "store/task_index.h"

#include "store/task_index_sql.h"

/* place = ordinal << 40 | seq; see sql/0002_task.sql. */
enum { SEQ_BITS = 40 };

static const struct task_index_sql *sql_of(const struct db *db)
{
    return db_shared(db) ? &task_index_postgres : &task_index_sqlite;
}

enum err store_index_make(struct db *db, struct op *op)
{
    return db_script(db, op, str_of(task_index_schema));
}

enum err store_index_hasten(struct db *db, struct op *op)
{
    return db_script(db, op, str_of(sql_of(db)->hasten));
}

/* ---- how far it is ---- */

enum err store_index_state(struct db *db, struct op *op, struct index_state *ret_state)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT version, built, done_id, epoch, change FROM index_state",
                 DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    *ret_state = (struct index_state){0};
    if (rows.n > 0)
        *ret_state = (struct index_state){
            .age = {db_get_i64(&rows, 0, 3), db_get_i64(&rows, 0, 4)},
            .version = db_get_i64(&rows, 0, 0),
            .built = db_get_i64(&rows, 0, 1) != 0,
            .done_id = db_get_i64(&rows, 0, 2),
        };
    return ERR_OK;
}

enum err store_index_state_save(struct db *db, struct op *op, const struct index_state *state)
{
    return db_run(db, op,
                  "INSERT INTO index_state (id, version, built, done_id, epoch, change)"
                  " VALUES (1, $1, $2, $3, $4, $5)"
                  " ON CONFLICT (id) DO UPDATE SET version = excluded.version,"
                  " built = excluded.built, done_id = excluded.done_id, epoch = excluded.epoch,"
                  " change = excluded.change",
                  DB_ARGS(db_i64(state->version), db_i64(state->built), db_i64(state->done_id),
                          db_i64(state->age.epoch), db_i64(state->age.change)));
}

enum err store_index_clear(struct db *db, struct op *op)
{
    return db_script(db, op, str_of(sql_of(db)->clear));
}

enum err store_index_positions(struct db *db, struct op *op, struct index_positions *ret_positions)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT ordinal, seq, hash FROM index_position ORDER BY ordinal",
                 DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct index_position *items = ARENA_ARRAY(op->arena, struct index_position, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct index_position){db_get_i64(&rows, i, 0), db_get_i64(&rows, i, 1),
                                           db_get_str(&rows, i, 2)};
    *ret_positions = (struct index_positions){items, rows.n};
    return ERR_OK;
}

enum err store_index_position_save(struct db *db, struct op *op,
                                   const struct index_position *position)
{
    return db_run(db, op,
                  "INSERT INTO index_position (ordinal, seq, hash) VALUES ($1, $2, $3)"
                  " ON CONFLICT (ordinal) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
                  DB_ARGS(db_i64(position->ordinal), db_i64(position->seq),
                          position->hash.p == NULL ? db_null()
                                                   : db_blob(position->hash.p, position->hash.n)));
}

enum err store_index_claim(struct db *db, struct op *op, struct str owner, int64_t until)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "UPDATE follow_lease SET owner = $2, lease_until = $3 WHERE name = $1"
        " AND (owner = $2 OR lease_until < $4) RETURNING name",
        DB_ARGS(db_text(STR("index")), db_blob(owner.p, owner.n), db_i64(until), db_i64(op->now)),
        &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_BUSY : err;
}

/* ---- records ---- */

static struct db_value or_null(int64_t number, int64_t none)
{
    return number == none ? db_null() : db_i64(number);
}

/* Where a row's words are forgotten only by naming them. */
static enum err forget(struct db *db, struct op *op, const struct task_index_sql *sql, int64_t id)
{
    struct db_rows rows;
    enum err err = db_query(db, op, sql->forget, DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n > 0)
        err = db_run(db, op, sql->forget_terms,
                     DB_ARGS(db_i64(id), db_text(db_get_str(&rows, 0, 0))));
    return err;
}

enum err store_index_put(struct db *db, struct op *op, const struct task *task, struct str terms,
                         bool known)
{
    const struct task_index_sql *sql = sql_of(db);
    struct db_value due = or_null(task->due_date, DATE_NONE);
    struct db_value amount = or_null(task->financial_impact, CENTS_NONE);
    struct db_value updated = db_i64(task->updated_at), id = db_i64(task->id);
    if (sql->add_terms == NULL)
        return db_run(db, op, sql->add, DB_ARGS(id, due, amount, updated, db_text(terms)));
    enum err err = known ? forget(db, op, sql, task->id) : ERR_OK;
    if (err == ERR_OK)
        err = db_run(db, op, sql->add, DB_ARGS(id, due, amount, updated));
    if (err == ERR_OK)
        err = db_run(db, op, sql->forget_text, DB_ARGS(id, db_text(terms)));
    return err == ERR_OK ? db_run(db, op, sql->add_terms, DB_ARGS(id, db_text(terms))) : err;
}

enum err store_index_settle(struct db *db, struct op *op, bool built)
{
    const struct task_index_sql *sql = sql_of(db);
    struct db_rows rows;
    enum err err = sql->settle == NULL ? ERR_OK : db_query(db, op, sql->settle, DB_NO_ARGS, &rows);
    return err == ERR_OK && built && sql->survey != NULL ? db_run(db, op, sql->survey, DB_NO_ARGS)
                                                         : err;
}

static enum err changes_read(struct db *db, struct op *op, int64_t *ret_changes)
{
    struct db_rows rows;
    enum err err = db_query(db, op, sql_of(db)->changes, DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_changes = db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_index_purge(struct db *db, struct op *op, bool begins, bool *ret_more)
{
    enum { PAGES = 512 };
    const struct task_index_sql *sql = sql_of(db);
    int64_t before = 0, after = 0;
    *ret_more = false;
    if (sql->merge == NULL)
        return ERR_OK;
    /* FTS5: a negative number begins to merge everything; a merge that changes no more than one row has
     * had nothing to do. */
    enum err err = changes_read(db, op, &before);
    if (err == ERR_OK)
        err = db_run(db, op, sql->merge, DB_ARGS(db_i64(begins ? -PAGES : PAGES)));
    if (err == ERR_OK)
        err = changes_read(db, op, &after);
    *ret_more = after - before > 1;
    return err;
}

enum err store_index_empty_log(struct db *db, struct op *op, bool *ret_done)
{
    struct db_rows rows;
    *ret_done = true;
    if (sql_of(db)->empty_log == NULL)
        return ERR_OK;
    enum err err = db_query(db, op, sql_of(db)->empty_log, DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_done = db_get_i64(&rows, 0, 0) == 0;
    return err;
}

enum err store_index_greatest(struct db *db, struct op *op, int64_t *ret_id)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT MAX(id) FROM task_index", DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_id = db_get_i64(&rows, 0, 0);
    return err;
}

/* ---- asking ---- */

enum err store_index_begin(struct db *db, struct op *op)
{
    struct db_rows rows;
    const char *begin = sql_of(db)->begin;
    return begin == NULL ? ERR_OK : db_query(db, op, begin, DB_NO_ARGS, &rows);
}

enum err store_index_hits(struct db *db, struct op *op, struct str expr, int64_t above,
                          int64_t below, bool oldest_first, int64_t limit, struct db_rows *ret_ids)
{
    const struct task_index_sql *sql = sql_of(db);
    return db_query(db, op, oldest_first ? sql->oldest : sql->newest,
                    DB_ARGS(db_text(expr), db_i64(above), db_i64(below), db_i64(limit)), ret_ids);
}

enum err store_index_hits_within(struct db *db, struct op *op, struct str expr, int64_t above,
                                 int64_t below, struct db_rows *ret_ids)
{
    return db_query(db, op, sql_of(db)->within,
                    DB_ARGS(db_text(expr), db_i64(above), db_i64(below)), ret_ids);
}

enum err store_index_count(struct db *db, struct op *op, struct str expr, int64_t *ret_count)
{
    struct db_rows rows;
    enum err err = db_query(db, op, sql_of(db)->count, DB_ARGS(db_text(expr)), &rows);
    if (err == ERR_OK)
        *ret_count = db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_index_values(struct db *db, struct op *op, struct str expr, enum filter_field field,
                            int64_t limit, struct db_rows *ret_rows)
{
    const struct task_index_sql *sql = sql_of(db);
    return db_query(db, op,
                    field == FILTER_DUE      ? sql->due
                    : field == FILTER_AMOUNT ? sql->amount
                                             : sql->updated,
                    DB_ARGS(db_text(expr), db_i64(limit)), ret_rows);
}

/* ---- the chains ---- */

enum err store_chain_heads(struct db *db, struct op *op, struct chain_heads *ret_heads)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT ordinal, seq, hash FROM chain ORDER BY ordinal",
                            DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct chain_head *items = ARENA_ARRAY(op->arena, struct chain_head, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct chain_head){db_get_i64(&rows, i, 0), db_get_i64(&rows, i, 1),
                                       db_get_str(&rows, i, 2)};
    *ret_heads = (struct chain_heads){items, rows.n};
    return ERR_OK;
}

enum err store_event_hash(struct db *db, struct op *op, int64_t ordinal, int64_t seq,
                          struct str *ret_hash)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT hash FROM event WHERE place = $1",
                            DB_ARGS(db_i64(ordinal << SEQ_BITS | seq)), &rows);
    if (err == ERR_OK)
        *ret_hash = rows.n == 0 ? STR_NONE : db_get_str(&rows, 0, 0);
    return err;
}

enum err store_event_tasks(struct db *db, struct op *op, int64_t ordinal, int64_t after,
                           int64_t limit, struct db_rows *ret_rows)
{
    /* The seq alone; the ordinal is that of the question. */
    return db_query(db, op,
                    "SELECT place - (CAST($4 AS BIGINT) << 40), task_id FROM event"
                    " WHERE place > $1 AND place < $2 ORDER BY place LIMIT $3",
                    DB_ARGS(db_i64(ordinal << SEQ_BITS | after), db_i64((ordinal + 1) << SEQ_BITS),
                            db_i64(limit), db_i64(ordinal)),
                    ret_rows);
}
