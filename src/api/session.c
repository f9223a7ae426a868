#include "api/session.h"

#include "api/api.h"
#include "api/authentication.h"
#include "api/handlers.h"
#include "core/login.h"
#include "json/read.h"
#include "json/write.h"
#include "model/right.h"
#include "store/provider_session.h"

#include <string.h>

/* ---- the cookie ---- */

/* It lasts 30 days at most; the server ends an idle session long before. */
#define COOKIE "bzctrl_session"

static bool session_secure(const struct call *call)
{
    return str_starts(api_public_url(call->api), STR("https:"));
}

/*
 * The name that a cookie has in browsers. Only one that came from this host over TLS begins with "__Host-", and such a
 * cookie is sent to all paths of the host. So the path of the public URL is in the name: another
 * server of ours may be under another path. What a name cannot have, a slash above all, is "|" in it.
 */
static struct str cookie_name(const struct call *call, const char *name)
{
    struct str path = api_public_path(call->api);
    char *suffix = ARENA_ARRAY(call->op.arena, char, path.n + 1);
    if (suffix == NULL)
        return STR_NONE;
    for (size_t i = 0; i < path.n; i++)
        suffix[i] = strchr("/()<>@,;:[]=", path.p[i]) == NULL ? path.p[i] : '|';
    return arena_printf(call->op.arena, "%s%s%s", session_secure(call) ? "__Host-" : "", name,
                        suffix);
}

struct str cookie_read(const struct call *call, const char *name)
{
    struct str found = STR_NONE, rest = http_header_get(call->request, STR("cookie"));
    if (http_header_count(call->request, STR("cookie")) != 1)
        return STR_NONE;
    struct str whole = cookie_name(call, name);
    while (rest.p != NULL) {
        struct str value = str_trim(str_cut(&rest, ';'));
        struct str sent = str_cut(&value, '=');
        if (whole.p == NULL || !str_eq(sent, whole) || value.p == NULL)
            continue;
        if (found.p != NULL)
            return STR_NONE;
        found = value;
    }
    return found;
}

struct http_header cookie_header(struct call *call, const char *name, struct str value,
                                 const char *attributes)
{
    struct str whole = cookie_name(call, name);
    struct str text = STR_NONE;
    if (whole.p != NULL)
        text = arena_printf(call->op.arena, "%.*s=%.*s; Path=/; HttpOnly%s%s", STR_ARG(whole),
                            STR_ARG(value), attributes, session_secure(call) ? "; Secure" : "");
    return (struct http_header){STR("Set-Cookie"), text};
}

struct str session_cookie(const struct call *call)
{
    return cookie_read(call, COOKIE);
}

struct http_header session_cookie_header(struct call *call, struct str token)
{
    return cookie_header(call, COOKIE, token,
                         token.n > 0 ? "; Max-Age=2592000; SameSite=Strict"
                                     : "; Max-Age=0; SameSite=Strict");
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

static void encode_rights(struct json_writer *json, enum role role)
{
    json_begin_list(json, "may");
    for (enum right right = 0; right < RIGHT_COUNT; right++)
        if (right_of_role(role, right))
            json_put_text(json, NULL, str_of(right_name(right)));
    json_end(json);
}

/* {"email","name","admin","may","roles":[{"domain","role","may"}],"singleSignOn"}: the first of
 * both lists counts everywhere. */
static void encode_person(struct json_writer *json, const struct directory *d,
                          const struct account *account, bool by_provider)
{
    size_t n;
    const struct grant *grants = directory_grants(d, account->id, &n);
    json_begin_object(json, NULL);
    json_put_text(json, "email", account->email);
    json_put_text(json, "name", account->name);
    json_put_flag(json, "admin", account->admin);
    encode_rights(json, account->admin ? ROLE_ADMIN : ROLE_NONE);
    json_begin_list(json, "roles");
    for (size_t i = 0; i < n; i++) {
        json_begin_object(json, NULL);
        json_put_text(json, "domain", grants[i].domain->key);
        json_put_text(json, "role", str_of(role_name(grant_role(&grants[i]))));
        encode_rights(json, grant_role(&grants[i]));
        json_end(json);
    }
    json_end(json);
    json_put_flag(json, "singleSignOn", by_provider);
    json_end(json);
}

static enum err answer_person(struct call *call, int64_t account_id, bool by_provider,
                              const struct http_header *cookie)
{
    const struct account *account = directory_account_by_id(call->directory, account_id);
    if (account == NULL || account->disabled)
        return call_challenge(call, 401, STR_NONE, STR_NONE, SESSION_ENDED);
    encode_person(&call->json, call->directory, account, by_provider);
    return call_answer(call, 200, STR("application/json"), cookie, cookie != NULL);
}

enum err session_open(struct call *call, int64_t account_id, int64_t sign_in)
{
    struct token_change change = {.op = &call->op,
                                  .account_id = account_id,
                                  .sign_in = sign_in,
                                  .from = call_sign_in_from(call)};
    enum err err = token_open_session(api_tokens(call->api), &change);
    if (err != ERR_OK)
        return err;
    struct http_header cookie = session_cookie_header(call, change.session);
    if (cookie.value.p == NULL)
        return ERR_MEMORY;
    /* The account may be younger than the directory that this call began with. */
    call_refresh_directory(call);
    return answer_person(call, account_id, false, &cookie);
}

/* ---- POST /app/session ---- */

enum err session_create(struct call *call)
{
    const struct json *sent;
    enum err err = session_expect_own_page(call);
    if (err == ERR_OK)
        err = call_expect_json(call);
    if (err == ERR_OK)
        err = json_read(&call->op, call->op.arena, call->request->body, &sent);
    if (err != ERR_OK)
        return err;

    struct login_attempt attempt = {
        .op = &call->op,
        .way = LOGIN_APP,
        .email = json_text(json_member(sent, STR("email"))),
        .password = json_text(json_member(sent, STR("password"))),
        .address = call_client_address(call),
    };
    if (attempt.email.n == 0 || attempt.password.n == 0)
        return call_refuse(call, 400,
                           "Send a JSON object with the two texts \"email\" and \"password\".");
    err = call_check_password(call, &attempt);
    if (err == ERR_THROTTLED)
        return call_throttle(call, attempt.retry_after);
    if (err == ERR_UNAUTHENTICATED)
        return call_challenge(call, 401, STR_NONE, STR_NONE,
                              "The e-mail address or the password is wrong.");
    return err == ERR_OK ? session_open(call, attempt.account_id, attempt.sign_in) : err;
}

/* ---- GET /app/session ---- */

enum err session_get(struct call *call)
{
    struct str cookie = session_cookie(call);
    enum err err = session_expect_own_page(call);
    if (err != ERR_OK)
        return err;
    /* The app asks at every start, so that nobody is an answer, and not a fault. */
    if (cookie.p == NULL)
        return call_answer_empty(call);
    struct token_check check = {.op = &call->op, .directory_version = call->directory->version};
    err = token_check_by(api_tokens(call->api), call->db, &check, TOKEN_SESSION, cookie);
    if (err == ERR_UNAUTHENTICATED)
        return call_challenge(call, 401, STR_NONE, STR_NONE, SESSION_ENDED);
    bool by_provider = false;
    if (err == ERR_OK)
        err = store_provider_session_is(call->db, &call->op, check.grant.family_id, &by_provider);
    return err == ERR_OK ? answer_person(call, check.grant.account_id, by_provider, NULL) : err;
}

/* ---- DELETE /app/session ---- */

enum err session_delete(struct call *call)
{
    struct token_change change = {.op = &call->op, .presented = session_cookie(call)};
    enum err err = session_expect_own_page(call);
    /* A caller who is not signed in counts as signed out; a token of another kind is ignored
     * here. */
    if (err == ERR_OK && token_looks_valid(change.presented, TOKEN_SESSION))
        err = token_revoke(api_tokens(call->api), &change);
    if (err != ERR_OK)
        return err;
    struct http_header cookie = session_cookie_header(call, STR(""));
    return call_answer(call, 204, STR_NONE, &cookie, cookie.value.p != NULL);
}
