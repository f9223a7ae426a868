/*
 * The token endpoint (RFC 6749), revocation (RFC 7009), introspection (RFC 7662) and the metadata
 * document (RFC 8414).
 */
#include "api/api.h"
#include "api/authorization.h"
#include "api/form_body.h"
#include "api/handlers.h"
#include "api/problem.h"
#include "core/introspection.h"
#include "core/login.h"
#include "json/write.h"

/* One call of these endpoints, in its arena. */
struct oauth {
    struct call *call;
    void (*next)(struct oauth *oauth); /* once the body is read and the client known */
    struct form_body form;
    int64_t client_id; /* the authenticated client's account; 0: none */
    struct client_check client;
    struct login_attempt login;
    struct token_change change;
    struct introspection introspection;
};

/* ---- answers ---- */

static const struct http_header no_store[] = {
    {STR_INIT("Cache-Control"), STR_INIT("no-store")},
    {STR_INIT("Pragma"), STR_INIT("no-cache")},
};

enum { NO_STORE = sizeof no_store / sizeof no_store[0] };

/* Answers with call->body; what could not be built whole is not sent at all. */
static void oauth_answer(struct call *call, int status, const struct http_header *headers,
                         size_t header_count)
{
    if (buf_err(&call->body) != ERR_OK) {
        buf_clear(&call->body);
        status = 503;
    }
    call_answer(call, status, STR("application/json"), headers, header_count);
}

/* RFC 6749 section 5.2. `description` has no quote or backslash, as the RFC asks. */
static void oauth_fail(struct call *call, int status, const char *error, struct str description,
                       const struct http_header *more)
{
    struct http_header headers[NO_STORE + 1] = {no_store[0], no_store[1]};
    if (more != NULL)
        headers[NO_STORE] = *more;
    BUF_LIT(&call->body, "{\"error\":");
    buf_json_string(&call->body, str_of(error));
    BUF_LIT(&call->body, ",\"error_description\":");
    buf_json_string(&call->body, description);
    buf_char(&call->body, '}');
    oauth_answer(call, status, headers, NO_STORE + (more != NULL));
}

static void oauth_invalid(struct call *call, struct str description)
{
    oauth_fail(call, 400, "invalid_request", description, NULL);
}

static void oauth_fail_client(struct call *call, struct str description)
{
    const struct http_header challenge = {STR("WWW-Authenticate"), STR("Basic realm=\"bzctrl\"")};
    oauth_fail(call, 401, "invalid_client", description, &challenge);
}

static void oauth_fail_credentials(struct call *call)
{
    oauth_fail_client(call, STR("The client id or the client secret is wrong. A sign-in with an "
                                "e-mail address and a password needs neither."));
}

static void oauth_fail_retry(struct call *call, int status, const char *error, int seconds)
{
    struct str text = arena_printf(call->op.arena, "%d", seconds);
    const struct http_header retry = {STR("Retry-After"), text.p == NULL ? STR("5") : text};
    struct str description = arena_printf(
        call->op.arena,
        status == 429 ? "Too many attempts. Try again in %d seconds."
                      : "The server cannot do this right now. Try again in %d seconds.",
        seconds);
    oauth_fail(call, status, error, description, &retry);
}

/* Errors that are neither the client's nor the person's fault. */
static void oauth_fail_server(struct call *call, enum err err)
{
    int status = problem_status(err);
    if (status == 503)
        oauth_fail_retry(call, 503, "temporarily_unavailable", problem_retry_after(503));
    else
        oauth_fail(call, 500, "server_error", problem_detail(err, STR_NONE), NULL);
}

/* ---- the way to a handler: body, then client ---- */

static void client_checked(struct client_check *check)
{
    struct oauth *oauth = check->user;
    if (check->err == ERR_UNAUTHENTICATED) {
        oauth_fail_credentials(oauth->call);
    } else if (check->err == ERR_THROTTLED) {
        oauth_fail_retry(oauth->call, 429, "invalid_grant", check->retry_after);
    } else if (check->err != ERR_OK) {
        oauth_fail_server(oauth->call, check->err);
    } else {
        oauth->client_id = check->client_id;
        oauth->next(oauth);
    }
}

/* RFC 6749 section 2.3.1: by Basic or in the body, not both. An id alone names a client and proves
 * nothing, so it changes nothing; an empty id with an empty secret is what some libraries send when
 * there is no client. */
static void oauth_client(struct oauth *oauth)
{
    struct call *call = oauth->call;
    struct str id = form_body_get(&oauth->form, "client_id");
    struct str secret = form_body_get(&oauth->form, "client_secret");
    size_t headers = http_header_count(call->request, STR("authorization"));
    if (headers > 0) {
        struct authorization authorization;
        enum err err =
            headers > 1 ? ERR_SYNTAX
                        : authorization_read(&call->op,
                                             http_header_get(call->request, STR("authorization")),
                                             &authorization);
        if (err == ERR_SYNTAX || (err == ERR_OK && authorization.scheme != AUTHORIZATION_BASIC)) {
            oauth_fail_credentials(call);
            return;
        }
        if (err != ERR_OK) {
            oauth_fail_server(call, err);
            return;
        }
        if (secret.p != NULL || (id.p != NULL && !str_eq(id, authorization.user))) {
            oauth_invalid(call, STR("The client credentials are in both the Authorization header "
                                    "and the body; send them once."));
            return;
        }
        id = authorization.user;
        secret = authorization.secret;
    }
    if (secret.p == NULL || (id.n == 0 && secret.n == 0)) {
        oauth->next(oauth);
        return;
    }
    oauth->client = (struct client_check){
        .op = &call->op,
        .id = id,
        .secret = secret,
        .address = call_client_address(call),
        .done = client_checked,
        .user = oauth,
    };
    client_check_start(api_login(call->api), &oauth->client);
}

/* Answers and returns false unless a client has authenticated. */
static bool oauth_needs_client(struct oauth *oauth)
{
    if (oauth->client_id != 0)
        return true;
    oauth_fail_client(oauth->call,
                      STR("Send a client id and a client secret, by HTTP Basic or in the body."));
    return false;
}

static void oauth_begin(struct call *call, void (*next)(struct oauth *oauth))
{
    struct oauth *oauth = ARENA_NEW(call->op.arena, struct oauth);
    if (oauth == NULL) {
        oauth_fail_server(call, ERR_MEMORY);
        return;
    }
    oauth->call = call;
    oauth->next = next;
    struct str parameters = http_header_get(call->request, STR("content-type"));
    struct str media = str_trim(str_cut(&parameters, ';'));
    if (!str_eq_case(media, STR("application/x-www-form-urlencoded")) ||
        http_header_count(call->request, STR("content-type")) != 1 ||
        http_header_count(call->request, STR("content-encoding")) > 0) {
        oauth_invalid(call, STR("Send the parameters as Content-Type: "
                                "application/x-www-form-urlencoded, without a Content-Encoding."));
        return;
    }
    if (call->request->query.n > 0) {
        oauth_invalid(call, STR("Send the parameters in the body: URLs are written to logs and "
                                "must not contain secrets."));
        return;
    }
    enum err err = form_body_read(&call->op, call->request->body, &oauth->form);
    if (err == ERR_OK)
        oauth_client(oauth);
    else if (err == ERR_SYNTAX)
        oauth_invalid(call, str_of(call->op.detail));
    else
        oauth_fail_server(call, err);
}

/* ---- POST /bzctrl-core-api/oauth/token ---- */

static void token_answer(struct token_change *change)
{
    struct oauth *oauth = change->user;
    struct call *call = oauth->call;
    struct buf *body = &call->body;
    if (change->err == ERR_UNAUTHENTICATED) {
        oauth_fail(call, 400, "invalid_grant",
                   STR("The refresh token is unknown, expired, already used or from another "
                       "client. Sign in again."),
                   NULL);
        return;
    }
    if (change->err == ERR_FORBIDDEN) {
        oauth_fail(call, 400, "invalid_scope", str_of(call->op.detail), NULL);
        return;
    }
    if (change->err != ERR_OK) {
        oauth_fail_server(call, change->err);
        return;
    }
    BUF_LIT(body, "{\"access_token\":");
    buf_json_string(body, change->access);
    if (change->refresh.p != NULL) {
        BUF_LIT(body, ",\"refresh_token\":");
        buf_json_string(body, change->refresh);
    }
    BUF_LIT(body, ",\"token_type\":\"Bearer\",\"expires_in\":");
    buf_i64(body, change->expires_in);
    BUF_LIT(body, ",\"scope\":");
    buf_json_string(body, change->granted);
    BUF_LIT(body, ",\"jti\":\"");
    buf_i64(body, change->token_id);
    BUF_LIT(body, "\"}");
    oauth_answer(call, 200, no_store, NO_STORE);
}

static void password_checked(struct login_attempt *attempt)
{
    struct oauth *oauth = attempt->user;
    struct call *call = oauth->call;
    if (attempt->err == ERR_UNAUTHENTICATED) {
        oauth_fail(call, 400, "invalid_grant", STR("The e-mail address or the password is wrong."),
                   NULL);
        return;
    }
    if (attempt->err == ERR_THROTTLED) {
        oauth_fail_retry(call, 429, "invalid_grant", attempt->retry_after);
        return;
    }
    if (attempt->err != ERR_OK) {
        oauth_fail_server(call, attempt->err);
        return;
    }
    oauth->change = (struct token_change){
        .op = &call->op,
        .done = token_answer,
        .user = oauth,
        .account_id = attempt->account_id,
        .sign_in = attempt->sign_in,
        .client_id = oauth->client_id,
        .scope = form_body_get(&oauth->form, "scope"),
    };
    token_issue(api_tokens(call->api), &oauth->change);
}

static void grant_password(struct oauth *oauth)
{
    struct call *call = oauth->call;
    struct str username = utf8_trim(form_body_get(&oauth->form, "username"));
    /* No address has a blank. In this encoding a plus is one, unless it is written as %2B. */
    if (str_find(username, ' ') < username.n) {
        oauth_invalid(call, STR("The username contains a space. In this encoding + means a space: "
                                "send a plus sign as %2B."));
        return;
    }
    oauth->login = (struct login_attempt){
        .op = &call->op,
        .way = LOGIN_GRANT,
        .email = username,
        .password = form_body_get(&oauth->form, "password"),
        .address = call_client_address(call),
        .done = password_checked,
        .user = oauth,
    };
    login_start(api_login(call->api), &oauth->login);
}

static void grant_refresh(struct oauth *oauth)
{
    struct call *call = oauth->call;
    oauth->change = (struct token_change){
        .op = &call->op,
        .done = token_answer,
        .user = oauth,
        .presented = form_body_get(&oauth->form, "refresh_token"),
        .client_id = oauth->client_id,
        .scope = form_body_get(&oauth->form, "scope"),
    };
    token_refresh(api_tokens(call->api), &oauth->change);
}

static void grant_client(struct oauth *oauth)
{
    struct call *call = oauth->call;
    const struct client_check *client = &oauth->client;
    if (!oauth_needs_client(oauth))
        return;
    if (client->scope.n == 0) {
        oauth_fail(call, 400, "unauthorized_client",
                   STR("This client has no scope, so it cannot get a token. Ask a manager to give "
                       "it one."),
                   NULL);
        return;
    }
    oauth->change = (struct token_change){
        .op = &call->op,
        .done = token_answer,
        .user = oauth,
        .account_id = client->client_id,
        .client_id = client->client_id,
        .scope = form_body_get(&oauth->form, "scope"),
        .most = client->scope,
        .secret_id = client->secret_id,
        .secret_expires_at = client->secret_expires_at,
        .note_use = client->note_use,
    };
    token_issue_client(api_tokens(call->api), &oauth->change);
}

static const struct grant_type {
    const char *name;
    const char *needs[2];
    void (*run)(struct oauth *oauth);
} grant_types[] = {
    {"password", {"username", "password"}, grant_password},
    {"refresh_token", {"refresh_token"}, grant_refresh},
    {"client_credentials", {NULL}, grant_client},
};

enum { GRANT_TYPES = sizeof grant_types / sizeof grant_types[0] };

/* Answers and returns false when a parameter is missing. */
static bool oauth_needs(struct oauth *oauth, const char *const *names, size_t count)
{
    struct buf missing;
    buf_init(&missing, 256);
    for (size_t i = 0; i < count && names[i] != NULL; i++)
        if (form_body_get(&oauth->form, names[i]).p == NULL)
            buf_printf(&missing, "%s%s", missing.n == 0 ? "Missing: " : ", ", names[i]);
    bool complete = missing.n == 0;
    buf_char(&missing, '.');
    if (!complete)
        oauth_invalid(oauth->call, buf_str(&missing));
    buf_finish(&missing);
    return complete;
}

static void token_dispatch(struct oauth *oauth)
{
    static const char *const needs[] = {"grant_type"};
    struct str wanted = form_body_get(&oauth->form, "grant_type");
    for (size_t i = 0; i < GRANT_TYPES; i++)
        if (str_eq(wanted, str_of(grant_types[i].name))) {
            if (oauth_needs(oauth, grant_types[i].needs, 2))
                grant_types[i].run(oauth);
            return;
        }
    if (!oauth_needs(oauth, needs, 1))
        return;
    struct buf known;
    buf_init(&known, 256);
    BUF_LIT(&known, "Supported grant types:");
    for (size_t i = 0; i < GRANT_TYPES; i++)
        buf_printf(&known, "%s %s", i == 0 ? "" : ",", grant_types[i].name);
    buf_char(&known, '.');
    oauth_fail(oauth->call, 400, "unsupported_grant_type", buf_str(&known), NULL);
    buf_finish(&known);
}

void oauth_token(struct call *call)
{
    oauth_begin(call, token_dispatch);
}

/* ---- POST /bzctrl-core-api/oauth/revoke ---- */

static void revoked(struct token_change *change)
{
    struct oauth *oauth = change->user;
    if (change->err == ERR_OK) {
        /* RFC 7009 wants no body, and client libraries want JSON: an empty object suits both. */
        BUF_LIT(&oauth->call->body, "{}");
        oauth_answer(oauth->call, 200, no_store, NO_STORE);
    } else if (change->err == ERR_UNAUTHENTICATED) {
        oauth_fail(oauth->call, 400, "unauthorized_client",
                   STR("The token was issued to another client."), NULL);
    } else {
        oauth_fail_server(oauth->call, change->err);
    }
}

static void revoke_dispatch(struct oauth *oauth)
{
    static const char *const needs[] = {"token"};
    if (!oauth_needs(oauth, needs, 1))
        return;
    oauth->change = (struct token_change){
        .op = &oauth->call->op,
        .done = revoked,
        .user = oauth,
        .presented = form_body_get(&oauth->form, "token"),
        .client_id = oauth->client_id,
    };
    token_revoke(api_tokens(oauth->call->api), &oauth->change);
}

void oauth_revoke(struct call *call)
{
    oauth_begin(call, revoke_dispatch);
}

/* ---- POST /bzctrl-core-api/oauth/introspect ---- */

static void member_text(struct buf *body, const char *name, struct str text)
{
    buf_printf(body, ",\"%s\":", name);
    buf_json_string(body, text);
}

static void encode_active(struct call *call, const struct token *token)
{
    struct buf *body = &call->body;
    int64_t client_id = token->family.client_id, account_id = token->family.account_id;
    const struct account *client = directory_account_by_id(call->directory, client_id);
    const struct account *account = directory_account_by_id(call->directory, account_id);
    BUF_LIT(body, "{\"active\":true,\"token_type\":\"Bearer\"");
    member_text(body, "scope", token->scope);
    member_text(body, "client_id", client->email);
    member_text(body, "username", account->email);
    member_text(body, "sub", account->email);
    member_text(
        body, "iss",
        arena_printf(call->op.arena, "%.*s/bzctrl-core-api", STR_ARG(api_public_url(call->api))));
    buf_printf(body, ",\"exp\":%lld,\"iat\":%lld,\"jti\":\"%lld\"}",
               (long long)(token->expires_at / 1000), (long long)(token->created_at / 1000),
               (long long)token->id);
}

static void introspected(struct introspection *introspection)
{
    struct oauth *oauth = introspection->user;
    struct call *call = oauth->call;
    const struct token_family *family = &introspection->token.family;
    if (introspection->err != ERR_OK) {
        oauth_fail_server(call, introspection->err);
        return;
    }
    call_refresh_directory(call);
    if (introspection->active &&
        directory_account_by_id(call->directory, family->account_id) != NULL &&
        directory_account_by_id(call->directory, family->client_id) != NULL)
        encode_active(call, &introspection->token);
    else
        BUF_LIT(&call->body, "{\"active\":false}");
    oauth_answer(call, 200, no_store, NO_STORE);
}

static void introspect_dispatch(struct oauth *oauth)
{
    static const char *const needs[] = {"token"};
    if (!oauth_needs_client(oauth) || !oauth_needs(oauth, needs, 1))
        return;
    oauth->introspection = (struct introspection){
        .op = &oauth->call->op,
        .presented = form_body_get(&oauth->form, "token"),
        .client_id = oauth->client_id,
        .done = introspected,
        .user = oauth,
    };
    introspection_start(api_core(oauth->call->api), &oauth->introspection);
}

void oauth_introspect(struct call *call)
{
    oauth_begin(call, introspect_dispatch);
}

/* ---- GET /.well-known/oauth-authorization-server/bzctrl-core-api ---- */

static void put_url(struct call *call, const char *name, const char *path)
{
    json_put_text(&call->json, name,
                  arena_printf(call->op.arena, "%.*s/bzctrl-core-api%s",
                               STR_ARG(api_public_url(call->api)), path));
}

static void put_words(struct call *call, const char *name, const char *const *words)
{
    json_begin_list(&call->json, name);
    for (; *words != NULL; words++)
        json_put_text(&call->json, NULL, str_of(*words));
    json_end(&call->json);
}

enum err oauth_metadata(struct call *call)
{
    static const char *const none[] = {NULL};
    static const char *const scopes[] = {"*", "task:read", "task:create", "task:write", NULL};
    static const char *const methods[] = {"none", "client_secret_basic", "client_secret_post",
                                          NULL};
    static const struct http_header cache = {STR_INIT("Cache-Control"),
                                             STR_INIT("public, max-age=300")};
    json_begin_object(&call->json, NULL);
    put_url(call, "issuer", "");
    put_url(call, "token_endpoint", "/oauth/token");
    put_url(call, "revocation_endpoint", "/oauth/revoke");
    put_url(call, "introspection_endpoint", "/oauth/introspect");
    json_begin_list(&call->json, "grant_types_supported");
    for (size_t i = 0; i < GRANT_TYPES; i++)
        json_put_text(&call->json, NULL, str_of(grant_types[i].name));
    json_end(&call->json);
    put_words(call, "response_types_supported", none);
    put_words(call, "scopes_supported", scopes);
    put_words(call, "token_endpoint_auth_methods_supported", methods);
    put_words(call, "revocation_endpoint_auth_methods_supported", methods);
    put_words(call, "introspection_endpoint_auth_methods_supported", methods + 1);
    json_end(&call->json);
    return call_answer(call, 200, STR("application/json"), &cache, 1);
}
