#include "core/client.h"

#include "base/container.h"
#include "base/id.h"
#include "base/random.h"
#include "core/token_text.h"

enum {
    HINT_SIZE = 9,       /* "bzcs_" and four characters of the 43 */
    CLIENT_ID_BYTES = 8, /* random; the client id is not a secret, only a unique name */
    CLIENT_ID_MAX = 64,
};

/* ---- what a new one needs, made before the lane since apply can run twice ---- */

static enum err secret_make(struct op *op, int64_t expires_at, struct client_secret *ret_secret,
                            struct str *ret_text, struct sha256 *ret_hash)
{
    struct str text;
    enum err err = token_text_make(op, STR("bzcs_"), &text);
    if (err != ERR_OK)
        return err;
    *ret_secret = (struct client_secret){
        .id = id_next(),
        .hint = str_sub(text, 0, HINT_SIZE),
        .created_at = op->now,
        .expires_at = expires_at,
        .used_at = TIME_NONE,
    };
    *ret_text = text;
    *ret_hash = sha256(text);
    return ERR_OK;
}

/* "client-0123456789abcdef" in the arena. It has no '@', so it cannot be a person's address. */
static enum err client_id_make(struct op *op, struct str *ret_client_id)
{
    unsigned char bytes[CLIENT_ID_BYTES];
    struct buf buf;
    random_bytes(bytes, sizeof bytes);
    buf_init(&buf, CLIENT_ID_MAX);
    BUF_LIT(&buf, "client-");
    buf_hex(&buf, bytes, sizeof bytes);
    return buf_move(&buf, op->arena, ret_client_id);
}

/* ---- settings ---- */

static enum err save_apply(struct change *change, struct batch *batch)
{
    struct client_save *save = container_of(change, struct client_save, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    enum err err = batch_directory_expect(batch, op, save->directory);
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    if (save->before != NULL) {
        err = store_client_change(db, op, save->account_id, &save->settings);
    } else {
        err = store_client_add(db, op, save->account_id, save->client_id, &save->settings);
        if (err == ERR_OK)
            err = store_client_secret_add(db, op, save->account_id, &save->secret, &save->hash);
    }
    return err == ERR_OK ? batch_directory_patched(batch, op) : err;
}

enum err client_save(struct core *core, struct client_save *save)
{
    struct op *op = save->op;
    save->change = (struct change){.op = op, .apply = save_apply};
    if (save->before != NULL) {
        save->account_id = save->before->account->id;
        save->client_id = save->before->account->email;
    } else {
        save->account_id = id_next();
        enum err err = client_id_make(op, &save->client_id);
        if (err == ERR_OK)
            err = secret_make(op, TIME_NONE, &save->secret, &save->secret_text, &save->hash);
        if (err != ERR_OK)
            return err;
    }
    return core_change_wait(core, &save->change);
}

/* ---- secrets ---- */

static enum err secret_add_apply(struct change *change, struct batch *batch)
{
    struct client_secret_add *add = container_of(change, struct client_secret_add, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    struct client_secret_list secrets = {0};
    int64_t account_id = add->client->account->id;
    size_t live = 0;
    enum err err = batch_directory_expect(batch, op, add->directory);
    if (err == ERR_OK)
        err = store_client_lock(db, op, account_id);
    if (err == ERR_OK)
        err = store_client_secrets(db, op, account_id, &secrets);
    for (size_t i = 0; i < secrets.n; i++)
        live += secrets.items[i].expires_at == TIME_NONE || secrets.items[i].expires_at > op->now;
    if (err == ERR_OK && live >= CLIENT_SECRETS_MAX)
        err = op_fail(op, ERR_CONFLICT,
                      "The client already has %d secrets; revoke one before you add another.",
                      CLIENT_SECRETS_MAX);
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    err = store_client_secrets_expire(db, op, account_id);
    return err == ERR_OK ? store_client_secret_add(db, op, account_id, &add->secret, &add->hash)
                         : err;
}

enum err client_secret_add(struct core *core, struct client_secret_add *add)
{
    add->change = (struct change){.op = add->op, .apply = secret_add_apply};
    enum err err =
        secret_make(add->op, add->expires_at, &add->secret, &add->secret_text, &add->hash);
    return err == ERR_OK ? core_change_wait(core, &add->change) : err;
}

static enum err secret_revoke_apply(struct change *change, struct batch *batch)
{
    struct client_secret_revoke *revoke = container_of(change, struct client_secret_revoke, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    struct client_secret_list secrets = {0};
    bool found = false;
    enum err err = batch_directory_expect(batch, op, revoke->directory);
    if (err == ERR_OK)
        err = store_client_secrets(db, op, revoke->client->account->id, &secrets);
    for (size_t i = 0; i < secrets.n; i++)
        found = found || secrets.items[i].id == revoke->secret_id;
    if (err == ERR_OK && !found)
        err = op_fail(op, ERR_NOT_FOUND, "The client has no secret with that id.");
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    err = store_client_secret_drop(db, op, revoke->secret_id);
    /* Raised so that no cached check of a token that was got with it counts any more. */
    return err == ERR_OK ? batch_directory_patched(batch, op) : err;
}

enum err client_secret_revoke(struct core *core, struct client_secret_revoke *revoke)
{
    revoke->change = (struct change){.op = revoke->op, .apply = secret_revoke_apply};
    return core_change_wait(core, &revoke->change);
}
