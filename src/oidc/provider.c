#include "oidc/provider.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/network.h"
#include "base/percent.h"
#include "base/random.h"
#include "base/seal.h"
#include "fetch/fetch.h"
#include "oidc/id_token.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    ANSWER_MAX = 128 * 1024, /* bytes of any answer */
    URL_MAX = 2048,
    TOKEN_MAX = 16 * 1024,      /* of an access or a refresh token */
    TREE_MAX = 64 * ANSWER_MAX, /* a key set, parsed */
    TIMEOUT_MS = 10 * 1000,     /* for one exchange */
    STOP_MS = 1500,             /* the same, once the server is about to stop */
    FRESH_MS = 60 * 60 * 1000,  /* how long the description and the keys count */
    KEYS_AGAIN_MS = 30 * 1000,  /* a key that is not known makes the set be read so seldom */
    FAILED_MS = 5 * 1000,       /* nobody else waits for what has just failed */
    OPTIONS_MAX = 64 * 1024,
};

/* Something that is read from the provider now and then, and kept. */
struct provider_file {
    struct arena arena;
    const struct json *json; /* NULL: never read */
    int64_t read_at;         /* clock_ticks() */
    int64_t failed_at;       /* the last attempt; 0: it did not fail */
};

struct provider {
    struct provider_options options;
    struct arena texts;
    struct seal_key key;
    pthread_mutex_t lock; /* of both; also while they are read, so that others wait for it */
    struct provider_file description, key_set;
    _Atomic int64_t ends_at; /* clock_ticks() after which nothing is waited for; 0: never */
};

enum err provider_create(const struct provider_options *options, struct provider **ret_provider)
{
    struct provider *provider = calloc(1, sizeof *provider);
    if (provider == NULL)
        return ERR_MEMORY;
    pthread_mutex_init(&provider->lock, NULL);
    arena_init(&provider->texts, OPTIONS_MAX);
    arena_init(&provider->description.arena, TREE_MAX);
    arena_init(&provider->key_set.arena, TREE_MAX);
    struct {
        struct str from, *to;
    } texts[] = {
        {options->issuer, &provider->options.issuer},
        {options->client_id, &provider->options.client_id},
        {options->client_secret, &provider->options.client_secret},
        {options->scopes, &provider->options.scopes},
        {options->groups_claim, &provider->options.groups_claim},
        {options->verified_claim, &provider->options.verified_claim},
        {options->ca_file, &provider->options.ca_file},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i].to = arena_str(&provider->texts, texts[i].from);
        if (texts[i].to->p == NULL) {
            provider_destroy(provider);
            return ERR_MEMORY;
        }
    }
    struct hasher hasher;
    hash_begin(&hasher);
    hash_field(&hasher, STR("refresh tokens of a provider"));
    hash_field(&hasher, provider->options.client_secret);
    struct sha256 key = hash_end(&hasher);
    for (size_t i = 0; i < sizeof provider->key.bytes; i++)
        provider->key.bytes[i] = key.bytes[i];
    *ret_provider = provider;
    return ERR_OK;
}

void provider_destroy(struct provider *provider)
{
    if (provider == NULL)
        return;
    arena_finish(&provider->description.arena);
    arena_finish(&provider->key_set.arena);
    arena_finish(&provider->texts);
    pthread_mutex_destroy(&provider->lock);
    free(provider);
}

void provider_stop(struct provider *provider)
{
    atomic_store(&provider->ends_at, clock_ticks() + STOP_MS);
}

bool provider_stopped(const struct provider *provider)
{
    int64_t ends_at = atomic_load(&provider->ends_at);
    return ends_at != 0 && clock_ticks() >= ends_at;
}

static bool is_stopped(const void *arg)
{
    return provider_stopped(arg);
}

struct str provider_issuer(const struct provider *provider)
{
    return provider->options.issuer;
}

/* ---- one exchange ---- */

static struct str text_of(const struct json *object, const char *name)
{
    return object == NULL ? STR_NONE : json_text(json_member(object, str_of(name)));
}

/* Sends a request and reads the JSON object of the answer into `arena`, whatever its status. */
static enum err ask(struct provider *provider, struct op *op, const struct fetch_request *request,
                    struct arena *arena, int *ret_status, const struct json **ret_object)
{
    const struct fetch_options options = {
        .timeout = TIMEOUT_MS,
        .body_max = ANSWER_MAX,
        .ca_file = provider->options.ca_file.n > 0 ? provider->options.ca_file : STR_NONE,
        .ends = is_stopped,
        .ends_arg = provider,
    };
    struct fetch *fetch;
    struct fetch_answer answer;
    struct op quiet = {.arena = arena};
    struct str body;
    const struct json *object = NULL;
    if (!url_is_private(request->url) || request->url.n > URL_MAX)
        return op_fail(op, ERR_INVALID,
                       "the provider names an address that is not https, or is too long: %.*s",
                       STR_ARG(str_sub(request->url, 0, 100)));
    enum err err = fetch_create(&fetch);
    if (err != ERR_OK)
        return err;
    err = fetch_exchange(fetch, op, &options, request, &answer);
    if (err == ERR_OK)
        err = arena_copy(arena, answer.body, &body);
    fetch_destroy(fetch);
    if (err != ERR_OK && err != ERR_MEMORY && provider_stopped(provider)) {
        op_forget(op);
        return op_fail(op, ERR_UNAVAILABLE, "%.150s has not answered, and this server is stopping",
                       request->url.p);
    }
    if (err != ERR_OK)
        return err == ERR_MEMORY ? err : ERR_UNAVAILABLE;
    err = json_read(&quiet, arena, body, &object);
    if (err == ERR_MEMORY)
        return err;
    if (answer.status == 429 || answer.status >= 500)
        return op_fail(op, ERR_UNAVAILABLE, "%.150s answers with status %d", request->url.p,
                       answer.status);
    if (err != ERR_OK || object->kind != JSON_OBJECT)
        return op_fail(op, ERR_INVALID, "%.150s answers with status %d, and not with a JSON object",
                       request->url.p, answer.status);
    *ret_status = answer.status;
    *ret_object = object;
    return ERR_OK;
}

/* ---- what is kept: under provider->lock ---- */

/* Reads it again if it is older than `age`; what was read before counts where that fails. */
static enum err kept_read(struct provider *provider, struct op *op, struct provider_file *kept,
                          struct str url, int64_t age)
{
    int64_t now = clock_ticks();
    const struct fetch_request request = {.method = STR("GET"), .url = url};
    const struct json *json = NULL;
    struct arena arena;
    int status = 0;
    if (kept->json != NULL && now - kept->read_at < age)
        return ERR_OK;
    if (kept->failed_at != 0 && now - kept->failed_at < FAILED_MS)
        return kept->json != NULL
                   ? ERR_OK
                   : op_fail(op, ERR_UNAVAILABLE, "the provider did not answer a moment ago");
    arena_init(&arena, TREE_MAX);
    enum err err = ask(provider, op, &request, &arena, &status, &json);
    if (err == ERR_OK && status != 200)
        err = op_fail(op, ERR_UNAVAILABLE, "%.150s answers with status %d", url.p, status);
    if (err == ERR_OK && kept == &provider->description &&
        !str_eq(text_of(json, "issuer"), provider->options.issuer))
        err = op_fail(op, ERR_INVALID, "%.100s describes the issuer \"%.*s\", not \"%.*s\"", url.p,
                      STR_ARG(str_sub(text_of(json, "issuer"), 0, 60)),
                      STR_ARG(str_sub(provider->options.issuer, 0, 60)));
    /* Not `now`: a time-out has taken longer than FAILED_MS. */
    kept->failed_at = err == ERR_OK ? 0 : clock_ticks();
    if (err != ERR_OK) {
        arena_finish(&arena);
        if (kept->json != NULL)
            op_forget(op);
        return kept->json != NULL ? ERR_OK : err;
    }
    arena_finish(&kept->arena);
    kept->arena = arena;
    kept->json = json;
    kept->read_at = now;
    return ERR_OK;
}

static enum err description_read(struct provider *provider, struct op *op)
{
    struct str issuer = provider->options.issuer;
    while (issuer.n > 0 && issuer.p[issuer.n - 1] == '/')
        issuer.n--;
    struct str url =
        arena_printf(op->arena, "%.*s/.well-known/openid-configuration", STR_ARG(issuer));
    return url.p == NULL ? ERR_MEMORY
                         : kept_read(provider, op, &provider->description, url, FRESH_MS);
}

static enum err keys_read(struct provider *provider, struct op *op, int64_t age)
{
    struct str url;
    enum err err = arena_copy(op->arena, text_of(provider->description.json, "jwks_uri"), &url);
    return err == ERR_OK ? kept_read(provider, op, &provider->key_set, url, age) : err;
}

/* The provider's description, of which the caller copies what it needs. */
struct endpoints {
    struct str authorization, token, userinfo, end_session;
    bool names_issuer; /* in its answers (RFC 9207) */
    bool secret_in_body;
};

/* Does a list of the description lack the value? One that is not there lacks nothing. */
static bool list_lacks(const struct json *description, const char *name, struct str value)
{
    const struct json *list = json_member(description, str_of(name));
    if (list == NULL || list->kind != JSON_LIST)
        return false;
    for (const struct json *item = list->first; item != NULL; item = item->next)
        if (str_eq(json_text(item), value))
            return false;
    return true;
}

static enum err endpoints_read(struct provider *provider, struct op *op,
                               struct endpoints *ret_endpoints)
{
    static const char *const names[] = {"authorization_endpoint", "token_endpoint",
                                        "userinfo_endpoint", "end_session_endpoint"};
    struct str texts[4] = {STR_NONE, STR_NONE, STR_NONE, STR_NONE};
    struct endpoints endpoints = {0};
    pthread_mutex_lock(&provider->lock);
    enum err err = description_read(provider, op);
    const struct json *description = provider->description.json;
    for (size_t i = 0; i < 4 && err == ERR_OK; i++) {
        struct str text = text_of(description, names[i]);
        if (text.p != NULL)
            err = arena_copy(op->arena, text, &texts[i]);
        if (err == ERR_OK && text.p != NULL && (!url_is_private(text) || text.n > URL_MAX))
            err = op_fail(op, ERR_INVALID, "the provider's %s is not an https address", names[i]);
    }
    if (err == ERR_OK) {
        const struct json *names_issuer =
            json_member(description, STR("authorization_response_iss_parameter_supported"));
        endpoints = (struct endpoints){
            .authorization = texts[0],
            .token = texts[1],
            .userinfo = texts[2],
            .end_session = texts[3],
            .names_issuer = names_issuer != NULL && str_eq(names_issuer->raw, STR("true")),
            .secret_in_body = list_lacks(description, "token_endpoint_auth_methods_supported",
                                         STR("client_secret_basic")),
        };
    }
    pthread_mutex_unlock(&provider->lock);
    if (err == ERR_OK && (endpoints.authorization.p == NULL || endpoints.token.p == NULL))
        err = op_fail(op, ERR_INVALID,
                      "the provider's description lacks authorization_endpoint or token_endpoint");
    if (err == ERR_OK)
        *ret_endpoints = endpoints;
    return err;
}

/* Keys are changed now and then: one that is not known may be new. */
static enum err id_token_verify(struct provider *provider, struct op *op, struct str text,
                                const struct id_token_rules *rules, const struct json **ret_claims)
{
    pthread_mutex_lock(&provider->lock);
    enum err err = keys_read(provider, op, FRESH_MS);
    if (err == ERR_OK)
        err = id_token_read(op, text, provider->key_set.json, rules, ret_claims);
    if (err == ERR_NOT_FOUND) {
        op_forget(op);
        err = keys_read(provider, op, KEYS_AGAIN_MS);
        if (err == ERR_OK)
            err = id_token_read(op, text, provider->key_set.json, rules, ret_claims);
    }
    pthread_mutex_unlock(&provider->lock);
    return err == ERR_NOT_FOUND ? ERR_INVALID : err;
}

/* ---- where the browser goes ---- */

static void parameter_add(struct buf *buf, const char *name, struct str value)
{
    buf_printf(buf, "%s=", name);
    buf_percent(buf, value, STR(""));
}

/* An endpoint may have parameters already. */
static void url_begin(struct buf *buf, struct str endpoint)
{
    buf_init(buf, 4 * URL_MAX);
    buf_add(buf, endpoint);
    buf_char(buf, str_find(endpoint, '?') < endpoint.n ? '&' : '?');
}

enum err provider_authorize(struct provider *provider, struct op *op,
                            const struct provider_sign_in *sign_in, struct str *ret_url)
{
    struct endpoints endpoints;
    struct buf url, challenge;
    enum err err = endpoints_read(provider, op, &endpoints);
    if (err != ERR_OK)
        return err;
    struct sha256 hash = sha256(sign_in->verifier);
    buf_init(&challenge, 64);
    buf_base64url(&challenge, hash.bytes, sizeof hash.bytes);
    url_begin(&url, endpoints.authorization);
    BUF_LIT(&url, "response_type=code&code_challenge_method=S256&");
    parameter_add(&url, "client_id", provider->options.client_id);
    parameter_add(&url, "&redirect_uri", sign_in->redirect_uri);
    parameter_add(&url, "&scope", provider->options.scopes);
    parameter_add(&url, "&state", sign_in->state);
    parameter_add(&url, "&nonce", sign_in->nonce);
    parameter_add(&url, "&code_challenge", buf_str(&challenge));
    err = buf_err(&challenge);
    buf_finish(&challenge);
    if (err == ERR_OK)
        return buf_move(&url, op->arena, ret_url);
    buf_finish(&url);
    return err;
}

enum err provider_end_session(struct provider *provider, struct op *op, struct str home,
                              struct str *ret_url)
{
    struct endpoints endpoints;
    struct buf url;
    enum err err = endpoints_read(provider, op, &endpoints);
    if (err == ERR_OK && endpoints.end_session.p == NULL)
        *ret_url = STR_NONE;
    if (err != ERR_OK || endpoints.end_session.p == NULL)
        return err;
    url_begin(&url, endpoints.end_session);
    parameter_add(&url, "client_id", provider->options.client_id);
    parameter_add(&url, "&post_logout_redirect_uri", home);
    return buf_move(&url, op->arena, ret_url);
}

/* ---- tokens ---- */

/* RFC 6749 section 2.3.1: both are encoded before they become HTTP Basic. */
static enum err encoded(struct op *op, struct str text, struct str *ret_text)
{
    struct buf buf;
    buf_init(&buf, ANSWER_MAX);
    buf_percent(&buf, text, STR(""));
    return buf_move(&buf, op->arena, ret_text);
}

/* Sends `form`, which it finishes, to the token endpoint. */
static enum err token_ask(struct provider *provider, struct op *op,
                          const struct endpoints *endpoints, struct buf *form,
                          const struct json **ret_answer)
{
    struct fetch_request request = {.method = STR("POST"),
                                    .url = endpoints->token,
                                    .content_type = STR("application/x-www-form-urlencoded")};
    int status = 0;
    if (endpoints->secret_in_body) {
        parameter_add(form, "&client_id", provider->options.client_id);
        parameter_add(form, "&client_secret", provider->options.client_secret);
    }
    enum err err = buf_move(form, op->arena, &request.body);
    if (err == ERR_OK && !endpoints->secret_in_body)
        err = encoded(op, provider->options.client_id, &request.user);
    if (err == ERR_OK && !endpoints->secret_in_body)
        err = encoded(op, provider->options.client_secret, &request.password);
    if (err == ERR_OK)
        err = ask(provider, op, &request, op->arena, &status, ret_answer);
    if (err != ERR_OK || status == 200)
        return err;
    struct str error = text_of(*ret_answer, "error");
    return op_fail(op, str_eq(error, STR("invalid_grant")) ? ERR_UNAUTHENTICATED : ERR_UNAVAILABLE,
                   "the provider's token endpoint answers with status %d and the error \"%.*s\"",
                   status, STR_ARG(str_sub(error, 0, 60)));
}

/* ---- who it is ---- */

/* A claim by its name or, where there is none, by a path of names with dots between them. */
static const struct json *claim_find(const struct json *object, struct str name)
{
    const struct json *claim = object == NULL ? NULL : json_member(object, name);
    const struct json *inner = object;
    struct str rest = name;
    if (claim != NULL || str_find(name, '.') == name.n)
        return claim;
    while (rest.p != NULL && inner != NULL)
        inner = inner->kind == JSON_OBJECT ? json_member(inner, str_cut(&rest, '.')) : NULL;
    return inner;
}

static enum err groups_copy(struct op *op, const struct json *claim, struct str_list *ret_groups)
{
    struct str *items = ARENA_ARRAY(op->arena, struct str, PERSON_GROUPS_MAX);
    size_t n = 0;
    if (items == NULL)
        return ERR_MEMORY;
    if (claim != NULL && claim->kind == JSON_TEXT && claim->text.n <= GROUP_NAME_MAX)
        items[n++] = claim->text;
    if (claim != NULL && claim->kind == JSON_LIST)
        for (const struct json *item = claim->first; item != NULL && n < PERSON_GROUPS_MAX;
             item = item->next)
            if (item->kind == JSON_TEXT && item->text.n > 0 && item->text.n <= GROUP_NAME_MAX)
                items[n++] = item->text;
    *ret_groups = (struct str_list){items, n};
    return ERR_OK;
}

/* Standard providers say true; one whose claim has another name may say 1 or "1". */
static bool says_verified(const struct provider *provider, const struct json *claim)
{
    if (claim == NULL || claim->kind == JSON_BOOL)
        return claim != NULL && str_eq(claim->raw, STR("true"));
    return !str_eq(provider->options.verified_claim, STR("email_verified")) &&
           (str_eq(claim->raw, STR("1")) || str_eq(claim->raw, STR("\"1\"")) ||
            str_eq(claim->raw, STR("\"true\"")));
}

/* `claims` of the ID token, and what the userinfo endpoint says; NULL: nothing came. An address and its verification
 * come from the same source. */
static enum err identity_make(const struct provider *provider, struct op *op,
                              const struct json *claims, const struct json *userinfo,
                              struct identity *ret_identity)
{
    const struct json *with_email = text_of(claims, "email").p != NULL ? claims : userinfo;
    const struct json *groups = claim_find(claims, provider->options.groups_claim);
    struct str name = text_of(claims, "name");
    struct identity identity = {
        .issuer = provider->options.issuer,
        .subject = text_of(claims != NULL ? claims : userinfo, "sub"),
        .email = text_of(with_email, "email"),
        .email_verified =
            says_verified(provider, claim_find(with_email, provider->options.verified_claim)),
        .name = name.p != NULL ? name : text_of(userinfo, "name"),
    };
    if (groups == NULL)
        groups = claim_find(userinfo, provider->options.groups_claim);
    enum err err = groups_copy(op, groups, &identity.groups);
    if (err == ERR_OK)
        *ret_identity = identity;
    return err;
}

/* What the ID token does not say, the userinfo endpoint may (section 5.3). */
static enum err userinfo_ask(struct provider *provider, struct op *op,
                             const struct endpoints *endpoints, struct str access_token,
                             struct str subject, const struct json **ret_userinfo)
{
    struct fetch_request request = {.method = STR("GET"), .url = endpoints->userinfo};
    int status = 0;
    enum err err = arena_copy(op->arena, access_token, &request.bearer);
    if (err == ERR_OK)
        err = ask(provider, op, &request, op->arena, &status, ret_userinfo);
    if (err == ERR_OK && status != 200)
        err = op_fail(op, status == 401 ? ERR_UNAUTHENTICATED : ERR_UNAVAILABLE,
                      "the provider's userinfo endpoint answers with status %d", status);
    if (err == ERR_OK && !str_eq(text_of(*ret_userinfo, "sub"), subject))
        err = op_fail(op, ERR_INVALID, "the provider's userinfo endpoint speaks of somebody else");
    return err;
}

static bool header_safe(struct str text)
{
    bool safe = text.n <= TOKEN_MAX;
    for (size_t i = 0; i < text.n && safe; i++)
        safe = text.p[i] > ' ' && text.p[i] < 0x7f;
    return safe;
}

static enum err answer_read(struct provider *provider, struct op *op,
                            const struct endpoints *endpoints, const struct json *tokens,
                            const struct id_token_rules *rules, struct provider_answer *ret_answer)
{
    struct str access = text_of(tokens, "access_token"), refresh = text_of(tokens, "refresh_token"),
               id_token = text_of(tokens, "id_token");
    const struct json *claims = NULL, *userinfo = NULL;
    struct str subject = rules->subject;
    enum err err = ERR_OK;
    if (!header_safe(access) || refresh.n > TOKEN_MAX)
        return op_fail(op, ERR_INVALID, "the provider's access token is malformed, or too large");
    ret_answer->refresh_token = refresh;
    if (id_token.p != NULL || subject.p == NULL)
        err = id_token_verify(provider, op, id_token, rules, &claims);
    if (err == ERR_OK && claims != NULL)
        subject = text_of(claims, "sub");
    bool lacks = claim_find(claims, provider->options.groups_claim) == NULL ||
                 text_of(claims, "email").p == NULL;
    if (err == ERR_OK && lacks && endpoints->userinfo.p != NULL && access.n > 0)
        err = userinfo_ask(provider, op, endpoints, access, subject, &userinfo);
    if (err == ERR_OK && claims == NULL && userinfo == NULL)
        err =
            op_fail(op, ERR_UNAVAILABLE, "the provider says nothing about the person at a refresh");
    struct provider_answer answer = {
        .refresh_token = refresh,
        .claims = claims == NULL ? STR_NONE : claims->raw,
        .userinfo = userinfo == NULL ? STR_NONE : userinfo->raw,
    };
    if (err == ERR_OK)
        err = identity_make(provider, op, claims, userinfo, &answer.identity);
    if (err == ERR_OK)
        *ret_answer = answer;
    return err;
}

enum err provider_exchange(struct provider *provider, struct op *op,
                           const struct provider_sign_in *sign_in,
                           struct provider_answer *ret_answer)
{
    const struct id_token_rules rules = {.issuer = provider->options.issuer,
                                         .client_id = provider->options.client_id,
                                         .nonce = sign_in->nonce,
                                         .now = op->now};
    const struct json *tokens = NULL;
    struct endpoints endpoints;
    struct buf form;
    *ret_answer = (struct provider_answer){0};
    enum err err = endpoints_read(provider, op, &endpoints);
    if (err != ERR_OK)
        return err;
    if (sign_in->issuer.p == NULL ? endpoints.names_issuer
                                  : !str_eq(sign_in->issuer, provider->options.issuer))
        return op_fail(op, ERR_INVALID,
                       "the answer comes from another issuer, or does not say which");
    buf_init(&form, ANSWER_MAX);
    parameter_add(&form, "grant_type", STR("authorization_code"));
    parameter_add(&form, "&code", sign_in->code);
    parameter_add(&form, "&redirect_uri", sign_in->redirect_uri);
    parameter_add(&form, "&code_verifier", sign_in->verifier);
    err = token_ask(provider, op, &endpoints, &form, &tokens);
    return err == ERR_OK ? answer_read(provider, op, &endpoints, tokens, &rules, ret_answer) : err;
}

enum err provider_refresh(struct provider *provider, struct op *op, struct str refresh_token,
                          struct str subject, struct provider_answer *ret_answer)
{
    const struct id_token_rules rules = {.issuer = provider->options.issuer,
                                         .client_id = provider->options.client_id,
                                         .subject = subject,
                                         .now = op->now};
    const struct json *tokens = NULL;
    struct endpoints endpoints;
    struct buf form;
    *ret_answer = (struct provider_answer){0};
    enum err err = endpoints_read(provider, op, &endpoints);
    if (err != ERR_OK)
        return err;
    buf_init(&form, ANSWER_MAX);
    parameter_add(&form, "grant_type", STR("refresh_token"));
    parameter_add(&form, "&refresh_token", refresh_token);
    err = token_ask(provider, op, &endpoints, &form, &tokens);
    return err == ERR_OK ? answer_read(provider, op, &endpoints, tokens, &rules, ret_answer) : err;
}

/* ---- at rest ---- */

enum err provider_seal(const struct provider *provider, struct op *op, struct str text,
                       struct str *ret_sealed)
{
    return seal(op, &provider->key, text, ret_sealed);
}

enum err provider_unseal(const struct provider *provider, struct op *op, struct str sealed,
                         struct str *ret_text)
{
    return unseal(op, &provider->key, sealed, ret_text);
}
