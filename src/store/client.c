#include "store/client.h"

#include "model/scope.h"
#include "store/time.h"

#include <stdlib.h>

/* ---- reading them whole ---- */

/* The workspaces of one account in rows of (account, workspace), ordered by account: from *at on,
 * which is moved behind them. */
static enum err places_take(struct op *op, struct arena *arena, const struct directory *directory,
                            const struct db_rows *rows, int64_t account_id, size_t *at,
                            struct client_places *ret_places)
{
    size_t n = 0;
    while (*at + n < rows->n && db_get_i64(rows, *at + n, 0) == account_id)
        n++;
    const struct workspace **items = ARENA_ARRAY(arena, const struct workspace *, n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        items[i] = directory_workspace_by_id(directory, db_get_i64(rows, *at + i, 1));
        if (items[i] == NULL)
            return op_fail(op, ERR_CORRUPT, "a client has a workspace that does not exist");
    }
    *at += n;
    *ret_places = (struct client_places){items, n};
    return ERR_OK;
}

enum err store_clients_load(struct db *db, struct op *op, struct arena *arena,
                            const struct directory *directory, struct account *accounts,
                            int64_t after)
{
    struct db_rows rows, limits, readings;
    enum err err = db_query(db, op,
                            "SELECT c.account_id, d.key, c.scope, c.version, a.created_at"
                            " FROM client c JOIN domain d ON d.id = c.domain_id"
                            " JOIN account a ON a.id = c.account_id WHERE a.changed > $1"
                            " ORDER BY c.account_id",
                            DB_ARGS(db_i64(after)), &rows);
    if (err == ERR_OK)
        err = db_query(db, op,
                       "SELECT w.account_id, w.workspace_id FROM client_workspace w"
                       " JOIN account a ON a.id = w.account_id WHERE a.changed > $1"
                       " ORDER BY w.account_id, w.workspace_id",
                       DB_ARGS(db_i64(after)), &limits);
    if (err == ERR_OK)
        err = db_query(db, op,
                       "SELECT r.account_id, r.workspace_id FROM client_reading r"
                       " JOIN account a ON a.id = r.account_id WHERE a.changed > $1"
                       " ORDER BY r.account_id, r.workspace_id",
                       DB_ARGS(db_i64(after)), &readings);
    if (err != ERR_OK)
        return err;
    struct client *clients = ARENA_ARRAY(arena, struct client, rows.n);
    if (clients == NULL)
        return ERR_MEMORY;
    size_t limit = 0, reading = 0;
    for (size_t i = 0; i < rows.n; i++) {
        struct client *client = &clients[i];
        struct client_settings *settings = &client->settings;
        struct str scope = db_get_str(&rows, i, 2);
        client->account = directory_account_by_id(directory, db_get_i64(&rows, i, 0));
        client->version = db_get_i64(&rows, i, 3);
        client->created_at = db_get_i64(&rows, i, 4);
        settings->domain = directory_domain(directory, db_get_str(&rows, i, 1));
        if (client->account == NULL || settings->domain == NULL ||
            (scope.n > 0 && !scopes_read(scope, &settings->scopes)))
            return op_fail(op, ERR_CORRUPT, "a stored client is damaged");
        settings->name = client->account->name;
        settings->disabled = client->account->disabled;
        err = places_take(op, arena, directory, &limits, client->account->id, &limit,
                          &settings->workspaces);
        if (err == ERR_OK)
            err = places_take(op, arena, directory, &readings, client->account->id, &reading,
                              &settings->read_all);
        if (err != ERR_OK)
            return err;
        accounts[client->account - accounts].client = client;
    }
    return ERR_OK;
}

/* ---- writing settings ---- */

static enum err places_add(struct db *db, struct op *op, int64_t account_id,
                           const struct client_settings *settings)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < settings->workspaces.n && err == ERR_OK; i++)
        err = db_run(db, op,
                     "INSERT INTO client_workspace (account_id, workspace_id) VALUES ($1, $2)",
                     DB_ARGS(db_i64(account_id), db_i64(settings->workspaces.items[i]->id)));
    for (size_t i = 0; i < settings->read_all.n && err == ERR_OK; i++)
        err =
            db_run(db, op, "INSERT INTO client_reading (account_id, workspace_id) VALUES ($1, $2)",
                   DB_ARGS(db_i64(account_id), db_i64(settings->read_all.items[i]->id)));
    return err;
}

/* The scopes as they are stored, in op->arena; absent when out of memory. */
static struct str scope_text(struct op *op, unsigned scopes)
{
    struct buf buf;
    buf_init(&buf, 256);
    buf_scopes(&buf, scopes);
    struct str text = buf_err(&buf) != ERR_OK ? STR_NONE
                      : buf.n == 0            ? STR("")
                                              : arena_str(op->arena, buf_str(&buf));
    buf_finish(&buf);
    return text;
}

enum err store_client_add(struct db *db, struct op *op, int64_t account_id, struct str client_id,
                          const struct client_settings *settings)
{
    struct str scope = scope_text(op, settings->scopes);
    if (scope.p == NULL)
        return ERR_MEMORY;
    enum err err =
        db_run(db, op,
               "INSERT INTO account (id, kind, email, name, password_grant, admin, disabled,"
               " created_at, changed) VALUES ($1, 2, $2, $3, 0, 0, $4, $5,"
               " (SELECT version + 1 FROM directory_version))",
               DB_ARGS(db_i64(account_id), db_text(client_id), db_text(settings->name),
                       db_i64(settings->disabled), db_i64(op->now)));
    if (err == ERR_OK)
        err = db_run(db, op,
                     "INSERT INTO client (account_id, domain_id, scope, version)"
                     " VALUES ($1, $2, $3, 1)",
                     DB_ARGS(db_i64(account_id), db_i64(settings->domain->id), db_text(scope)));
    return err == ERR_OK ? places_add(db, op, account_id, settings) : err;
}

enum err store_client_change(struct db *db, struct op *op, int64_t account_id,
                             const struct client_settings *settings)
{
    struct str scope = scope_text(op, settings->scopes);
    if (scope.p == NULL)
        return ERR_MEMORY;
    enum err err =
        db_run(db, op,
               "UPDATE account SET name = $2, disabled = $3,"
               " changed = (SELECT version + 1 FROM directory_version) WHERE id = $1",
               DB_ARGS(db_i64(account_id), db_text(settings->name), db_i64(settings->disabled)));
    if (err == ERR_OK)
        err = db_run(db, op,
                     "UPDATE client SET scope = $2, version = version + 1 WHERE account_id = $1",
                     DB_ARGS(db_i64(account_id), db_text(scope)));
    if (err == ERR_OK)
        err = db_run(db, op, "DELETE FROM client_workspace WHERE account_id = $1",
                     DB_ARGS(db_i64(account_id)));
    if (err == ERR_OK)
        err = db_run(db, op, "DELETE FROM client_reading WHERE account_id = $1",
                     DB_ARGS(db_i64(account_id)));
    return err == ERR_OK ? places_add(db, op, account_id, settings) : err;
}

/* ---- secrets ---- */

enum err store_client_lock(struct db *db, struct op *op, int64_t account_id)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op, "UPDATE client SET version = version WHERE account_id = $1 RETURNING account_id",
        DB_ARGS(db_i64(account_id)), &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_NOT_FOUND : err;
}

enum err store_client_secrets(struct db *db, struct op *op, int64_t account_id,
                              struct client_secret_list *ret_secrets)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT id, hint, created_at, expires_at, used_at FROM client_secret"
                            " WHERE account_id = $1 ORDER BY id DESC",
                            DB_ARGS(db_i64(account_id)), &rows);
    if (err != ERR_OK)
        return err;
    struct client_secret *items = ARENA_ARRAY(op->arena, struct client_secret, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct client_secret){
            .id = db_get_i64(&rows, i, 0),
            .hint = db_get_str(&rows, i, 1),
            .created_at = db_get_i64(&rows, i, 2),
            .expires_at = time_or_none(&rows, i, 3),
            .used_at = time_or_none(&rows, i, 4),
        };
    *ret_secrets = (struct client_secret_list){items, rows.n};
    return ERR_OK;
}

enum err store_client_secret_add(struct db *db, struct op *op, int64_t account_id,
                                 const struct client_secret *secret, const struct sha256 *hash)
{
    return db_run(db, op,
                  "INSERT INTO client_secret (id, account_id, hash, hint, created_at, expires_at)"
                  " VALUES ($1, $2, $3, $4, $5, $6)",
                  DB_ARGS(db_i64(secret->id), db_i64(account_id),
                          db_blob(hash->bytes, sizeof hash->bytes), db_text(secret->hint),
                          db_i64(secret->created_at), time_or_null(secret->expires_at)));
}

enum err store_client_secret_drop(struct db *db, struct op *op, int64_t id)
{
    return db_run(db, op, "DELETE FROM client_secret WHERE id = $1", DB_ARGS(db_i64(id)));
}

enum err store_client_secrets_expire(struct db *db, struct op *op, int64_t account_id)
{
    return db_run(db, op, "DELETE FROM client_secret WHERE account_id = $1 AND expires_at <= $2",
                  DB_ARGS(db_i64(account_id), db_i64(op->now)));
}

enum err store_client_secret_used(struct db *db, struct op *op, int64_t id)
{
    return db_run(db, op, "UPDATE client_secret SET used_at = $2 WHERE id = $1",
                  DB_ARGS(db_i64(id), db_i64(op->now)));
}

enum err store_client_credential_get(struct db *db, struct op *op, struct str client_id,
                                     struct client_credential *ret_credential)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT a.id, a.disabled, c.scope, s.id, s.hash, s.expires_at,"
                            " s.used_at FROM account a JOIN client c ON c.account_id = a.id"
                            " JOIN client_secret s ON s.account_id = a.id"
                            " WHERE a.email = $1 AND a.kind = 2",
                            DB_ARGS(db_text(client_id)), &rows);
    if (err != ERR_OK)
        return err;
    struct client_credential credential = {0};
    struct client_proof *proofs = ARENA_ARRAY(op->arena, struct client_proof, rows.n);
    if (proofs == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++) {
        struct str hash = db_get_str(&rows, i, 4);
        if (hash.n != SHA256_SIZE)
            return op_fail(op, ERR_CORRUPT, "the stored secret of a client is not a SHA-256");
        credential.account_id = db_get_i64(&rows, i, 0);
        credential.disabled = db_get_i64(&rows, i, 1) != 0;
        credential.scope = db_get_str(&rows, i, 2);
        proofs[i].secret_id = db_get_i64(&rows, i, 3);
        for (size_t k = 0; k < SHA256_SIZE; k++)
            proofs[i].hash.bytes[k] = (unsigned char)hash.p[k];
        proofs[i].expires_at = time_or_none(&rows, i, 5);
        proofs[i].used_at = time_or_none(&rows, i, 6);
    }
    credential.proofs = proofs;
    credential.proof_count = rows.n;
    *ret_credential = credential;
    return ERR_OK;
}
