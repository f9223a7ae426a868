#include "lib/session.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/percent.h"
#include "json/read.h"
#include "json/write.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    TOKEN_MAX = 64 * 1024,
    EARLY = 30000, /* a token that expires within this many milliseconds is renewed before use */
};

void session_init(struct client_session *session)
{
    *session = (struct client_session){0};
    buf_init(&session->access, TOKEN_MAX);
    buf_init(&session->refresh, TOKEN_MAX);
}

void session_finish(struct client_session *session)
{
    buf_finish(&session->access);
    buf_finish(&session->refresh);
}

static enum err keep(struct client_session *session, struct str access, struct str refresh,
                     int64_t expires_at)
{
    buf_clear(&session->access);
    buf_add(&session->access, access);
    buf_clear(&session->refresh);
    buf_add(&session->refresh, refresh);
    session->expires_at = expires_at;
    if (buf_err(&session->access) == ERR_OK && buf_err(&session->refresh) == ERR_OK)
        return ERR_OK;
    buf_clear(&session->access);
    return ERR_MEMORY;
}

/* ---- the file ---- */

/* The account of a token, so that a token is not used after the settings have changed. */
static struct str account_of(struct op *op, const struct settings *settings)
{
    struct str user = settings_text(settings, SETTING_CLIENT_ID);
    if (user.p == NULL)
        user = settings_text(settings, SETTING_USERNAME);
    return arena_printf(op->arena, "%.*s %.*s", STR_ARG(settings_text(settings, SETTING_URL)),
                        STR_ARG(user));
}

/* A file that cannot be read counts as absent: it only saves a sign-in. */
static enum err load(struct client_session *session, struct op *op, const struct session_call *call)
{
    struct op quiet = {.arena = op->arena};
    struct str text, account = account_of(op, call->settings);
    const struct json *root;
    enum err err = secret_read(&quiet, call->token_file, true, &text);
    if (err == ERR_OK)
        err = json_read(&quiet, op->arena, text, &root);
    if (account.p == NULL || err == ERR_MEMORY)
        return ERR_MEMORY;
    if (err != ERR_OK || !str_eq(json_text(json_member(root, STR("account"))), account))
        return ERR_OK;
    const struct json *expires = json_member(root, STR("expires_at"));
    struct str access = json_text(json_member(root, STR("access_token")));
    if (access.p == NULL || expires == NULL || expires->kind != JSON_NUMBER ||
        !(expires->number > 0 && expires->number < 1e15))
        return ERR_OK;
    return keep(session, access, json_text(json_member(root, STR("refresh_token"))),
                (int64_t)expires->number);
}

static void save(struct client_session *session, struct op *op, const struct session_call *call)
{
    struct op quiet = {.arena = op->arena};
    struct buf text;
    buf_init(&text, 4 * TOKEN_MAX);
    BUF_LIT(&text, "{\"account\":");
    buf_json_string(&text, account_of(op, call->settings));
    BUF_LIT(&text, ",\"access_token\":");
    buf_json_string(&text, buf_str(&session->access));
    BUF_LIT(&text, ",\"refresh_token\":");
    buf_json_string(&text, buf_str(&session->refresh));
    buf_printf(&text, ",\"expires_at\":%lld}\n", (long long)session->expires_at);
    if (buf_err(&text) == ERR_OK)
        (void)!file_replace(&quiet, call->token_file, buf_str(&text));
    buf_finish(&text);
}

/* Locks the file so that one process at a time renews; -1 without a file, where no lock is needed.
 */
static int renewal_lock(struct op *op, const struct session_call *call)
{
    struct str name = STR_NONE;
    if (call->token_file.p != NULL)
        name = arena_printf(op->arena, "%.*s-lock", STR_ARG(call->token_file));
    int fd = name.p == NULL ? -1 : open(name.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    for (int64_t since = clock_ticks(); fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;) {
        if (clock_ticks() - since > call->options->timeout)
            break;
        clock_sleep(10);
    }
    return fd;
}

/* ---- the token endpoint ---- */

static void add_parameter(struct buf *form, const char *name, struct str value)
{
    buf_printf(form, "%s%s=", form->n > 0 ? "&" : "", name);
    buf_percent(form, value, STR_NONE);
}

static enum err secret_of(struct op *op, const struct settings *settings, struct str *ret_secret)
{
    struct str file = settings_text(settings, SETTING_SECRET_FILE);
    if (file.p == NULL)
        return op_fail(op, ERR_SETTINGS, "the setting secret-file is missing; run `bzctrl login`");
    enum err err = secret_read(op, file, true, ret_secret);
    return err == ERR_NOT_FOUND ? ERR_SETTINGS : err;
}

/* Writes the request for the grant in the settings, or for a refresh. */
static enum err build_grant(struct op *op, const struct settings *settings, struct str refresh,
                            struct buf *form, struct fetch_request *request)
{
    struct str client = settings_text(settings, SETTING_CLIENT_ID), secret = STR_NONE,
               user = settings_text(settings, SETTING_USERNAME);
    if (refresh.n > 0) {
        add_parameter(form, "grant_type", STR("refresh_token"));
        add_parameter(form, "refresh_token", refresh);
        return buf_err(form);
    }
    if (client.p == NULL && user.p == NULL)
        return op_fail(op, ERR_SETTINGS,
                       "neither client-id nor username is set; run `bzctrl login`");
    enum err err = secret_of(op, settings, &secret);
    if (err != ERR_OK)
        return err;
    if (client.p != NULL) {
        add_parameter(form, "grant_type", STR("client_credentials"));
        request->user = arena_str(op->arena, client);
        request->password = arena_str(op->arena, secret);
        return request->user.p == NULL || request->password.p == NULL ? ERR_MEMORY : buf_err(form);
    }
    add_parameter(form, "grant_type", STR("password"));
    add_parameter(form, "username", user);
    add_parameter(form, "password", secret);
    return buf_err(form);
}

static enum err read_grant(struct client_session *session, struct op *op,
                           const struct fetch_answer *answer)
{
    struct op quiet = {.arena = op->arena};
    const struct json *root;
    enum err err = json_read(&quiet, op->arena, answer->body, &root);
    if (err == ERR_MEMORY)
        return err;
    struct str access =
        err == ERR_OK ? json_text(json_member(root, STR("access_token"))) : STR_NONE;
    if (access.n == 0)
        return op_fail(op, ERR_CORRUPT, "the sign-in answer has no access_token");
    const struct json *expires = json_member(root, STR("expires_in"));
    double seconds = expires != NULL && expires->kind == JSON_NUMBER ? expires->number : 3600;
    if (!(seconds > 0 && seconds < 1e9))
        seconds = 60;
    return keep(session, access, json_text(json_member(root, STR("refresh_token"))),
                clock_now() + (int64_t)(seconds * 1000));
}

static enum err refused(struct op *op, const struct fetch_answer *answer, int64_t *ret_wait)
{
    struct op quiet = {.arena = op->arena};
    const struct json *root = NULL;
    if (json_read(&quiet, op->arena, answer->body, &root) != ERR_OK)
        root = NULL;
    struct str why = json_text(json_member(root, STR("error_description")));
    if (why.p == NULL)
        why = answer->status == 404
                  ? STR("nothing is there; the URL is that of the server alone, such "
                        "as https://bzctrl.example.com")
                  : STR("no reason was given");
    *ret_wait = answer->retry_after;
    bool denied = answer->json && root != NULL && (answer->status == 400 || answer->status == 401);
    /* An immediate retry would get the same page from a proxy. */
    bool passing = answer->status >= 500 || answer->status == 407 || answer->status == 408 ||
                   answer->status == 425;
    enum err err = denied                  ? ERR_UNAUTHENTICATED
                   : answer->status == 429 ? ERR_THROTTLED
                   : passing               ? ERR_UNAVAILABLE
                                           : ERR_CORRUPT;
    return op_fail(op, err, "sign-in failed (%d): %.*s", answer->status,
                   STR_ARG(str_sub(why, 0, 150)));
}

static enum err grant(struct client_session *session, struct op *op, struct session_call *call,
                      struct str refresh, int64_t *ret_wait)
{
    struct str url = settings_text(call->settings, SETTING_TOKEN_URL),
               server = settings_text(call->settings, SETTING_URL);
    if (url.p == NULL && server.p == NULL)
        return op_fail(op, ERR_SETTINGS, "the setting url is missing; run `bzctrl login --url …`");
    if (url.p == NULL)
        url = arena_printf(op->arena, "%.*s/bzctrl-core-api/oauth/token", STR_ARG(server));
    struct buf form;
    buf_init(&form, TOKEN_MAX);
    struct fetch_request request = {.method = STR("POST"),
                                    .url = url,
                                    .content_type = STR("application/x-www-form-urlencoded")};
    struct fetch_answer answer;
    enum err err =
        url.p == NULL ? ERR_MEMORY : build_grant(op, call->settings, refresh, &form, &request);
    request.body = buf_str(&form);
    if (err == ERR_OK)
        err = fetch_exchange(call->fetch, op, call->options, &request, &answer);
    if (err == ERR_OK) {
        call->server_time = answer.date;
        err = answer.status == 200 ? read_grant(session, op, &answer)
                                   : refused(op, &answer, ret_wait);
    }
    buf_finish(&form);
    return err;
}

/* ---- renewing ---- */

static bool usable(const struct client_session *session)
{
    return session->access.n > 0 && clock_now() < session->expires_at - EARLY;
}

static bool same(const struct client_session *session, struct str access)
{
    return str_eq(buf_str(&session->access), access);
}

static enum err renew_alone(struct client_session *session, struct op *op,
                            struct session_call *call, struct str failed, int64_t *ret_wait)
{
    enum err err = call->token_file.p == NULL ? ERR_OK : load(session, op, call);
    if (err != ERR_OK || (usable(session) && !same(session, failed)))
        return err; /* another process was faster */
    err = ERR_UNAUTHENTICATED;
    if (session->refresh.n > 0 && settings_text(call->settings, SETTING_CLIENT_ID).p == NULL) {
        err = grant(session, op, call, buf_str(&session->refresh), ret_wait);
        if (err == ERR_UNAUTHENTICATED) {
            buf_clear(&session->refresh);
            op_forget(op);
        }
    }
    if (err == ERR_UNAUTHENTICATED)
        err = grant(session, op, call, STR_NONE, ret_wait);
    if (err == ERR_OK && call->token_file.p != NULL)
        save(session, op, call);
    return err;
}

enum err session_renew(struct client_session *session, struct op *op, struct session_call *call,
                       bool again, int64_t *ret_wait)
{
    *ret_wait = 0;
    if (!session->loaded && call->token_file.p != NULL) {
        session->loaded = true;
        enum err err = load(session, op, call);
        if (err != ERR_OK)
            return err;
    }
    if (!again && usable(session))
        return ERR_OK;
    struct str failed = STR("");
    if (again)
        failed = arena_str(op->arena, buf_str(&session->access));
    if (failed.p == NULL)
        return ERR_MEMORY;
    int lock = renewal_lock(op, call);
    enum err err = renew_alone(session, op, call, failed, ret_wait);
    if (lock >= 0)
        close(lock);
    return err;
}
