#include "core/token.h"

#include "base/container.h"
#include "base/id.h"
#include "model/scope.h"
#include "store/client.h"
#include "store/person.h"
#include "store/provider_session.h"
#include "store/token.h"

#include <pthread.h>
#include <stdlib.h>

#define SECOND INT64_C(1000) /* in milliseconds, as are the times below */

enum { EXTENSION_ARENA_MAX = 65536 };

static const int64_t access_ms = SECOND * TOKEN_ACCESS_SECONDS;
static const int64_t family_ms = SECOND * 3600 * 24 * 30;
static const int64_t session_idle_ms = SECOND * 3600 * 12;
static const int64_t session_extend_ms = SECOND * 600; /* not worth a write below that */
static const int64_t lost_answer_ms = SECOND * 30;
static const int64_t cache_ms = SECOND * 5;

static const struct str prefixes[] = {
    [TOKEN_ACCESS] = {"bzat_", TOKEN_PREFIX_SIZE},
    [TOKEN_REFRESH] = {"bzrt_", TOKEN_PREFIX_SIZE},
    [TOKEN_SESSION] = {"bzst_", TOKEN_PREFIX_SIZE},
};

/* ---- making ---- */

bool token_looks_valid(struct str text, enum token_kind kind)
{
    return token_text_valid(text, prefixes[kind]);
}

/* A new token of a family; its text goes to op->arena. */
static enum err token_make(struct op *op, enum token_kind kind, int64_t expires_at,
                           struct token *ret_token, struct str *ret_text)
{
    struct str text;
    enum err err = token_text_make(op, prefixes[kind], &text);
    if (err != ERR_OK)
        return err;
    *ret_token = (struct token){
        .id = id_next(),
        .kind = kind,
        .hash = sha256(text),
        .created_at = op->now,
        .expires_at = expires_at,
    };
    *ret_text = text;
    return ERR_OK;
}

/* The part of `most` that is wanted; all of it when `wanted` is absent. ERR_FORBIDDEN when there is
 * no such scope, or it is not in `most`. */
static enum err scope_choose(struct op *op, struct str most, struct str wanted,
                             struct str *ret_scope)
{
    unsigned had = 0, asked;
    bool all = str_eq(most, STR("*"));
    if (wanted.p == NULL || str_eq(wanted, most)) {
        *ret_scope = most;
        return ERR_OK;
    }
    if (!scopes_read(wanted, &asked) && !str_eq(wanted, STR("*")))
        return op_fail(op, ERR_FORBIDDEN,
                       "Unknown scope; use *, task:read, task:create or task:write.");
    if (str_eq(wanted, STR("*")) || (!all && (!scopes_read(most, &had) || (asked & ~had) != 0)))
        return op_fail(op, ERR_FORBIDDEN,
                       "The scope is wider than the one granted; ask for less or for none.");
    *ret_scope = wanted;
    return ERR_OK;
}

/* ---- the cache: under tokens->lock ---- */

enum { CACHE_SETS = 1024, CACHE_WAYS = 4, CACHED_SCOPE_MAX = 64 };

struct cached {
    struct sha256 hash;
    int64_t cached_at; /* 0: free */
    int64_t directory_version;
    struct token_grant grant;
    char scope[CACHED_SCOPE_MAX]; /* what grant.scope points to */
};

struct tokens {
    struct core *core;
    struct {
        bool busy;
        int64_t token_id, expires_at;
        struct arena arena;
        struct op op;
        struct change change;
    } extension;          /* of a session; one at a time, the others come again */
    pthread_mutex_t lock; /* of the cache and extension.busy: several lanes check and revoke */
    uint64_t generation;  /* raised by each revocation */
    struct cached cache[CACHE_SETS][CACHE_WAYS];
};

enum err tokens_create(struct core *core, struct tokens **ret_tokens)
{
    struct tokens *tokens = calloc(1, sizeof *tokens);
    if (tokens == NULL)
        return ERR_MEMORY;
    tokens->core = core;
    pthread_mutex_init(&tokens->lock, NULL);
    arena_init(&tokens->extension.arena, EXTENSION_ARENA_MAX);
    *ret_tokens = tokens;
    return ERR_OK;
}

void tokens_destroy(struct tokens *tokens)
{
    if (tokens == NULL)
        return;
    arena_finish(&tokens->extension.arena);
    pthread_mutex_destroy(&tokens->lock);
    free(tokens);
}

static struct cached *cache_set(struct tokens *tokens, const struct sha256 *hash)
{
    return tokens->cache[(hash->bytes[0] << 8 | hash->bytes[1]) % CACHE_SETS];
}

static const struct cached *cache_find(struct tokens *tokens, const struct sha256 *hash,
                                       int64_t directory_version, int64_t now)
{
    const struct cached *set = cache_set(tokens, hash);
    for (size_t i = 0; i < CACHE_WAYS; i++) {
        int64_t age = now - set[i].cached_at;
        if (set[i].cached_at != 0 && bytes_equal_slowly(&set[i].hash, hash, sizeof *hash))
            return age >= 0 && age < cache_ms && now < set[i].grant.expires_at &&
                           directory_version == set[i].directory_version
                       ? &set[i]
                       : NULL;
    }
    return NULL;
}

static void cache_put(struct tokens *tokens, const struct sha256 *hash, int64_t directory_version,
                      int64_t now, const struct token_grant *grant)
{
    struct cached *set = cache_set(tokens, hash), *place = NULL;
    if (grant->scope.n > CACHED_SCOPE_MAX)
        return;
    for (size_t i = 0; i < CACHE_WAYS; i++) {
        bool same = bytes_equal_slowly(&set[i].hash, hash, sizeof *hash);
        if (same || place == NULL || set[i].cached_at < place->cached_at)
            place = &set[i];
        if (same)
            break;
    }
    *place = (struct cached){
        .hash = *hash, .cached_at = now, .directory_version = directory_version, .grant = *grant};
    for (size_t i = 0; i < grant->scope.n; i++)
        place->scope[i] = grant->scope.p[i];
    place->grant.scope.p = place->scope;
}

/* Forgets one token, or those of a family. */
static void cache_drop(struct tokens *tokens, int64_t token_id, int64_t family_id)
{
    pthread_mutex_lock(&tokens->lock);
    tokens->generation++;
    for (size_t i = 0; i < CACHE_SETS; i++)
        for (size_t k = 0; k < CACHE_WAYS; k++) {
            struct cached *cached = &tokens->cache[i][k];
            if (cached->grant.token_id == token_id || cached->grant.family_id == family_id)
                *cached = (struct cached){0};
        }
    pthread_mutex_unlock(&tokens->lock);
}

/* ---- checking ---- */

bool token_alive(const struct token *token, int64_t now)
{
    return !token->revoked && now < token->expires_at && !token->family.revoked &&
           now < token->family.expires_at && !token->family.account_disabled &&
           !token->family.client_ended;
}

static enum err check_read(struct core_read *read, struct db *db)
{
    struct token_check *check = container_of(read, struct token_check, read);
    struct sha256 hash = check->token.hash;
    enum token_kind kind = check->token.kind;
    enum err err = store_token_get(db, check->op, &hash, &check->token);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && (check->token.kind != kind ||
                                                   !token_alive(&check->token, check->op->now))))
        return ERR_UNAUTHENTICATED;
    return err;
}

static enum err extension_apply(struct change *change, struct batch *batch)
{
    struct tokens *tokens = container_of(change, struct tokens, extension.change);
    batch_writes(batch, change);
    return store_token_extend(batch_db(batch), change->op, tokens->extension.token_id,
                              tokens->extension.expires_at);
}

/* Sets whether one is under way; returns whether one was. */
static bool extension_take(struct tokens *tokens, bool busy)
{
    pthread_mutex_lock(&tokens->lock);
    bool before = tokens->extension.busy;
    tokens->extension.busy = busy;
    pthread_mutex_unlock(&tokens->lock);
    return before;
}

static void extension_done(struct change *change)
{
    struct tokens *tokens = container_of(change, struct tokens, extension.change);
    arena_reset(&tokens->extension.arena);
    extension_take(tokens, false);
}

/* A session that is used lives on. If this fails it does so unseen: the next request tries again,
 * and the session has hours left. */
static void session_extend(struct tokens *tokens, const struct token *token, int64_t now)
{
    int64_t expires_at = now + session_idle_ms;
    if (expires_at > token->family.expires_at)
        expires_at = token->family.expires_at;
    if (expires_at < token->expires_at + session_extend_ms || extension_take(tokens, true))
        return;
    tokens->extension.token_id = token->id;
    tokens->extension.expires_at = expires_at;
    tokens->extension.op = (struct op){.arena = &tokens->extension.arena, .now = now};
    tokens->extension.change = (struct change){
        .op = &tokens->extension.op, .apply = extension_apply, .done = extension_done};
    if (core_change(tokens->core, &tokens->extension.change) != ERR_OK)
        extension_take(tokens, false);
}

/* Keeps what a lookup has found. */
static void check_note(struct token_check *check, enum err err)
{
    const struct token *token = &check->token;
    check->err = err;
    if (err != ERR_OK)
        return;
    check->grant = (struct token_grant){
        .account_id = token->family.account_id,
        .scope = token->scope,
        .expires_at = token->expires_at,
        .token_id = token->id,
        .family_id = token->family.id,
        .client_id = token->family.client_id,
    };
    /* What was read may be older than a concurrent revocation. */
    pthread_mutex_lock(&check->tokens->lock);
    if (check->generation == check->tokens->generation)
        cache_put(check->tokens, &token->hash, check->directory_version, check->op->now,
                  &check->grant);
    pthread_mutex_unlock(&check->tokens->lock);
    if (token->kind == TOKEN_SESSION)
        session_extend(check->tokens, token, check->op->now);
}

static void check_done(struct core_read *read)
{
    struct token_check *check = container_of(read, struct token_check, read);
    check_note(check, read->err);
    check->done(check);
}

/* True if that settles it: the cache has the token, or the text cannot be one. */
static bool check_by_memory(struct tokens *tokens, struct token_check *check, enum token_kind kind,
                            struct str text)
{
    check->tokens = tokens;
    check->token.kind = kind;
    check->err = ERR_UNAUTHENTICATED;
    /* The cache does not check the kind, so check it here; everything in the cache looks valid. */
    if (text.n != TOKEN_SIZE || !str_starts(text, prefixes[kind]))
        return true;
    check->token.hash = sha256(text);
    pthread_mutex_lock(&tokens->lock);
    check->generation = tokens->generation;
    const struct cached *cached =
        cache_find(tokens, &check->token.hash, check->directory_version, check->op->now);
    if (cached != NULL) {
        check->grant = cached->grant;
        check->grant.scope = arena_str(check->op->arena, cached->grant.scope);
        check->err = check->grant.scope.p == NULL ? ERR_MEMORY : ERR_OK;
    }
    pthread_mutex_unlock(&tokens->lock);
    return cached != NULL || !token_looks_valid(text, kind);
}

void token_check(struct tokens *tokens, struct token_check *check, enum token_kind kind,
                 struct str text)
{
    if (!check_by_memory(tokens, check, kind, text)) {
        check->read = (struct core_read){.op = check->op, .run = check_read, .done = check_done};
        check->err = core_read(tokens->core, &check->read);
        if (check->err == ERR_OK)
            return;
    }
    check->done(check);
}

enum err token_check_by(struct tokens *tokens, struct db *db, struct token_check *check,
                        enum token_kind kind, struct str text)
{
    if (!check_by_memory(tokens, check, kind, text))
        check_note(check, check_read(&check->read, db));
    return check->err;
}

/* ---- changing ---- */

static struct token_change *token_change_of(struct change *change)
{
    return container_of(change, struct token_change, change);
}

/* Stores a change, and drops what it has ended from the cache. */
static enum err change_store(struct tokens *tokens, struct token_change *change,
                             change_apply_fn *apply)
{
    change->change = (struct change){.op = change->op, .apply = apply};
    enum err err = core_change_wait(tokens->core, &change->change);
    if (err == ERR_OK && change->ended == TOKEN_ENDED)
        cache_drop(tokens, change->found.id, 0);
    if (err == ERR_OK && change->ended == FAMILY_ENDED)
        cache_drop(tokens, 0, change->found.family.id);
    return err;
}

/* Makes the tokens that a change will store, before it goes to the lane: apply can run twice. */
static enum err pair_make(struct token_change *change)
{
    int64_t now = change->op->now;
    enum err err =
        token_make(change->op, TOKEN_ACCESS, now + access_ms, &change->made[0], &change->access);
    if (err == ERR_OK)
        err = token_make(change->op, TOKEN_REFRESH, now + family_ms, &change->made[1],
                         &change->refresh);
    change->made_count = 2;
    change->token_id = change->made[0].id;
    change->expires_in = TOKEN_ACCESS_SECONDS;
    return err;
}

static enum err made_add(struct token_change *change, struct db *db,
                         const struct token_family *family)
{
    for (size_t i = 0; i < change->made_count; i++) {
        struct token *token = &change->made[i];
        token->family = *family;
        if (token->expires_at > family->expires_at)
            token->expires_at = family->expires_at;
        enum err err = store_token_add(db, change->op, token);
        if (err != ERR_OK)
            return err;
    }
    change->expires_in = (change->made[0].expires_at - change->op->now) / SECOND;
    return ERR_OK;
}

static enum err issue_apply(struct change *lane_change, struct batch *batch)
{
    struct token_change *change = token_change_of(lane_change);
    struct db *db = batch_db(batch);
    struct token_family family = {
        .id = change->made[0].id,
        .account_id = change->account_id,
        .client_id = change->client_id,
        .secret_id = change->secret_id,
        .sign_in = change->sign_in,
        .from = change->from,
        .scope = change->granted,
        .created_at = change->op->now,
        .expires_at =
            change->secret_id == 0 ? change->op->now + family_ms : change->made[0].expires_at,
    };
    batch_writes(batch, lane_change);
    enum err err = store_token_family_add(db, change->op, &family);
    if (err == ERR_OK && change->provider != NULL) {
        change->provider->family_id = family.id;
        err = store_provider_session_add(db, change->op, change->provider);
    }
    if (err == ERR_OK && change->note_use)
        err = store_client_secret_used(db, change->op, change->secret_id);
    return err == ERR_OK ? made_add(change, db, &family) : err;
}

enum err token_issue(struct tokens *tokens, struct token_change *change)
{
    enum err err = scope_choose(change->op, STR("*"), change->scope, &change->granted);
    if (err == ERR_OK)
        err = pair_make(change);
    change->made[0].scope = change->made[1].scope = change->granted;
    return err == ERR_OK ? change_store(tokens, change, issue_apply) : err;
}

/* A family of one token. */
static enum err issue_one(struct tokens *tokens, struct token_change *change, enum token_kind kind,
                          int64_t expires_at, struct str *ret_text)
{
    enum err err = token_make(change->op, kind, expires_at, &change->made[0], ret_text);
    change->made[0].scope = change->granted;
    change->made_count = 1;
    change->token_id = change->made[0].id;
    return err == ERR_OK ? change_store(tokens, change, issue_apply) : err;
}

enum err token_issue_client(struct tokens *tokens, struct token_change *change)
{
    int64_t expires_at = change->op->now + access_ms;
    if (change->secret_expires_at != TIME_NONE && change->secret_expires_at < expires_at)
        expires_at = change->secret_expires_at;
    enum err err = scope_choose(change->op, change->most, change->scope, &change->granted);
    return err == ERR_OK ? issue_one(tokens, change, TOKEN_ACCESS, expires_at, &change->access)
                         : err;
}

enum err token_open_session(struct tokens *tokens, struct token_change *change)
{
    change->granted = STR("*");
    return issue_one(tokens, change, TOKEN_SESSION, change->op->now + session_idle_ms,
                     &change->session);
}

enum refresh { REFRESH_REFUSED, REFRESH_FIRST, REFRESH_AGAIN, REFRESH_REUSED };

/* What a refresh token that is presented by `client_id` at `now` deserves. `successor` is the token
 * it was exchanged for; only looked at when there is one. */
static enum refresh refresh_judge(const struct token *token, const struct token *successor,
                                  int64_t client_id, int64_t now)
{
    if (token->kind != TOKEN_REFRESH || token->family.client_id != client_id ||
        token->family.revoked || token->family.account_disabled || token->family.client_ended ||
        now >= token->expires_at || now >= token->family.expires_at)
        return REFRESH_REFUSED;
    if (token->revoked)
        return REFRESH_REUSED;
    if (token->successor_id == 0)
        return REFRESH_FIRST;
    if (now - token->used_at <= lost_answer_ms && successor->used_at == 0)
        return REFRESH_AGAIN;
    return REFRESH_REUSED;
}

static enum err refresh_apply(struct change *lane_change, struct batch *batch)
{
    struct token_change *change = token_change_of(lane_change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    struct sha256 hash = sha256(change->presented);
    struct token *found = &change->found, successor = {0};
    change->ended = TOKENS_KEPT;
    enum err err = store_token_get(db, op, &hash, found);
    if (err == ERR_OK && found->successor_id != 0)
        err = store_token_get_by_id(db, op, found->successor_id, &successor);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_UNAUTHENTICATED : err;

    enum refresh judged = refresh_judge(found, &successor, change->client_id, op->now);
    if (judged == REFRESH_REFUSED)
        return ERR_UNAUTHENTICATED;
    if (judged == REFRESH_REUSED) {
        batch_writes(batch, lane_change);
        change->ended = FAMILY_ENDED;
        return store_token_family_end(db, op, found->family.id);
    }
    err = scope_choose(op, found->family.scope, change->scope, &change->granted);
    if (err != ERR_OK)
        return err;

    batch_writes(batch, lane_change);
    if (judged == REFRESH_AGAIN)
        err = store_token_revoke(db, op, found->successor_id);
    if (err == ERR_OK)
        err = store_token_exchange(db, op, found->id, found->successor_id,
                                   judged == REFRESH_AGAIN ? found->used_at : op->now,
                                   change->made[1].id);
    if (err != ERR_OK)
        return err;
    change->made[0].scope = change->granted;
    change->made[1].scope = found->family.scope;
    change->account_id = found->family.account_id;
    return made_add(change, db, &found->family);
}

enum err token_refresh(struct tokens *tokens, struct token_change *change)
{
    enum err err = ERR_UNAUTHENTICATED;
    if (token_looks_valid(change->presented, TOKEN_REFRESH))
        err = pair_make(change);
    if (err == ERR_OK)
        err = change_store(tokens, change, refresh_apply);
    /* That the family has ended is stored; the caller gets nothing all the same. */
    return err == ERR_OK && change->ended == FAMILY_ENDED ? ERR_UNAUTHENTICATED : err;
}

static enum err revoke_apply(struct change *lane_change, struct batch *batch)
{
    struct token_change *change = token_change_of(lane_change);
    struct sha256 hash = sha256(change->presented);
    struct token *found = &change->found;
    change->ended = TOKENS_KEPT;
    enum err err = store_token_get(batch_db(batch), change->op, &hash, found);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    if (found->family.client_id != change->client_id)
        return ERR_UNAUTHENTICATED;
    batch_writes(batch, lane_change);
    if (found->kind == TOKEN_ACCESS) {
        change->ended = TOKEN_ENDED;
        return store_token_revoke(batch_db(batch), change->op, found->id);
    }
    change->ended = FAMILY_ENDED;
    return store_token_family_end(batch_db(batch), change->op, found->family.id);
}

enum err token_revoke(struct tokens *tokens, struct token_change *change)
{
    bool looks_valid = false;
    for (enum token_kind kind = TOKEN_ACCESS; kind <= TOKEN_SESSION; kind++)
        looks_valid = looks_valid || token_looks_valid(change->presented, kind);
    return looks_valid ? change_store(tokens, change, revoke_apply) : ERR_OK;
}

struct sign_in_end {
    struct change change;
    int64_t account_id, family_id;
    bool found;
};

/* An error after the write would roll back the whole batch, so a missing row is not an error. */
static enum err sign_in_apply(struct change *change, struct batch *batch)
{
    struct sign_in_end *end = container_of(change, struct sign_in_end, change);
    batch_writes(batch, change);
    enum err err = store_sign_in_end(batch_db(batch), change->op, end->account_id, end->family_id);
    end->found = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err token_end_sign_in(struct tokens *tokens, struct op *op, int64_t account_id,
                           int64_t family_id)
{
    struct sign_in_end end = {.change = {.op = op, .apply = sign_in_apply},
                              .account_id = account_id,
                              .family_id = family_id};
    enum err err = core_change_wait(tokens->core, &end.change);
    if (err != ERR_OK)
        return err;
    cache_drop(tokens, 0, family_id);
    return end.found ? ERR_OK : ERR_NOT_FOUND;
}

struct others_end {
    struct change change;
    int64_t account_id, kept;
};

/* The directory's version is raised so that no cached check of a token that has ended counts any
 * more, on any node. */
static enum err others_apply(struct change *change, struct batch *batch)
{
    struct others_end *end = container_of(change, struct others_end, change);
    batch_writes(batch, change);
    enum err err = store_sign_ins_end(batch_db(batch), change->op, end->account_id, end->kept);
    return err == ERR_OK ? batch_directory_patched(batch, change->op) : err;
}

enum err token_end_others(struct tokens *tokens, struct op *op, int64_t account_id, int64_t kept)
{
    struct others_end end = {.change = {.op = op, .apart = true, .apply = others_apply},
                             .account_id = account_id,
                             .kept = kept};
    return core_change_wait(tokens->core, &end.change);
}
