#include "api/session.h"

#include "api/api.h"
#include "api/authentication.h"
#include "api/handlers.h"
#include "api/person.h"
#include "core/login.h"
#include "json/read.h"
#include "json/write.h"

/* One call of POST, GET or DELETE /app/session, in its arena. */
struct session {
    struct call *call;
    struct login_attempt login;
    struct token_change change;
    struct token_check check;
};

/* ---- the cookie ---- */

enum { COOKIE_SECONDS = 30 * 24 * 3600 }; /* the server ends an idle session long before */

static bool session_secure(const struct call *call)
{
    return str_starts(api_public_url(call->api), STR("https:"));
}

static struct str cookie_name(const struct call *call)
{
    return session_secure(call) ? STR("__Host-bzctrl_session") : STR("bzctrl_session");
}

struct str session_cookie(const struct call *call)
{
    struct str found = STR_NONE;
    struct str rest = http_header_get(call->request, STR("cookie"));
    if (http_header_count(call->request, STR("cookie")) != 1)
        return STR_NONE;
    while (rest.p != NULL) {
        struct str value = str_trim(str_cut(&rest, ';'));
        struct str name = str_cut(&value, '=');
        if (!str_eq(name, cookie_name(call)) || value.p == NULL)
            continue;
        if (found.p != NULL)
            return STR_NONE;
        found = value;
    }
    return found;
}

/* The Set-Cookie header; an empty value takes the cookie away. */
static struct http_header cookie_header(struct call *call, struct str value)
{
    struct str text =
        arena_printf(call->op.arena, "%.*s=%.*s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s",
                     STR_ARG(cookie_name(call)), STR_ARG(value), value.n > 0 ? COOKIE_SECONDS : 0,
                     session_secure(call) ? "; Secure" : "");
    return (struct http_header){STR("Set-Cookie"), text};
}

/* ---- whose request is it? ---- */

/* Scheme, host and port of the public URL, without a path. */
static struct str public_origin(const struct call *call)
{
    struct str url = api_public_url(call->api);
    size_t host = str_find(url, ':') + 3;
    return str_sub(url, 0, host + str_find(str_from(url, host), '/'));
}

static bool origin_is_ours(const struct call *call)
{
    return http_header_count(call->request, STR("origin")) == 1 &&
           str_eq_case(http_header_get(call->request, STR("origin")), public_origin(call));
}

bool session_request_allowed(const struct call *call)
{
    const struct http_request *request = call->request;
    bool reads = str_eq(request->method, STR("GET")) || str_eq(request->method, STR("HEAD"));
    bool same_origin = str_eq(http_header_get(request, STR("sec-fetch-site")), STR("same-origin"));
    if (call->route->access == ACCESS_LINK && same_origin)
        return true;
    return str_eq(http_header_get(request, STR("x-bzctrl-app")), STR("1")) &&
           (origin_is_ours(call) || (reads && same_origin));
}

enum err session_expect_own_page(struct call *call)
{
    struct str site = http_header_get(call->request, STR("sec-fetch-site"));
    bool elsewhere = site.n > 0 && !str_eq(site, STR("same-origin")) && !str_eq(site, STR("none"));
    if (http_header_count(call->request, STR("origin")) > 0)
        elsewhere = !origin_is_ours(call);
    return elsewhere ? call_refuse(call, 403, "Only the web app at %.*s can do this.",
                                   STR_ARG(api_public_url(call->api)))
                     : ERR_OK;
}

/* ---- answers ---- */

/* {"email","name","admin","roles":[{"domain","role"}]} */
static void encode_person(struct json_writer *json, const struct directory *d,
                          const struct account *account)
{
    size_t n;
    const struct grant *grants = directory_grants(d, account->id, &n);
    json_begin_object(json, NULL);
    json_put_text(json, "email", account->email);
    json_put_text(json, "name", account->name);
    json_put_flag(json, "admin", account->admin);
    json_begin_list(json, "roles");
    for (size_t i = 0; i < n; i++)
        person_encode_role(json, &grants[i]);
    json_end(json);
    json_end(json);
}

static void answer_person(struct call *call, int64_t account_id, const struct http_header *cookie)
{
    const struct account *account = directory_account_by_id(call->directory, account_id);
    if (account == NULL || account->disabled) {
        call_challenge(call, 401, STR_NONE, STR_NONE, "The session has ended; sign in again.");
        return;
    }
    encode_person(&call->json, call->directory, account);
    call_answer(call, 200, STR("application/json"), cookie, cookie != NULL);
}

static struct session *session_begin(struct call *call)
{
    struct session *session = ARENA_NEW(call->op.arena, struct session);
    if (session == NULL)
        call_fail(call, ERR_MEMORY);
    else
        session->call = call;
    return session;
}

/* ---- POST /app/session ---- */

static void session_opened(struct token_change *change)
{
    struct session *session = change->user;
    struct call *call = session->call;
    if (change->err != ERR_OK) {
        call_fail(call, change->err);
        return;
    }
    struct http_header cookie = cookie_header(call, change->session);
    if (cookie.value.p == NULL) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    /* The account may be younger than the directory that this call began with. */
    call_refresh_directory(call);
    answer_person(call, change->account_id, &cookie);
}

static void session_judged(struct login_attempt *attempt)
{
    struct session *session = attempt->user;
    struct call *call = session->call;
    if (attempt->err == ERR_THROTTLED) {
        call_throttle(call, attempt->retry_after);
        return;
    }
    if (attempt->err == ERR_UNAUTHENTICATED) {
        call_challenge(call, 401, STR_NONE, STR_NONE,
                       "The e-mail address or the password is wrong.");
        return;
    }
    if (attempt->err != ERR_OK) {
        call_fail(call, attempt->err);
        return;
    }
    session->change = (struct token_change){
        .op = &call->op,
        .done = session_opened,
        .user = session,
        .account_id = attempt->account_id,
        .sign_in = attempt->sign_in,
    };
    token_open_session(api_tokens(call->api), &session->change);
}

void session_create(struct call *call)
{
    if (session_expect_own_page(call) != ERR_OK || call_expect_json(call) != ERR_OK)
        return;
    struct session *session = session_begin(call);
    if (session == NULL)
        return;
    const struct json *sent;
    enum err err = json_read(&call->op, call->op.arena, call->request->body, &sent);
    if (err != ERR_OK) {
        call_fail(call, err);
        return;
    }
    struct str email = json_text(json_member(sent, STR("email")));
    struct str password = json_text(json_member(sent, STR("password")));
    if (email.n == 0 || password.n == 0) {
        call_refuse(call, 400, "Send a JSON object with the two texts \"email\" and \"password\".");
        return;
    }
    session->login = (struct login_attempt){
        .op = &call->op,
        .way = LOGIN_APP,
        .email = email,
        .password = password,
        .address = call_client_address(call),
        .done = session_judged,
        .user = session,
    };
    login_start(api_login(call->api), &session->login);
}

/* ---- GET /app/session ---- */

static void session_checked(struct token_check *check)
{
    struct session *session = check->user;
    if (check->err == ERR_OK)
        answer_person(session->call, check->grant.account_id, NULL);
    else if (check->err == ERR_UNAUTHENTICATED)
        call_challenge(session->call, 401, STR_NONE, STR_NONE,
                       "The session has ended; sign in again.");
    else
        call_fail(session->call, check->err);
}

void session_get(struct call *call)
{
    if (session_expect_own_page(call) != ERR_OK)
        return;
    struct str cookie = session_cookie(call);
    if (cookie.p == NULL) {
        call_challenge(call, 401, STR_NONE, STR_NONE, "Nobody is signed in.");
        return;
    }
    struct session *session = session_begin(call);
    if (session == NULL)
        return;
    session->check = (struct token_check){.op = &call->op,
                                          .directory_version = call->directory->version,
                                          .done = session_checked,
                                          .user = session};
    token_check(api_tokens(call->api), &session->check, TOKEN_SESSION, cookie);
}

/* ---- DELETE /app/session ---- */

static void session_closed(struct token_change *change)
{
    struct session *session = change->user;
    if (change->err != ERR_OK) {
        call_fail(session->call, change->err);
        return;
    }
    struct http_header cookie = cookie_header(session->call, STR(""));
    call_answer(session->call, 204, STR_NONE, &cookie, cookie.value.p != NULL);
}

void session_delete(struct call *call)
{
    if (session_expect_own_page(call) != ERR_OK)
        return;
    struct session *session = session_begin(call);
    if (session == NULL)
        return;
    struct str cookie = session_cookie(call);
    session->change = (struct token_change){
        .op = &call->op,
        .done = session_closed,
        .user = session,
        .presented = cookie,
    };
    /* A caller who is not signed in counts as signed out; a token of another kind is ignored
     * here. */
    if (!token_looks_valid(cookie, TOKEN_SESSION))
        session->change.presented = STR_NONE;
    token_revoke(api_tokens(call->api), &session->change);
}
