#include "store/bulk_change.h"

enum err store_bulk_change_add(struct db *db, struct op *op, const struct bulk_change *bulk)
{
    return db_run(db, op,
                  "INSERT INTO bulk_change (id, account_id, repeatable, keys)"
                  " VALUES ($1, $2, $3, $4)",
                  DB_ARGS(db_i64(bulk->id), db_i64(bulk->account_id), db_i64(bulk->repeatable),
                          db_text(bulk->keys)));
}

enum err store_bulk_change_get(struct db *db, struct op *op, int64_t id,
                               struct bulk_change *ret_bulk)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT account_id, repeatable, keys FROM bulk_change WHERE id = $1",
                 DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_bulk = (struct bulk_change){
            .id = id,
            .account_id = db_get_i64(&rows, 0, 0),
            .repeatable = db_get_i64(&rows, 0, 1) != 0,
            .keys = db_get_str(&rows, 0, 2),
        };
    return err;
}

enum err store_bulk_verdict_add(struct db *db, struct op *op, const struct bulk_verdict *verdict)
{
    return db_run(db, op,
                  "INSERT INTO bulk_verdict (id, bulk_id, place, task_id, domain_id, seq, version,"
                  " undone, text) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)",
                  DB_ARGS(db_i64(verdict->id), db_i64(verdict->bulk_id), db_i64(verdict->place),
                          db_i64(verdict->task_id), db_i64(verdict->domain_id),
                          db_i64(verdict->seq), db_i64(verdict->version), db_text(verdict->text)));
}

enum err store_bulk_verdicts(struct db *db, struct op *op, int64_t bulk_id, int64_t after,
                             int64_t limit, struct bulk_verdict_list *ret_verdicts)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT id, place, task_id, domain_id, seq, version, undone, text"
                            " FROM bulk_verdict WHERE bulk_id = $1 AND place > $2"
                            " ORDER BY place LIMIT $3",
                            DB_ARGS(db_i64(bulk_id), db_i64(after), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    struct bulk_verdict *items = ARENA_ARRAY(op->arena, struct bulk_verdict, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct bulk_verdict){
            .id = db_get_i64(&rows, i, 0),
            .bulk_id = bulk_id,
            .place = db_get_i64(&rows, i, 1),
            .task_id = db_get_i64(&rows, i, 2),
            .domain_id = db_get_i64(&rows, i, 3),
            .seq = db_get_i64(&rows, i, 4),
            .version = db_get_i64(&rows, i, 5),
            .undone = db_get_i64(&rows, i, 6) != 0,
            .text = db_get_str(&rows, i, 7),
        };
    *ret_verdicts = (struct bulk_verdict_list){items, rows.n};
    return ERR_OK;
}

enum err store_bulk_verdict_undone(struct db *db, struct op *op, int64_t id, bool *ret_undone)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT undone FROM bulk_verdict WHERE id = $1",
                            DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK)
        *ret_undone = rows.n > 0 && db_get_i64(&rows, 0, 0) != 0;
    return err;
}

enum err store_bulk_verdict_undo(struct db *db, struct op *op, int64_t id)
{
    return db_run(db, op, "UPDATE bulk_verdict SET undone = 1 WHERE id = $1", DB_ARGS(db_i64(id)));
}

enum err store_bulk_verdict_text(struct db *db, struct op *op, int64_t id, struct str *ret_text)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT text FROM bulk_verdict WHERE id = $1", DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_text = db_get_str(&rows, 0, 0);
    return err;
}

enum err store_bulk_verdict_put(struct db *db, struct op *op, int64_t id, struct str text)
{
    return db_run(db, op, "UPDATE bulk_verdict SET text = $2 WHERE id = $1",
                  DB_ARGS(db_i64(id), db_text(text)));
}

enum err store_bulk_change_drop(struct db *db, struct op *op, int64_t before,
                                int64_t repeatable_before, bool *ret_dropped)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT id FROM bulk_change WHERE id < $1"
                            " AND (repeatable = 0 OR id < $2) ORDER BY id LIMIT 1",
                            DB_ARGS(db_i64(before), db_i64(repeatable_before)), &rows);
    if (err != ERR_OK)
        return err;
    *ret_dropped = rows.n > 0;
    if (rows.n == 0)
        return ERR_OK;
    struct db_value id = db_i64(db_get_i64(&rows, 0, 0));
    err = db_run(db, op, "DELETE FROM bulk_verdict WHERE bulk_id = $1", DB_ARGS(id));
    return err == ERR_OK ? db_run(db, op, "DELETE FROM bulk_change WHERE id = $1", DB_ARGS(id))
                         : err;
}
