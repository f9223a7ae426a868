#include "core/client.h"

#include "base/container.h"
#include "base/id.h"
#include "base/random.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "core/token_text.h"
#include "model/scope.h"

enum {
    HINT_SIZE = 9,       /* "bzcs_" and four characters of the 43 */
    CLIENT_ID_BYTES = 8, /* random; the client id is not a secret, only a unique name */
    CLIENT_ID_MAX = 64,
    SCOPES_TEXT_MAX = 256,
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

/* ---- events ---- */

static enum err keys_list(struct arena *arena, struct client_places places,
                          struct str_list *ret_keys)
{
    struct str *keys = ARENA_ARRAY(arena, struct str, places.n);
    if (keys == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < places.n; i++)
        keys[i] = places.items[i]->key;
    *ret_keys = (struct str_list){keys, places.n};
    return ERR_OK;
}

static enum err scopes_text(struct arena *arena, unsigned scopes, struct str *ret_text)
{
    struct buf buf;
    buf_init(&buf, SCOPES_TEXT_MAX);
    buf_scopes(&buf, scopes);
    enum err err = buf_err(&buf);
    if (err == ERR_OK)
        err = arena_copy(arena, buf_str(&buf), ret_text);
    buf_finish(&buf);
    return err;
}

/* The members of the settings as texts; `before` NULL: there were none. */
static enum err settings_changes(struct client_save *save, struct admin_changes *changes)
{
    struct arena *arena = save->op->arena;
    const struct client_settings *after = &save->settings;
    const struct client_settings *before = save->before == NULL ? NULL : &save->before->settings;
    struct str_list places[4] = {{0}};
    struct str scopes[2] = {STR_NONE, STR_NONE};
    enum err err = keys_list(arena, after->workspaces, &places[1]);
    if (err == ERR_OK)
        err = keys_list(arena, after->read_all, &places[3]);
    if (err == ERR_OK)
        err = scopes_text(arena, after->scopes, &scopes[1]);
    if (err == ERR_OK && before != NULL)
        err = keys_list(arena, before->workspaces, &places[0]);
    if (err == ERR_OK && before != NULL)
        err = keys_list(arena, before->read_all, &places[2]);
    if (err == ERR_OK && before != NULL)
        err = scopes_text(arena, before->scopes, &scopes[0]);
    if (err != ERR_OK)
        return err;
    admin_change_text(changes, "name", before == NULL ? STR_NONE : before->name, after->name);
    admin_change_text(changes, "domain", before == NULL ? STR_NONE : before->domain->key,
                      after->domain->key);
    admin_change_text(changes, "scopes", scopes[0], scopes[1]);
    admin_change_texts(changes, "workspaces", places[0], places[1]);
    admin_change_texts(changes, "readAll", places[2], places[3]);
    admin_change_flag(changes, "disabled", before == NULL ? -1 : before->disabled, after->disabled);
    return ERR_OK;
}

/* In the chain of its domain; of both, in the order in which nodes lock them, when that changes. */
static enum err client_event(struct client_save *save, struct batch *batch)
{
    const struct domain *first = save->settings.domain, *second = NULL;
    struct str action = STR("admin.client.created");
    struct admin_changes changes;
    struct str payload;
    admin_changes_begin(&changes);
    enum err err = settings_changes(save, &changes);
    bool any = changes.any;
    admin_change_name(&changes, "client", save->before == NULL ? STR_NONE : save->client_id,
                      save->client_id);
    if (err == ERR_OK)
        err = admin_changes_end(&changes, save->op->arena, &payload);
    else
        buf_finish(&changes.buf);
    if (err != ERR_OK || !any)
        return err;
    if (save->before != NULL) {
        action = STR("admin.client.changed");
        second = save->before->settings.domain;
        if (second->id < first->id) {
            first = second;
            second = save->settings.domain;
        }
    }
    err = admin_event_add(batch, save->op, first->id, first->key, save->actor_id, action, payload);
    return err == ERR_OK && second != NULL && second != first
               ? admin_event_add(batch, save->op, second->id, second->key, save->actor_id, action,
                                 payload)
               : err;
}

/* Of a secret the event has the first characters, which are shown with it everywhere. */
static enum err secret_event(struct batch *batch, struct op *op, const struct client *client,
                             int64_t actor_id, struct str action,
                             const struct client_secret *secret, bool exists)
{
    const struct domain *domain = client->settings.domain;
    struct admin_changes changes;
    struct str payload;
    admin_changes_begin(&changes);
    admin_change_text(&changes, "secret", exists ? STR_NONE : secret->hint,
                      exists ? secret->hint : STR_NONE);
    admin_change_name(&changes, "client", client->account->email, client->account->email);
    enum err err = admin_changes_end(&changes, op->arena, &payload);
    return err == ERR_OK
               ? admin_event_add(batch, op, domain->id, domain->key, actor_id, action, payload)
               : err;
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
    err = admin_begin(batch, change);
    if (err != ERR_OK)
        return err;
    if (save->before != NULL) {
        err = store_client_change(db, op, save->account_id, &save->settings);
    } else {
        err = store_client_add(db, op, save->account_id, save->client_id, &save->settings);
        if (err == ERR_OK)
            err = store_client_secret_add(db, op, save->account_id, &save->secret, &save->hash);
    }
    if (err == ERR_OK)
        err = client_event(save, batch);
    if (err == ERR_OK)
        err = admin_state_add(batch, op, STATE_ACCOUNT, save->account_id, save->actor_id);
    return err == ERR_OK ? batch_directory_patched(batch, op) : err;
}

enum err client_save(struct core *core, struct client_save *save)
{
    struct op *op = save->op;
    /* Apart, since it may write to the chains of two domains. */
    save->change = (struct change){.op = op, .apart = true, .apply = save_apply};
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
    err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = store_client_secrets_expire(db, op, account_id);
    if (err == ERR_OK)
        err = store_client_secret_add(db, op, account_id, &add->secret, &add->hash);
    if (err == ERR_OK)
        err = secret_event(batch, op, add->client, add->actor_id, STR("admin.secret.created"),
                           &add->secret, true);
    return err == ERR_OK ? admin_state_add(batch, op, STATE_ACCOUNT, account_id, add->actor_id)
                         : err;
}

enum err client_secret_add(struct core *core, struct client_secret_add *add)
{
    add->change = (struct change){.op = add->op, .apart = true, .apply = secret_add_apply};
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
    const struct client_secret *found = NULL;
    enum err err = batch_directory_expect(batch, op, revoke->directory);
    if (err == ERR_OK)
        err = store_client_secrets(db, op, revoke->client->account->id, &secrets);
    for (size_t i = 0; i < secrets.n; i++)
        if (secrets.items[i].id == revoke->secret_id)
            found = &secrets.items[i];
    if (err != ERR_OK)
        return err;
    if (found == NULL)
        return op_fail(op, ERR_NOT_FOUND, "The client has no secret with that id.");
    err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = store_client_secret_drop(db, op, revoke->secret_id);
    if (err == ERR_OK)
        err = secret_event(batch, op, revoke->client, revoke->actor_id, STR("admin.secret.revoked"),
                           found, false);
    if (err == ERR_OK)
        err = admin_state_add(batch, op, STATE_ACCOUNT, revoke->client->account->id,
                              revoke->actor_id);
    /* Raised so that no cached check of a token that was got with it counts any more. */
    return err == ERR_OK ? batch_directory_patched(batch, op) : err;
}

enum err client_secret_revoke(struct core *core, struct client_secret_revoke *revoke)
{
    revoke->change = (struct change){.op = revoke->op, .apart = true, .apply = secret_revoke_apply};
    return core_change_wait(core, &revoke->change);
}
