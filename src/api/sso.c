/* GET /app/sso/start, /app/sso/callback and /app/sso/sign-out: what the browser does. */
#include "api/sso.h"

#include "api/api.h"
#include "api/authentication.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/session.h"
#include "api/trace.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/percent.h"
#include "base/random.h"
#include "core/identity.h"
#include "core/login.h"
#include "oidc/provider.h"

/* ---- what the browser keeps ---- */

/* "SECRET.s.TO", or with a 't' for a test. The state, the nonce and the verifier of PKCE are made of
 * the secret, so that an answer fits to one cookie alone, and to it once. */
#define COOKIE "bzctrl_sso"

enum {
    SECRET_TEXT = 43, /* base64url of 32 bytes */
    TO_MAX = 1024,
    VALUE_MAX = 4096, /* of what a provider sends back */
};

/* From another site's page the browser sends it only with a link that the person follows, as this
 * return is one. */
#define COOKIE_KEPT "; Max-Age=600; SameSite=Lax"
#define COOKIE_GONE "; Max-Age=0; SameSite=Lax"

struct trip {
    struct str secret, to;
    bool test;
};

/* Only what can follow the '#' of the app's own address: such a text leads nowhere else, and needs no
 * quoting but of '&'. */
static struct str place_read(struct str to)
{
    bool good = to.n > 0 && to.n <= TO_MAX && to.p[0] == '/';
    for (size_t i = 0; i < to.n && good; i++)
        good = ascii_digit(to.p[i]) || ascii_alpha(to.p[i]) ||
               str_find(STR("-._~!$&()*+=:@/?%"), to.p[i]) < 17;
    return good ? to : STR("/");
}

static bool trip_read(const struct call *call, struct trip *ret_trip)
{
    struct str rest = cookie_read(call, COOKIE);
    struct trip trip = {.secret = str_cut(&rest, '.')};
    struct str purpose = str_cut(&rest, '.');
    trip.test = str_eq(purpose, STR("t"));
    trip.to = place_read(rest);
    if (trip.secret.n != SECRET_TEXT || (!trip.test && !str_eq(purpose, STR("s"))))
        return false;
    *ret_trip = trip;
    return true;
}

/* 43 characters of base64url. */
static enum err derive(struct op *op, struct str purpose, struct str secret, struct str *ret_text)
{
    struct hasher hasher;
    struct buf buf;
    hash_begin(&hasher);
    hash_field(&hasher, purpose);
    hash_field(&hasher, secret);
    struct sha256 hash = hash_end(&hasher);
    buf_init(&buf, 64);
    buf_base64url(&buf, hash.bytes, sizeof hash.bytes);
    return buf_move(&buf, op->arena, ret_text);
}

static enum err sign_in_make(struct call *call, struct str secret,
                             struct provider_sign_in *ret_sign_in)
{
    struct op *op = &call->op;
    struct provider_sign_in sign_in = {
        .redirect_uri =
            arena_printf(op->arena, "%.*s/app/sso/callback", STR_ARG(api_public_url(call->api)))};
    enum err err = sign_in.redirect_uri.p == NULL ? ERR_MEMORY : ERR_OK;
    if (err == ERR_OK)
        err = derive(op, STR("state"), secret, &sign_in.state);
    if (err == ERR_OK)
        err = derive(op, STR("nonce"), secret, &sign_in.nonce);
    if (err == ERR_OK)
        err = derive(op, STR("verifier"), secret, &sign_in.verifier);
    if (err == ERR_OK)
        *ret_sign_in = sign_in;
    return err;
}

enum err sso_begin(struct call *call, bool test, struct str to, struct str *ret_url,
                   struct http_header *ret_cookie, struct str *ret_state)
{
    unsigned char bytes[SHA256_SIZE];
    struct provider_sign_in sign_in;
    struct buf secret;
    random_bytes(bytes, sizeof bytes);
    buf_init(&secret, 64);
    buf_base64url(&secret, bytes, sizeof bytes);
    to = place_read(to);
    struct str value = arena_printf(call->op.arena, "%.*s.%s.%.*s", STR_ARG(buf_str(&secret)),
                                    test ? "t" : "s", STR_ARG(to));
    enum err err = value.p == NULL ? ERR_MEMORY : buf_err(&secret);
    if (err == ERR_OK)
        err = sign_in_make(call, buf_str(&secret), &sign_in);
    buf_finish(&secret);
    if (err == ERR_OK)
        err = provider_authorize(api_sign_in(call->api)->provider, &call->op, &sign_in, ret_url);
    if (err != ERR_OK)
        return err;
    *ret_cookie = cookie_header(call, COOKIE, value, COOKIE_KEPT);
    *ret_state = sign_in.state;
    return ret_cookie->value.p == NULL ? ERR_MEMORY : ERR_OK;
}

/* ---- answers ---- */

static enum err expect_provider(struct call *call)
{
    return api_sign_in(call->api)->provider != NULL
               ? ERR_OK
               : call_refuse(call, 404, "This server has no single sign-on.");
}

static enum err redirect(struct call *call, struct str url, const struct http_header *cookie)
{
    const struct http_header headers[] = {
        {STR("Location"), url}, {STR("Referrer-Policy"), STR("no-referrer")}, *cookie};
    return url.p == NULL || cookie->value.p == NULL ? ERR_MEMORY
                                                    : call_answer(call, 303, STR_NONE, headers, 3);
}

/* Back to the sign-in page, which has words for each outcome. */
static enum err redirect_back(struct call *call, struct str outcome, struct str to)
{
    struct http_header cookie = cookie_header(call, COOKIE, STR(""), COOKIE_GONE);
    struct str url =
        arena_printf(call->op.arena, "%.*s/app/?sign-in=%.*s#%.*s",
                     STR_ARG(api_public_url(call->api)), STR_ARG(outcome), STR_ARG(to));
    return redirect(call, url, &cookie);
}

/* What went wrong at the provider, for the log, and for the person. */
static enum err redirect_failed(struct call *call, enum err err, struct str to)
{
    static const struct {
        enum err err;
        const char *outcome;
    } outcomes[] = {
        {ERR_UNAVAILABLE, "unavailable"},
        {ERR_THROTTLED, "throttled"},
        {ERR_INVALID, "refused"},
        {ERR_UNAUTHENTICATED, "refused"},
    };
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (outcomes[i].err == err) {
            LOG(LOG_WARN, "a sign-in at the provider failed",
                LOG_TEXT("reason", str_of(call->op.detail)),
                LOG_TEXT_IF_ANY("trace_id", call_trace(call).id));
            return redirect_back(call, str_of(outcomes[i].outcome), to);
        }
    return err;
}

/*
 * A page that leads to the app. A redirect would not do: the browser still counts it as a link from
 * the provider's site, and leaves out the cookie that it has just got (SameSite=Strict).
 */
static enum err page_on(struct call *call, struct str token, struct str to)
{
    const struct http_header headers[] = {
        session_cookie_header(call, token),
        cookie_header(call, COOKIE, STR(""), COOKIE_GONE),
        {STR("Content-Security-Policy"),
         STR("default-src 'none'; base-uri 'none'; frame-ancestors 'none'")},
        {STR("Referrer-Policy"), STR("no-referrer")},
    };
    struct buf *page = &call->body;
    struct str url = arena_printf(call->op.arena, "%.*s/app/#%.*s",
                                  STR_ARG(api_public_url(call->api)), STR_ARG(to));
    if (headers[0].value.p == NULL || headers[1].value.p == NULL || url.p == NULL)
        return ERR_MEMORY;
    BUF_LIT(page, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                  "<title>BzCtrl</title>\n<meta http-equiv=\"refresh\" content=\"0;url=");
    for (int times = 0; times < 2; times++) {
        for (struct str rest = url; rest.p != NULL;) {
            buf_add(page, str_cut(&rest, '&'));
            if (rest.p != NULL)
                BUF_LIT(page, "&amp;");
        }
        BUF_LIT(page, "\">\n");
        if (times == 0)
            BUF_LIT(page, "<p><a href=\"");
    }
    BUF_LIT(page, "BzCtrl</a></p>\n</html>\n");
    enum err err = buf_err(page);
    return err == ERR_OK ? call_answer(call, 200, STR("text/html; charset=utf-8"), headers, 4)
                         : err;
}

/* ---- GET /app/sso/start ---- */

enum err sso_start(struct call *call)
{
    static const char *const names[] = {"to", NULL};
    struct http_header cookie;
    struct str url, state;
    enum err err = call_query_accept(call, names);
    if (err == ERR_OK)
        err = expect_provider(call);
    if (err != ERR_OK)
        return err;
    err = sso_begin(call, false, call_query(call, "to"), &url, &cookie, &state);
    return err == ERR_OK ? redirect(call, url, &cookie)
                         : redirect_failed(call, err, place_read(call_query(call, "to")));
}

/* ---- GET /app/sso/callback ---- */

/* A parameter of the provider's, which may send others that we do not know; absent when it is not
 * there, is there twice, or is not what it should be. */
static enum err sent(struct call *call, struct str name, struct str *ret_value)
{
    struct str rest = call->request->query, found = STR_NONE;
    int times = 0;
    *ret_value = STR_NONE;
    while (rest.p != NULL) {
        struct str value = str_cut(&rest, '&');
        if (str_eq(str_cut(&value, '='), name) && value.p != NULL) {
            found = value;
            times++;
        }
    }
    if (times != 1 || found.n > VALUE_MAX)
        return ERR_OK;
    enum err err = percent_decode(call->op.arena, found, true, ret_value);
    return err == ERR_SYNTAX ? ERR_OK : err;
}

/* Keeps what a test has found, for the admin who has begun it. */
static enum err test_end(struct call *call, const struct provider_sign_in *sign_in,
                         const struct provider_answer *answer, struct str to)
{
    struct op *op = &call->op;
    const struct identity *identity = &answer->identity;
    struct identity_sign_in test = {.op = op, .identity = identity, .test = true};
    struct json_writer *json = &call->json;
    enum err err = identity_sign_in(api_core(call->api), &test);
    if (err != ERR_OK)
        return err;
    json_begin_object(json, NULL);
    json_put_text(json, "outcome", sign_in_verdict_name(test.verdict));
    json_put_text(json, "account", test.email);
    json_put_flag(json, "newAccount", test.is_new);
    json_put_text(json, "issuer", identity->issuer);
    json_put_text(json, "subject", identity->subject);
    json_put_text(json, "email", identity->email);
    json_put_flag(json, "emailVerified", identity->email_verified);
    json_put_text(json, "name", identity->name);
    json_put_flag(json, "refreshToken", answer->refresh_token.p != NULL);
    json_put_texts(json, "groups", identity->groups);
    json_begin_list(json, "roles");
    for (size_t i = 0; i < test.grant_count; i++)
        for (int by_group = 0; by_group < 2; by_group++) {
            enum role role = by_group ? test.grants[i].by_group : test.grants[i].role;
            if (role == ROLE_NONE)
                continue;
            json_begin_object(json, NULL);
            json_put_text(json, "domain", test.grants[i].domain->key);
            json_put_text(json, "role", str_of(role_name(role)));
            json_put_text(json, "origin", by_group ? STR("group") : STR("hand"));
            json_end(json);
        }
    json_end(json);
    json_put_raw(json, "claims", answer->claims);
    json_put_raw(json, "userinfo", answer->userinfo);
    json_end(json);
    struct sha256 state = sha256(sign_in->state);
    struct str result;
    err = buf_move(&call->body, op->arena, &result);
    buf_init(&call->body, CALL_ANSWER_MAX);
    if (err == ERR_OK)
        err = sign_in_test_end(api_core(call->api), op, &state, result);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    return redirect_back(call, err == ERR_OK ? STR("tested") : STR("expired"), to);
}

/* The provider has said who it is. */
static enum err session_begin(struct call *call, const struct provider_answer *answer,
                              struct str to)
{
    const struct api_sign_in *settings = api_sign_in(call->api);
    struct op *op = &call->op;
    struct identity_sign_in sign_in = {.op = op, .identity = &answer->identity};
    enum err err = identity_sign_in(api_core(call->api), &sign_in);
    if (err != ERR_OK)
        return err;
    if (sign_in.verdict != SIGN_IN_RIGHT)
        return redirect_back(call, sign_in_verdict_name(sign_in.verdict), to);
    struct provider_session session = {
        .issuer = answer->identity.issuer,
        .subject = answer->identity.subject,
        .checked_at = op->now,
        .due_at = op->now + settings->check_ms,
    };
    if (answer->refresh_token.p != NULL)
        err = provider_seal(settings->provider, op, answer->refresh_token, &session.refresh);
    struct token_change change = {.op = op,
                                  .account_id = sign_in.account_id,
                                  .sign_in = sign_in.number,
                                  .from = call_sign_in_from(call),
                                  .provider = &session};
    if (err == ERR_OK)
        err = token_open_session(api_tokens(call->api), &change);
    return err == ERR_OK ? page_on(call, change.session, to) : err;
}

enum err sso_callback(struct call *call)
{
    struct trip trip;
    struct provider_sign_in sign_in;
    struct provider_answer answer;
    struct str state, error;
    enum err err = expect_provider(call);
    if (err != ERR_OK)
        return err;
    if (!trip_read(call, &trip))
        return redirect_back(call, STR("expired"), STR("/"));
    err = sign_in_make(call, trip.secret, &sign_in);
    if (err == ERR_OK)
        err = sent(call, STR("state"), &state);
    if (err == ERR_OK)
        err = sent(call, STR("error"), &error);
    if (err == ERR_OK)
        err = sent(call, STR("code"), &sign_in.code);
    if (err == ERR_OK)
        err = sent(call, STR("iss"), &sign_in.issuer);
    if (err != ERR_OK)
        return err;

    /* The answer must be to what this browser has asked. */
    if (state.n != sign_in.state.n || !bytes_equal_slowly(state.p, sign_in.state.p, state.n))
        return redirect_back(call, STR("expired"), trip.to);
    if (str_eq(error, STR("access_denied")))
        return redirect_back(call, STR("cancelled"), trip.to);
    if (error.p != NULL || sign_in.code.n == 0) {
        op_say(&call->op, "the provider answers with the error \"%.*s\"",
               STR_ARG(str_sub(error, 0, 60)));
        return redirect_failed(call, ERR_INVALID, trip.to);
    }

    /* Whoever makes up codes must not keep the provider busy, and others waiting. */
    struct login *login = api_login(call->api);
    struct str address = call_client_address(call);
    if (login_ask_answer(login, &call->op, address) != ERR_OK) {
        op_say(&call->op, "too many wrong answers have come from %.*s", STR_ARG(address));
        return redirect_failed(call, ERR_THROTTLED, trip.to);
    }
    err = provider_exchange(api_sign_in(call->api)->provider, &call->op, &sign_in, &answer);
    if (err == ERR_INVALID || err == ERR_UNAUTHENTICATED)
        login_note_wrong(login, &call->op, address);
    if (err != ERR_OK)
        return redirect_failed(call, err, trip.to);
    login_note_right();
    return trip.test ? test_end(call, &sign_in, &answer, trip.to)
                     : session_begin(call, &answer, trip.to);
}

/* ---- GET /app/sso/sign-out ---- */

/* The session here has been ended by DELETE /app/session. */
enum err sso_sign_out(struct call *call)
{
    struct http_header cookie = cookie_header(call, COOKIE, STR(""), COOKIE_GONE);
    struct str home = arena_printf(call->op.arena, "%.*s/app/", STR_ARG(api_public_url(call->api)));
    struct str url = STR_NONE;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = expect_provider(call);
    if (err == ERR_OK && home.p == NULL)
        err = ERR_MEMORY;
    if (err != ERR_OK)
        return err;
    err = provider_end_session(api_sign_in(call->api)->provider, &call->op, home, &url);
    if (err != ERR_OK)
        return redirect_failed(call, err, STR("/"));
    return redirect(call, url.p == NULL ? home : url, &cookie);
}
