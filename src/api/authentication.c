#include "api/authentication.h"

#include "api/api.h"
#include "api/authorization.h"
#include "api/problem.h"
#include "api/session.h"
#include "base/clock.h"
#include "base/container.h"
#include "core/login.h"
#include "model/right.h"

struct authentication {
    struct token_check check;
    void (*next)(struct call *call);
};

enum err call_challenge(struct call *call, int status, struct str error, struct str scope,
                        const char *detail)
{
    struct buf value;
    buf_init(&value, 1024);
    BUF_LIT(&value, "Bearer realm=\"bzctrl\"");
    if (error.n > 0)
        buf_printf(&value, ", error=\"%.*s\", error_description=\"%s\"", STR_ARG(error), detail);
    if (scope.n > 0)
        buf_printf(&value, ", scope=\"%.*s\"", STR_ARG(scope));
    const struct http_header challenge = {STR("WWW-Authenticate"),
                                          arena_str(call->op.arena, buf_str(&value))};
    buf_finish(&value);
    call->note.detail = str_of(detail);
    buf_clear(&call->body);
    problem_encode(&call->body, status, str_of(detail), NULL);
    (void)call_answer(call, status, STR("application/problem+json"), &challenge, 1);
    return ERR_ANSWERED;
}

enum err call_throttle(struct call *call, int retry_after)
{
    struct str seconds = arena_printf(call->op.arena, "%d", retry_after);
    const struct http_header retry = {STR("Retry-After"), seconds.p == NULL ? STR("5") : seconds};
    struct str detail = arena_printf(
        call->op.arena, "Too many attempts to sign in. Try again in %d seconds.", retry_after);
    buf_clear(&call->body);
    problem_encode(&call->body, 429, detail, NULL);
    (void)call_answer(call, 429, STR("application/problem+json"), &retry, 1);
    return ERR_ANSWERED;
}

enum err call_expect_caller(struct call *call)
{
    if (call->caller != NULL && !call->caller->disabled)
        return ERR_OK;
    /* Without the header it was the cookie that was looked at. */
    if (http_header_count(call->request, STR("authorization")) == 0)
        return call_challenge(call, 401, STR_NONE, STR_NONE, SESSION_ENDED);
    return call_challenge(call, 401, STR("invalid_token"), STR_NONE,
                          "The token is unknown, expired or revoked; get a new one.");
}

struct sign_in_from call_sign_in_from(struct call *call)
{
    enum { ADDRESS_MAX = 64, AGENT_MAX = 256 };
    const struct str sent[] = {
        str_sub(call_client_address(call), 0, ADDRESS_MAX),
        str_sub(http_header_get(call->request, STR("user-agent")), 0, AGENT_MAX)};
    struct str plain[2] = {STR_NONE, STR_NONE};
    struct buf buf;
    buf_init(&buf, AGENT_MAX);
    for (size_t i = 0; i < 2; i++) {
        buf_clear(&buf);
        for (size_t k = 0; k < sent[i].n; k++)
            buf_char(&buf, sent[i].p[k] >= ' ' && sent[i].p[k] <= '~' ? sent[i].p[k] : '?');
        if (sent[i].n > 0 && buf_err(&buf) == ERR_OK)
            plain[i] = arena_str(call->op.arena, buf_str(&buf));
    }
    buf_finish(&buf);
    return (struct sign_in_from){plain[0], plain[1]};
}

enum err call_check_password(struct call *call, struct login_attempt *attempt)
{
    struct login *login = api_login(call->api);
    if (call->hashing)
        return login_check(login, attempt);
    enum err err = login_ask(login, attempt);
    return err == ERR_OK ? ERR_ELSEWHERE : err;
}

static void authenticated(struct token_check *check)
{
    struct call *call = check->user;
    struct authentication *authentication = container_of(check, struct authentication, check);
    if (check->err == ERR_OK) {
        call->grant = check->grant;
        call->caller = directory_account_by_id(call->directory, check->grant.account_id);
    } else if (check->err != ERR_UNAUTHENTICATED) {
        call_fail(call, check->err);
        return;
    }
    if (call_expect_caller(call) != ERR_OK || call_expect_rate(call, 1) != ERR_OK)
        return;
    if (!right_scope(call->caller, call->grant.scope, call->route->scope))
        call_challenge(
            call, 403, STR("insufficient_scope"), call->route->scope,
            "The token does not have the scope that this call needs; get one that has it.");
    else
        authentication->next(call);
}

void call_authenticate(struct call *call, void (*next)(struct call *call))
{
    size_t headers = http_header_count(call->request, STR("authorization"));
    struct authorization authorization = {0};
    struct str cookie = STR_NONE;
    enum err err = ERR_OK;
    if (headers > 1) {
        call_challenge(call, 400, STR("invalid_request"), STR_NONE,
                       "The Authorization header appears more than once; send it once.");
        return;
    }
    if (headers == 1)
        err = authorization_read(&call->op, http_header_get(call->request, STR("authorization")),
                                 &authorization);
    else
        cookie = session_cookie(call);
    if (err == ERR_SYNTAX) {
        call_challenge(call, 401, STR("invalid_token"), STR_NONE, call->op.detail);
        return;
    }
    if (err != ERR_OK) {
        call_fail(call, err);
        return;
    }
    if (cookie.p == NULL && authorization.scheme != AUTHORIZATION_BEARER) {
        call_challenge(call, 401, STR_NONE, STR_NONE,
                       "Send the header Authorization: Bearer with an access token.");
        return;
    }
    if (cookie.p != NULL && !session_request_allowed(call)) {
        call_refuse(call, 403,
                    "The session cookie is accepted only in requests from the web app at %.*s.",
                    STR_ARG(api_public_url(call->api)));
        return;
    }
    struct authentication *authentication = ARENA_NEW(call->op.arena, struct authentication);
    if (authentication == NULL) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    *authentication = (struct authentication){
        .check = {.op = &call->op,
                  .directory_version = call->directory->version,
                  .done = authenticated,
                  .user = call},
        .next = next,
    };
    token_check(api_tokens(call->api), &authentication->check,
                cookie.p != NULL ? TOKEN_SESSION : TOKEN_ACCESS,
                cookie.p != NULL ? cookie : authorization.token);
}

/* ---- once more ---- */

struct again {
    struct token_check check;
    struct arena_mark mark;
    void (*done)(struct call *call, enum err err);
};

static void checked_again(struct token_check *check)
{
    struct call *call = check->user;
    struct again *again = container_of(check, struct again, check);
    void (*done)(struct call *, enum err) = again->done;
    enum err err = check->err;
    if (err == ERR_OK && (call->caller == NULL || call->caller->disabled ||
                          !right_scope(call->caller, call->grant.scope, call->route->scope)))
        err = ERR_UNAUTHENTICATED;
    if (err == ERR_OK)
        call->grant.expires_at = check->grant.expires_at;
    arena_rewind(call->op.arena, again->mark);
    done(call, err);
}

enum err call_authenticate_again(struct call *call, void (*done)(struct call *call, enum err err))
{
    struct authorization authorization = {0};
    struct arena_mark mark = arena_mark(call->op.arena);
    struct str cookie = STR_NONE;
    enum err err = ERR_OK;
    call->op.now = clock_now();
    call_refresh_directory(call);
    if (http_header_count(call->request, STR("authorization")) > 0)
        err = authorization_read(&call->op, http_header_get(call->request, STR("authorization")),
                                 &authorization);
    else
        cookie = session_cookie(call);
    struct again *again = ARENA_NEW(call->op.arena, struct again);
    if (err != ERR_OK || again == NULL)
        return ERR_MEMORY;
    *again = (struct again){.check = {.op = &call->op,
                                      .directory_version = call->directory->version,
                                      .done = checked_again,
                                      .user = call},
                            .mark = mark,
                            .done = done};
    token_check(api_tokens(call->api), &again->check,
                cookie.p != NULL ? TOKEN_SESSION : TOKEN_ACCESS,
                cookie.p != NULL ? cookie : authorization.token);
    return ERR_OK;
}
