#include "store/person.h"

#include "model/token.h"

enum err store_person_add(struct db *db, struct op *op, int64_t account_id,
                          const struct person_settings *settings, struct str password_hash)
{
    return db_run(db, op,
                  "INSERT INTO account (id, kind, email, name, password_hash, password_grant,"
                  " admin, disabled, created_at, password_by, changed)"
                  " VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9,"
                  " (SELECT version + 1 FROM directory_version))",
                  DB_ARGS(db_i64(account_id), db_text(settings->email), db_text(settings->name),
                          db_text(password_hash), db_i64(settings->password_grant),
                          db_i64(settings->admin), db_i64(settings->disabled), db_i64(op->now),
                          db_i64(PASSWORD_BY_OPERATOR)));
}

enum err store_person_change(struct db *db, struct op *op, int64_t account_id,
                             const struct person_settings *settings)
{
    return db_run(db, op,
                  "UPDATE account SET name = $2, password_grant = $3, admin = $4, disabled = $5,"
                  " version = version + 1, changed = (SELECT version + 1 FROM directory_version)"
                  " WHERE id = $1",
                  DB_ARGS(db_i64(account_id), db_text(settings->name),
                          db_i64(settings->password_grant), db_i64(settings->admin),
                          db_i64(settings->disabled)));
}

enum err store_grant_set(struct db *db, struct op *op, int64_t account_id, int64_t domain_id,
                         enum role role)
{
    if (role == ROLE_NONE)
        return db_run(db, op, "DELETE FROM account_grant WHERE account_id = $1 AND domain_id = $2",
                      DB_ARGS(db_i64(account_id), db_i64(domain_id)));
    return db_run(db, op,
                  "INSERT INTO account_grant (account_id, domain_id, role) VALUES ($1, $2, $3)"
                  " ON CONFLICT (account_id, domain_id) DO UPDATE SET role = excluded.role",
                  DB_ARGS(db_i64(account_id), db_i64(domain_id), db_i64(role)));
}

enum err store_password_set(struct db *db, struct op *op, int64_t account_id,
                            struct str password_hash)
{
    return db_run(db, op, "UPDATE account SET password_hash = $2 WHERE id = $1",
                  DB_ARGS(db_i64(account_id), db_text(password_hash)));
}

enum err store_password_give(struct db *db, struct op *op, int64_t account_id,
                             struct str password_hash, int64_t by, struct account_ids *ret_others)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "UPDATE account SET password_by = $3,"
                 " changed = (SELECT version + 1 FROM directory_version)"
                 " WHERE password_by = $1 AND (SELECT COALESCE(password_by, -2)"
                 " FROM account WHERE id = $1) NOT IN (0, $2) RETURNING id",
                 DB_ARGS(db_i64(account_id), db_i64(by), db_i64(PASSWORD_BY_OTHERS)), &rows);
    if (err != ERR_OK)
        return err;
    int64_t *others = ARENA_ARRAY(op->arena, int64_t, rows.n);
    if (others == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        others[i] = db_get_i64(&rows, i, 0);
    err = db_run(db, op,
                 "UPDATE account SET password_hash = $2, password_by = $3,"
                 " changed = (SELECT version + 1 FROM directory_version) WHERE id = $1",
                 DB_ARGS(db_i64(account_id), db_text(password_hash), db_i64(by)));
    if (err == ERR_OK)
        err = db_run(db, op, "DELETE FROM password_reset WHERE made_by = $1",
                     DB_ARGS(db_i64(account_id)));
    *ret_others = (struct account_ids){others, rows.n};
    return err == ERR_OK ? store_sign_ins_end(db, op, account_id, 0) : err;
}

enum err store_sign_ins_end(struct db *db, struct op *op, int64_t account_id, int64_t kept)
{
    enum err err = db_run(db, op, "UPDATE account SET sign_in = sign_in + 1 WHERE id = $1",
                          DB_ARGS(db_i64(account_id)));
    if (err == ERR_OK && kept != 0)
        err = db_run(db, op,
                     "UPDATE token_family SET sign_in = sign_in + 1"
                     " WHERE id = $1 AND account_id = $2 AND sign_in ="
                     " (SELECT sign_in - 1 FROM account WHERE id = $2)",
                     DB_ARGS(db_i64(kept), db_i64(account_id)));
    return err == ERR_OK ? store_password_reset_drop(db, op, account_id) : err;
}

/* ---- links for a new password ---- */

enum err store_password_reset_put(struct db *db, struct op *op, const struct password_reset *reset)
{
    return db_run(db, op,
                  "INSERT INTO password_reset (account_id, hash, made_by, created_at, expires_at)"
                  " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id) DO UPDATE SET"
                  " hash = excluded.hash, made_by = excluded.made_by,"
                  " created_at = excluded.created_at, expires_at = excluded.expires_at",
                  DB_ARGS(db_i64(reset->account_id),
                          db_blob(reset->hash.bytes, sizeof reset->hash.bytes),
                          reset->made_by == 0 ? db_null() : db_i64(reset->made_by), db_i64(op->now),
                          db_i64(reset->expires_at)));
}

enum err store_password_reset_get(struct db *db, struct op *op, const struct sha256 *hash,
                                  struct password_reset *ret_reset)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT account_id, made_by, expires_at FROM password_reset"
                            " WHERE hash = $1",
                            DB_ARGS(db_blob(hash->bytes, sizeof hash->bytes)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    *ret_reset = (struct password_reset){
        .account_id = db_get_i64(&rows, 0, 0),
        .made_by = db_get_i64(&rows, 0, 1),
        .expires_at = db_get_i64(&rows, 0, 2),
        .hash = *hash,
    };
    return ERR_OK;
}

enum err store_password_reset_maker(struct db *db, struct op *op, int64_t account_id,
                                    int64_t *ret_made_by)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT made_by FROM password_reset WHERE account_id = $1",
                            DB_ARGS(db_i64(account_id)), &rows);
    if (err == ERR_OK)
        *ret_made_by = rows.n == 0 ? PASSWORD_NONE : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_password_reset_drop(struct db *db, struct op *op, int64_t account_id)
{
    return db_run(db, op, "DELETE FROM password_reset WHERE account_id = $1",
                  DB_ARGS(db_i64(account_id)));
}

enum err store_password_resets_drop(struct db *db, struct op *op, int64_t now)
{
    return db_run(db, op, "DELETE FROM password_reset WHERE expires_at < $1", DB_ARGS(db_i64(now)));
}

/* ---- own sign-ins ---- */

enum err store_sign_ins(struct db *db, struct op *op, int64_t account_id, int64_t below,
                        int64_t limit, struct sign_in_list *ret_sign_ins)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT f.id, f.created_at, c.email,"
        " (SELECT MAX(t.kind) FROM token t WHERE t.family_id = f.id),"
        " (SELECT MAX(t.expires_at) FROM token t WHERE t.family_id = f.id AND t.revoked = 0),"
        " (SELECT MAX(CASE WHEN t.used_at > t.created_at THEN t.used_at ELSE t.created_at END)"
        " FROM token t WHERE t.family_id = f.id), f.address, f.agent"
        " FROM token_family f JOIN account a ON a.id = f.account_id"
        " LEFT JOIN account c ON c.id = f.client_id"
        " WHERE f.account_id = $1 AND f.secret_id IS NULL AND f.id < $2 AND f.revoked = 0"
        " AND f.sign_in = a.sign_in AND f.expires_at > $3 ORDER BY f.id DESC LIMIT $4",
        DB_ARGS(db_i64(account_id), db_i64(below), db_i64(op->now), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    struct sign_in *items = ARENA_ARRAY(op->arena, struct sign_in, rows.n);
    size_t n = 0;
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        if (db_get_i64(&rows, i, 4) > op->now)
            items[n++] = (struct sign_in){
                .id = db_get_i64(&rows, i, 0),
                .created_at = db_get_i64(&rows, i, 1),
                .client = db_get_str(&rows, i, 2),
                .app = db_get_i64(&rows, i, 3) == TOKEN_SESSION,
                .expires_at = db_get_i64(&rows, i, 4),
                .used_at = db_get_i64(&rows, i, 5),
                .address = db_get_str(&rows, i, 6),
                .agent = db_get_str(&rows, i, 7),
            };
    int64_t next = rows.n == (size_t)limit ? db_get_i64(&rows, rows.n - 1, 0) : 0;
    *ret_sign_ins = (struct sign_in_list){items, n, next};
    return ERR_OK;
}

enum err store_sign_in_end(struct db *db, struct op *op, int64_t account_id, int64_t id)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "UPDATE token_family SET revoked = 1 WHERE id = $1 AND account_id = $2"
                            " AND secret_id IS NULL AND revoked = 0 RETURNING id",
                            DB_ARGS(db_i64(id), db_i64(account_id)), &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_NOT_FOUND : err;
}
