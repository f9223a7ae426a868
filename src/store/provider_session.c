#include "store/provider_session.h"

static struct db_value blob_or_null(struct str bytes)
{
    return bytes.p == NULL ? db_null() : db_blob(bytes.p, bytes.n);
}

enum err store_provider_session_add(struct db *db, struct op *op,
                                    const struct provider_session *session)
{
    return db_run(db, op,
                  "INSERT INTO provider_session (family_id, issuer, subject, refresh, checked_at,"
                  " due_at) VALUES ($1, $2, $3, $4, $5, $6)",
                  DB_ARGS(db_i64(session->family_id), db_text(session->issuer),
                          db_text(session->subject), blob_or_null(session->refresh),
                          db_i64(session->checked_at), db_i64(session->due_at)));
}

enum err store_provider_session_is(struct db *db, struct op *op, int64_t family_id, bool *ret_is)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT 1 FROM provider_session WHERE family_id = $1",
                            DB_ARGS(db_i64(family_id)), &rows);
    if (err == ERR_OK)
        *ret_is = rows.n > 0;
    return err;
}

enum err store_provider_session_claim(struct db *db, struct op *op, int64_t until,
                                      struct provider_session *ret_session)
{
    struct db_rows rows;
    enum err err = db_run(db, op,
                          "DELETE FROM provider_session WHERE due_at <= $1 AND family_id IN"
                          " (SELECT f.id FROM token_family f JOIN account a ON a.id = f.account_id"
                          " WHERE f.id = family_id AND (f.revoked = 1 OR f.sign_in <> a.sign_in"
                          " OR f.expires_at <= $1 OR a.disabled = 1))",
                          DB_ARGS(db_i64(op->now)));
    if (err == ERR_OK)
        err = db_query(db, op,
                       "UPDATE provider_session SET due_at = $2 WHERE family_id ="
                       " (SELECT family_id FROM provider_session WHERE due_at <= $1"
                       " ORDER BY due_at, family_id LIMIT 1)"
                       " RETURNING family_id, issuer, subject, refresh, checked_at",
                       DB_ARGS(db_i64(op->now), db_i64(until)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    *ret_session = (struct provider_session){
        .family_id = db_get_i64(&rows, 0, 0),
        .issuer = db_get_str(&rows, 0, 1),
        .subject = db_get_str(&rows, 0, 2),
        .refresh = db_get_str(&rows, 0, 3),
        .checked_at = db_get_i64(&rows, 0, 4),
        .due_at = until,
    };
    return ERR_OK;
}

enum err store_provider_session_confirm(struct db *db, struct op *op,
                                        const struct provider_session *session)
{
    return db_run(db, op,
                  "UPDATE provider_session SET refresh = $2, checked_at = $3, due_at = $4"
                  " WHERE family_id = $1",
                  DB_ARGS(db_i64(session->family_id), blob_or_null(session->refresh),
                          db_i64(session->checked_at), db_i64(session->due_at)));
}

enum err store_provider_session_drop(struct db *db, struct op *op, int64_t family_id)
{
    return db_run(db, op, "DELETE FROM provider_session WHERE family_id = $1",
                  DB_ARGS(db_i64(family_id)));
}

/* ---- tests ---- */

enum err store_sign_in_test_put(struct db *db, struct op *op, int64_t account_id,
                                const struct sha256 *state, int64_t expires_at)
{
    return db_run(db, op,
                  "INSERT INTO sign_in_test (account_id, state, expires_at) VALUES ($1, $2, $3)"
                  " ON CONFLICT (account_id) DO UPDATE SET state = excluded.state,"
                  " expires_at = excluded.expires_at, result = NULL",
                  DB_ARGS(db_i64(account_id), db_blob(state->bytes, sizeof state->bytes),
                          db_i64(expires_at)));
}

enum err store_sign_in_test_end(struct db *db, struct op *op, const struct sha256 *state,
                                struct str result)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "UPDATE sign_in_test SET result = $2"
        " WHERE state = $1 AND result IS NULL AND expires_at > $3"
        " RETURNING account_id",
        DB_ARGS(db_blob(state->bytes, sizeof state->bytes), db_text(result), db_i64(op->now)),
        &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_NOT_FOUND : err;
}

enum err store_sign_in_test_get(struct db *db, struct op *op, int64_t account_id,
                                struct str *ret_result)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT result FROM sign_in_test WHERE account_id = $1",
                            DB_ARGS(db_i64(account_id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_result = db_get_str(&rows, 0, 0);
    return err;
}
