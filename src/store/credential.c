#include "store/credential.h"

enum err store_credential_get(struct db *db, struct op *op, struct str email,
                              struct credential *ret_credential)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT id, password_hash, password_grant, disabled, sign_in,"
                 " CASE WHEN admin = 1 AND password_by = 0 THEN 1 ELSE 0 END FROM account"
                 " WHERE email = $1 AND kind = 1",
                 DB_ARGS(db_text(email)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    struct str hash = db_get_str(&rows, 0, 1);
    struct credential credential = {
        .account_id = db_get_i64(&rows, 0, 0),
        .password_hash = arena_str(op->arena, hash),
        .password_grant = db_get_i64(&rows, 0, 2) != 0,
        .disabled = db_get_i64(&rows, 0, 3) != 0,
        .sign_in = db_get_i64(&rows, 0, 4),
        .emergency = db_get_i64(&rows, 0, 5) != 0,
    };
    if (hash.p != NULL && credential.password_hash.p == NULL)
        return ERR_MEMORY;
    *ret_credential = credential;
    return ERR_OK;
}

enum err store_credential_rehash(struct db *db, struct op *op, int64_t account_id,
                                 struct str before, struct str after)
{
    return db_run(db, op,
                  "UPDATE account SET password_hash = $1 WHERE id = $2 AND password_hash = $3",
                  DB_ARGS(db_text(after), db_i64(account_id), db_text(before)));
}
