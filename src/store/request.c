#include "store/request.h"

enum err store_request_add(struct db *db, struct op *op, const struct logged_request *request)
{
    return db_run(
        db, op,
        "INSERT INTO request (id, account_id, workspace_id, status, at, duration_ms,"
        " dry_run, replayed, method, path, form, idempotency_key, key, problem, body, asked_form,"
        " whole, trace_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
        " $15, $16, $17, $18)",
        DB_ARGS(db_i64(request->id), db_i64(request->account_id),
                request->workspace_id == 0 ? db_null() : db_i64(request->workspace_id),
                db_i64(request->status), db_i64(request->at), db_i64(request->duration_ms),
                db_i64(request->dry_run), db_i64(request->replayed), db_text(request->method),
                db_text(request->path), db_text(request->form), db_text(request->idempotency_key),
                db_text(request->key), db_text(request->problem), db_text(request->body),
                db_text(request->asked_form), db_i64(request->whole), db_text(request->trace_id)));
}

enum err store_request_heads(struct db *db, struct op *op, int64_t account_id, int64_t below,
                             int64_t limit, struct request_heads *ret_heads)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT id, workspace_id, status FROM request"
                            " WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                            DB_ARGS(db_i64(account_id), db_i64(below), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    struct request_head *heads = ARENA_ARRAY(op->arena, struct request_head, rows.n);
    if (heads == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        heads[i] = (struct request_head){.id = db_get_i64(&rows, i, 0),
                                         .workspace_id = db_get_i64(&rows, i, 1),
                                         .status = (int)db_get_i64(&rows, i, 2)};
    *ret_heads = (struct request_heads){heads, rows.n};
    return ERR_OK;
}

enum err store_request_get(struct db *db, struct op *op, int64_t id,
                           struct logged_request *ret_request)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT id, account_id, workspace_id, status, at, duration_ms, dry_run, replayed,"
                 " method, path, form, idempotency_key, key, problem, body, asked_form, whole,"
                 " trace_id"
                 " FROM request"
                 " WHERE id = $1",
                 DB_ARGS(db_i64(id)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    *ret_request = (struct logged_request){
        .id = db_get_i64(&rows, 0, 0),
        .account_id = db_get_i64(&rows, 0, 1),
        .workspace_id = db_get_i64(&rows, 0, 2),
        .status = (int)db_get_i64(&rows, 0, 3),
        .at = db_get_i64(&rows, 0, 4),
        .duration_ms = db_get_i64(&rows, 0, 5),
        .dry_run = db_get_i64(&rows, 0, 6) != 0,
        .replayed = db_get_i64(&rows, 0, 7) != 0,
        .method = db_get_str(&rows, 0, 8),
        .path = db_get_str(&rows, 0, 9),
        .form = db_get_str(&rows, 0, 10),
        .idempotency_key = db_get_str(&rows, 0, 11),
        .key = db_get_str(&rows, 0, 12),
        .problem = db_get_str(&rows, 0, 13),
        .body = db_get_str(&rows, 0, 14),
        .asked_form = db_get_str(&rows, 0, 15),
        .whole = db_get_i64(&rows, 0, 16) != 0,
        .trace_id = db_get_str(&rows, 0, 17),
    };
    return ERR_OK;
}

/* ---- dropping ---- */

enum err store_requests_drop(struct db *db, struct op *op, int64_t below, int64_t limit,
                             size_t *ret_dropped)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "DELETE FROM request WHERE id IN (SELECT id FROM request"
                            " WHERE id < $1 ORDER BY id LIMIT $2) RETURNING id",
                            DB_ARGS(db_i64(below), db_i64(limit)), &rows);
    if (err == ERR_OK)
        *ret_dropped = rows.n;
    return err;
}

enum err store_request_account(struct db *db, struct op *op, int64_t after, int64_t *ret_account_id)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT MIN(account_id) FROM request WHERE account_id > $1",
                            DB_ARGS(db_i64(after)), &rows);
    if (err == ERR_OK)
        *ret_account_id = db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_account_requests_drop(struct db *db, struct op *op, int64_t account_id, int64_t kept,
                                     int64_t limit, size_t *ret_dropped)
{
    /* The newest that is too many, from which all older ones go. */
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT id FROM request WHERE account_id = $1"
                            " ORDER BY id DESC LIMIT 1 OFFSET $2",
                            DB_ARGS(db_i64(account_id), db_i64(kept)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0) {
        *ret_dropped = 0;
        return ERR_OK;
    }
    err = db_query(db, op,
                   "DELETE FROM request WHERE id IN (SELECT id FROM request"
                   " WHERE account_id = $1 AND id <= $2 ORDER BY id LIMIT $3) RETURNING id",
                   DB_ARGS(db_i64(account_id), db_i64(db_get_i64(&rows, 0, 0)), db_i64(limit)),
                   &rows);
    if (err == ERR_OK)
        *ret_dropped = rows.n;
    return err;
}
