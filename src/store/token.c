#include "store/token.h"

enum err store_token_family_add(struct db *db, struct op *op, const struct token_family *family)
{
    return db_run(db, op,
                  "INSERT INTO token_family (id, account_id, client_id, scope, created_at,"
                  " expires_at, revoked, secret_id, sign_in, address, agent)"
                  " VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10)",
                  DB_ARGS(db_i64(family->id), db_i64(family->account_id),
                          family->client_id == 0 ? db_null() : db_i64(family->client_id),
                          db_text(family->scope), db_i64(family->created_at),
                          db_i64(family->expires_at),
                          family->secret_id == 0 ? db_null() : db_i64(family->secret_id),
                          db_i64(family->sign_in), db_text(family->from.address),
                          db_text(family->from.agent)));
}

enum err store_token_family_end(struct db *db, struct op *op, int64_t family_id)
{
    return db_run(db, op, "UPDATE token_family SET revoked = 1 WHERE id = $1 AND revoked = 0",
                  DB_ARGS(db_i64(family_id)));
}

enum err store_token_add(struct db *db, struct op *op, const struct token *token)
{
    return db_run(db, op,
                  "INSERT INTO token (id, kind, hash, family_id, scope, created_at, expires_at,"
                  " used_at, successor_id, revoked) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0)",
                  DB_ARGS(db_i64(token->id), db_i64(token->kind),
                          db_blob(token->hash.bytes, sizeof token->hash.bytes),
                          db_i64(token->family.id), db_text(token->scope),
                          db_i64(token->created_at), db_i64(token->expires_at)));
}

#define SELECT_TOKEN                                                                               \
    "SELECT t.id, t.kind, t.hash, t.scope, t.created_at, t.expires_at, t.used_at, t.successor_id," \
    " t.revoked, f.id, f.account_id, f.client_id, f.scope, f.created_at, f.expires_at,"            \
    " CASE WHEN f.sign_in <> a.sign_in THEN 1 ELSE f.revoked END, a.disabled, f.secret_id,"        \
    " c.disabled, s.id FROM token t"                                                               \
    " JOIN token_family f ON f.id = t.family_id JOIN account a ON a.id = f.account_id"             \
    " LEFT JOIN account c ON c.id = f.client_id"                                                   \
    " LEFT JOIN client_secret s ON s.id = f.secret_id "

static enum err token_of_row(struct op *op, enum err err, const struct db_rows *rows,
                             struct token *ret_token)
{
    if (err != ERR_OK)
        return err;
    if (rows->n == 0)
        return ERR_NOT_FOUND;
    struct token token = {
        .id = db_get_i64(rows, 0, 0),
        .kind = (enum token_kind)db_get_i64(rows, 0, 1),
        .scope = db_get_str(rows, 0, 3),
        .created_at = db_get_i64(rows, 0, 4),
        .expires_at = db_get_i64(rows, 0, 5),
        .used_at = db_get_i64(rows, 0, 6),
        .successor_id = db_get_i64(rows, 0, 7),
        .revoked = db_get_i64(rows, 0, 8) != 0,
        .family =
            {
                .id = db_get_i64(rows, 0, 9),
                .account_id = db_get_i64(rows, 0, 10),
                .client_id = db_get_i64(rows, 0, 11),
                .scope = db_get_str(rows, 0, 12),
                .created_at = db_get_i64(rows, 0, 13),
                .expires_at = db_get_i64(rows, 0, 14),
                .revoked = db_get_i64(rows, 0, 15) != 0,
                .account_disabled = db_get_i64(rows, 0, 16) != 0,
                .secret_id = db_get_i64(rows, 0, 17),
                .client_ended = db_get_i64(rows, 0, 18) != 0 ||
                                (!db_is_null(rows, 0, 17) && db_is_null(rows, 0, 19)),
            },
    };
    struct str hash = db_get_str(rows, 0, 2);
    if (hash.n != sizeof token.hash.bytes)
        return op_fail(op, ERR_CORRUPT, "The stored hash of token %lld is not a SHA-256.",
                       (long long)token.id);
    for (size_t i = 0; i < hash.n; i++)
        token.hash.bytes[i] = (unsigned char)hash.p[i];
    *ret_token = token;
    return ERR_OK;
}

enum err store_token_get(struct db *db, struct op *op, const struct sha256 *hash,
                         struct token *ret_token)
{
    struct db_rows rows;
    enum err err = db_query(db, op, SELECT_TOKEN "WHERE t.hash = $1",
                            DB_ARGS(db_blob(hash->bytes, sizeof hash->bytes)), &rows);
    return token_of_row(op, err, &rows, ret_token);
}

enum err store_token_get_by_id(struct db *db, struct op *op, int64_t id, struct token *ret_token)
{
    struct db_rows rows;
    enum err err = db_query(db, op, SELECT_TOKEN "WHERE t.id = $1", DB_ARGS(db_i64(id)), &rows);
    return token_of_row(op, err, &rows, ret_token);
}

enum err store_token_exchange(struct db *db, struct op *op, int64_t id, int64_t before,
                              int64_t used_at, int64_t successor_id)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "UPDATE token SET used_at = $1, successor_id = $2 WHERE id = $3 AND successor_id = $4"
        " RETURNING id",
        DB_ARGS(db_i64(used_at), db_i64(successor_id), db_i64(id), db_i64(before)), &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_RETRY : err;
}

enum err store_token_revoke(struct db *db, struct op *op, int64_t id)
{
    return db_run(db, op, "UPDATE token SET revoked = 1 WHERE id = $1", DB_ARGS(db_i64(id)));
}

enum err store_token_extend(struct db *db, struct op *op, int64_t id, int64_t expires_at)
{
    return db_run(
        db, op, "UPDATE token SET expires_at = $1, used_at = $3 WHERE id = $2 AND expires_at < $1",
        DB_ARGS(db_i64(expires_at), db_i64(id), db_i64(op->now)));
}

enum err store_tokens_drop(struct db *db, struct op *op, int64_t now, bool *ret_more)
{
    enum { TOKENS = 256, FAMILIES = 256 };
    struct db_rows tokens, families;
    enum err err = db_query(db, op,
                            "DELETE FROM token WHERE id IN (SELECT id FROM token"
                            " WHERE expires_at < $1 ORDER BY expires_at LIMIT $2) RETURNING id",
                            DB_ARGS(db_i64(now), db_i64(TOKENS)), &tokens);
    if (err == ERR_OK)
        err = db_query(db, op,
                       "DELETE FROM token_family WHERE id IN (SELECT f.id FROM token_family f"
                       " WHERE f.expires_at < $1"
                       " AND NOT EXISTS (SELECT 1 FROM token t WHERE t.family_id = f.id)"
                       " ORDER BY f.expires_at LIMIT $2) RETURNING id",
                       DB_ARGS(db_i64(now), db_i64(FAMILIES)), &families);
    if (err == ERR_OK)
        *ret_more = tokens.n == TOKENS || families.n == FAMILIES;
    return err;
}
