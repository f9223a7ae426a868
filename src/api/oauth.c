/*
 * The token endpoint (RFC 6749), revocation (RFC 7009), introspection (RFC 7662) and the metadata
 * document (RFC 8414).
 */
#include "api/api.h"
#include "api/authentication.h"
#include "api/authorization.h"
#include "api/form_body.h"
#include "api/handlers.h"
#include "api/problem.h"
#include "core/introspection.h"
#include "core/login.h"

/* What a call of these endpoints begins with. */
struct oauth {
    struct call *call;
    struct form_body form;
    struct client_check client; /* its client_id is 0 if no client has authenticated */
};

/* ---- answers ---- */

static const struct http_header no_store[] = {
    {STR_INIT("Cache-Control"), STR_INIT("no-store")},
    {STR_INIT("Pragma"), STR_INIT("no-cache")},
};

enum { NO_STORE = sizeof no_store / sizeof no_store[0] };

/* Answers with call->body. */
static enum err oauth_answer(struct call *call)
{
    return call_answer(call, 200, STR("application/json"), no_store, NO_STORE);
}

/* RFC 6749 section 5.2. `description` has no quote or backslash, as the RFC asks. This and all that
 * it is called by return ERR_ANSWERED. */
static enum err oauth_fail(struct call *call, int status, const char *error, struct str description,
                           const struct http_header *more)
{
    struct http_header headers[NO_STORE + 1] = {no_store[0], no_store[1]};
    if (more != NULL)
        headers[NO_STORE] = *more;
    json_begin_object(&call->json, NULL);
    json_put_text(&call->json, "error", str_of(error));
    json_put_text(&call->json, "error_description", description);
    json_end(&call->json);
    (void)call_answer(call, status, STR("application/json"), headers, NO_STORE + (more != NULL));
    return ERR_ANSWERED;
}

static enum err oauth_invalid(struct call *call, struct str description)
{
    return oauth_fail(call, 400, "invalid_request", description, NULL);
}

static enum err oauth_fail_client(struct call *call, struct str description)
{
    const struct http_header challenge = {STR("WWW-Authenticate"), STR("Basic realm=\"bzctrl\"")};
    return oauth_fail(call, 401, "invalid_client", description, &challenge);
}

static enum err oauth_fail_credentials(struct call *call)
{
    return oauth_fail_client(call,
                             STR("The client id or the client secret is wrong. A sign-in with an "
                                 "e-mail address and a password needs neither."));
}

static enum err oauth_fail_retry(struct call *call, int status, const char *error, int seconds)
{
    struct str text = arena_printf(call->op.arena, "%d", seconds);
    const struct http_header retry = {STR("Retry-After"), text.p == NULL ? STR("5") : text};
    struct str description = arena_printf(
        call->op.arena,
        status == 429 ? "Too many attempts. Try again in %d seconds."
                      : "The server cannot do this right now. Try again in %d seconds.",
        seconds);
    return oauth_fail(call, status, error, description, &retry);
}

/* For errors that are neither the client's nor the person's fault. Returns what the handler is to
 * return. */
static enum err oauth_fail_server(struct call *call, enum err err)
{
    if (err == ERR_ELSEWHERE || err == ERR_RETRY) /* nothing is wrong: the handler runs again */
        return err;
    if (problem_status(err) == 503)
        return oauth_fail_retry(call, 503, "temporarily_unavailable", problem_retry_after(503));
    return oauth_fail(call, 500, "server_error", problem_detail(err, STR_NONE), NULL);
}

/* ---- what each call begins with: the body, then the client ---- */

/* RFC 6749 section 2.3.1: by Basic or in the body, not both. An id alone names a client and proves
 * nothing, so it changes nothing; an empty id with an empty secret is what some libraries send when
 * there is no client. */
static enum err oauth_client(struct oauth *oauth)
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
        if (err == ERR_SYNTAX || (err == ERR_OK && authorization.scheme != AUTHORIZATION_BASIC))
            return oauth_fail_credentials(call);
        if (err != ERR_OK)
            return oauth_fail_server(call, err);
        if (secret.p != NULL || (id.p != NULL && !str_eq(id, authorization.user)))
            return oauth_invalid(call,
                                 STR("The client credentials are in both the Authorization header "
                                     "and the body; send them once."));
        id = authorization.user;
        secret = authorization.secret;
    }
    if (secret.p == NULL || (id.n == 0 && secret.n == 0))
        return ERR_OK;
    oauth->client = (struct client_check){
        .op = &call->op,
        .id = id,
        .secret = secret,
        .address = call_client_address(call),
    };
    enum err err = login_check_client(api_login(call->api), call->db, &oauth->client);
    if (err == ERR_UNAUTHENTICATED)
        return oauth_fail_credentials(call);
    if (err == ERR_THROTTLED)
        return oauth_fail_retry(call, 429, "invalid_grant", oauth->client.retry_after);
    return err == ERR_OK ? ERR_OK : oauth_fail_server(call, err);
}

static enum err oauth_begin(struct call *call, struct oauth *ret_oauth)
{
    struct str parameters = http_header_get(call->request, STR("content-type"));
    struct str media = str_trim(str_cut(&parameters, ';'));
    *ret_oauth = (struct oauth){.call = call};
    if (!str_eq_case(media, STR("application/x-www-form-urlencoded")) ||
        http_header_count(call->request, STR("content-type")) != 1 ||
        http_header_count(call->request, STR("content-encoding")) > 0)
        return oauth_invalid(call,
                             STR("Send the parameters as Content-Type: "
                                 "application/x-www-form-urlencoded, without a Content-Encoding."));
    if (call->request->query.n > 0)
        return oauth_invalid(call, STR("Send the parameters in the body: URLs are written to logs "
                                       "and must not contain secrets."));
    enum err err = form_body_read(&call->op, call->request->body, &ret_oauth->form);
    if (err == ERR_SYNTAX)
        return oauth_invalid(call, str_of(call->op.detail));
    return err == ERR_OK ? oauth_client(ret_oauth) : oauth_fail_server(call, err);
}

static enum err oauth_needs_client(const struct oauth *oauth)
{
    if (oauth->client.client_id != 0)
        return ERR_OK;
    return oauth_fail_client(
        oauth->call, STR("Send a client id and a client secret, by HTTP Basic or in the body."));
}

/* At most two parameters, of which none may be missing. */
static enum err oauth_needs(const struct oauth *oauth, const char *const names[2])
{
    struct buf missing;
    enum err err = ERR_OK;
    buf_init(&missing, 256);
    for (size_t i = 0; i < 2 && names[i] != NULL; i++)
        if (form_body_get(&oauth->form, names[i]).p == NULL)
            buf_printf(&missing, "%s%s", missing.n == 0 ? "Missing: " : ", ", names[i]);
    if (missing.n > 0) {
        buf_char(&missing, '.');
        err = oauth_invalid(oauth->call, buf_str(&missing));
    }
    buf_finish(&missing);
    return err;
}

/* ---- POST /bzctrl-core-api/oauth/token ---- */

static enum err token_answer(struct call *call, enum err err, const struct token_change *change)
{
    struct json_writer *json = &call->json;
    if (err == ERR_UNAUTHENTICATED)
        return oauth_fail(call, 400, "invalid_grant",
                          STR("The refresh token is unknown, expired, already used or from another "
                              "client. Sign in again."),
                          NULL);
    if (err == ERR_FORBIDDEN)
        return oauth_fail(call, 400, "invalid_scope", str_of(call->op.detail), NULL);
    if (err != ERR_OK)
        return oauth_fail_server(call, err);
    json_begin_object(json, NULL);
    json_put_text(json, "access_token", change->access);
    if (change->refresh.p != NULL)
        json_put_text(json, "refresh_token", change->refresh);
    json_put_text(json, "token_type", STR("Bearer"));
    json_put_i64(json, "expires_in", change->expires_in);
    json_put_text(json, "scope", change->granted);
    json_put_id(json, "jti", change->token_id);
    json_end(json);
    return oauth_answer(call);
}

static enum err grant_password(struct oauth *oauth)
{
    struct call *call = oauth->call;
    struct login_attempt attempt = {
        .op = &call->op,
        .way = LOGIN_GRANT,
        .email = utf8_trim(form_body_get(&oauth->form, "username")),
        .password = form_body_get(&oauth->form, "password"),
        .address = call_client_address(call),
    };
    /* No address has a blank. In this encoding a plus is one, unless it is written as %2B. */
    if (str_find(attempt.email, ' ') < attempt.email.n)
        return oauth_invalid(call, STR("The username contains a space. In this encoding + means a "
                                       "space: send a plus sign as %2B."));
    enum err err = call_check_password(call, &attempt);
    if (err == ERR_UNAUTHENTICATED)
        return oauth_fail(call, 400, "invalid_grant",
                          STR("The e-mail address or the password is wrong."), NULL);
    if (err == ERR_THROTTLED)
        return oauth_fail_retry(call, 429, "invalid_grant", attempt.retry_after);
    if (err != ERR_OK)
        return oauth_fail_server(call, err);

    struct token_change change = {
        .op = &call->op,
        .account_id = attempt.account_id,
        .sign_in = attempt.sign_in,
        .client_id = oauth->client.client_id,
        .from = call_sign_in_from(call),
        .scope = form_body_get(&oauth->form, "scope"),
    };
    err = token_issue(api_tokens(call->api), &change);
    return token_answer(call, err, &change);
}

static enum err grant_refresh(struct oauth *oauth)
{
    struct call *call = oauth->call;
    struct token_change change = {
        .op = &call->op,
        .presented = form_body_get(&oauth->form, "refresh_token"),
        .client_id = oauth->client.client_id,
        .scope = form_body_get(&oauth->form, "scope"),
    };
    enum err err = token_refresh(api_tokens(call->api), &change);
    return token_answer(call, err, &change);
}

static enum err grant_client(struct oauth *oauth)
{
    struct call *call = oauth->call;
    const struct client_check *client = &oauth->client;
    enum err err = oauth_needs_client(oauth);
    if (err != ERR_OK)
        return err;
    if (client->scope.n == 0)
        return oauth_fail(call, 400, "unauthorized_client",
                          STR("This client has no scope, so it cannot get a token. Ask a manager "
                              "to give it one."),
                          NULL);
    struct token_change change = {
        .op = &call->op,
        .account_id = client->client_id,
        .client_id = client->client_id,
        .scope = form_body_get(&oauth->form, "scope"),
        .most = client->scope,
        .secret_id = client->secret_id,
        .secret_expires_at = client->secret_expires_at,
        .note_use = client->note_use,
    };
    err = token_issue_client(api_tokens(call->api), &change);
    return token_answer(call, err, &change);
}

static const struct grant_type {
    const char *name;
    const char *needs[2];
    enum err (*run)(struct oauth *oauth);
} grant_types[] = {
    {"password", {"username", "password"}, grant_password},
    {"refresh_token", {"refresh_token"}, grant_refresh},
    {"client_credentials", {NULL}, grant_client},
};

enum { GRANT_TYPES = sizeof grant_types / sizeof grant_types[0] };

enum err oauth_token(struct call *call)
{
    static const char *const needs[2] = {"grant_type"};
    struct oauth oauth;
    enum err err = oauth_begin(call, &oauth);
    if (err != ERR_OK)
        return err;
    struct str wanted = form_body_get(&oauth.form, "grant_type");
    for (size_t i = 0; i < GRANT_TYPES; i++)
        if (str_eq(wanted, str_of(grant_types[i].name))) {
            err = oauth_needs(&oauth, grant_types[i].needs);
            return err == ERR_OK ? grant_types[i].run(&oauth) : err;
        }
    err = oauth_needs(&oauth, needs);
    if (err != ERR_OK)
        return err;
    struct buf known;
    buf_init(&known, 256);
    BUF_LIT(&known, "Supported grant types:");
    for (size_t i = 0; i < GRANT_TYPES; i++)
        buf_printf(&known, "%s %s", i == 0 ? "" : ",", grant_types[i].name);
    buf_char(&known, '.');
    err = oauth_fail(call, 400, "unsupported_grant_type", buf_str(&known), NULL);
    buf_finish(&known);
    return err;
}

/* ---- POST /bzctrl-core-api/oauth/revoke ---- */

static const char *const needs_token[2] = {"token"};

enum err oauth_revoke(struct call *call)
{
    struct oauth oauth;
    enum err err = oauth_begin(call, &oauth);
    if (err == ERR_OK)
        err = oauth_needs(&oauth, needs_token);
    if (err != ERR_OK)
        return err;
    struct token_change change = {
        .op = &call->op,
        .presented = form_body_get(&oauth.form, "token"),
        .client_id = oauth.client.client_id,
    };
    err = token_revoke(api_tokens(call->api), &change);
    if (err == ERR_UNAUTHENTICATED)
        return oauth_fail(call, 400, "unauthorized_client",
                          STR("The token was issued to another client."), NULL);
    if (err != ERR_OK)
        return oauth_fail_server(call, err);
    /* RFC 7009 wants no body, and client libraries want JSON: an empty object suits both. */
    json_begin_object(&call->json, NULL);
    json_end(&call->json);
    return oauth_answer(call);
}

/* ---- POST /bzctrl-core-api/oauth/introspect ---- */

static void put_url(struct call *call, const char *name, const char *path)
{
    json_put_text(&call->json, name,
                  arena_printf(call->op.arena, "%.*s/bzctrl-core-api%s",
                               STR_ARG(api_public_url(call->api)), path));
}

enum err oauth_introspect(struct call *call)
{
    struct oauth oauth;
    enum err err = oauth_begin(call, &oauth);
    if (err == ERR_OK)
        err = oauth_needs_client(&oauth);
    if (err == ERR_OK)
        err = oauth_needs(&oauth, needs_token);
    if (err != ERR_OK)
        return err;

    struct json_writer *json = &call->json;
    struct token token;
    bool active;
    err = introspect(call->db, &call->op, form_body_get(&oauth.form, "token"),
                     oauth.client.client_id, &active, &token);
    if (err != ERR_OK)
        return oauth_fail_server(call, err);
    /* The accounts may be younger than the directory that this call began with. */
    call_refresh_directory(call);
    const struct account *account = NULL, *client = NULL;
    if (active) {
        account = directory_account_by_id(call->directory, token.family.account_id);
        client = directory_account_by_id(call->directory, token.family.client_id);
    }
    active = account != NULL && client != NULL;
    json_begin_object(json, NULL);
    json_put_flag(json, "active", active);
    if (active) {
        json_put_text(json, "token_type", STR("Bearer"));
        json_put_text(json, "scope", token.scope);
        json_put_text(json, "client_id", client->email);
        json_put_text(json, "username", account->email);
        json_put_text(json, "sub", account->email);
        put_url(call, "iss", "");
        json_put_i64(json, "exp", token.expires_at / 1000);
        json_put_i64(json, "iat", token.created_at / 1000);
        json_put_id(json, "jti", token.id);
    }
    json_end(json);
    return oauth_answer(call);
}

/* ---- GET /.well-known/oauth-authorization-server/bzctrl-core-api ---- */

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
