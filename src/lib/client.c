#include "lib/client.h"

#include "base/clock.h"
#include "base/random.h"
#include "lib/answer.h"
#include "lib/outbox.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    URL_MAX = 16 * 1024,
    PAUSE_FIRST = 200, /* milliseconds before the second attempt; doubles each time */
    PAUSE_MAX = 30000,
    TRIES_MAX = 12,
};

/* ---- a client ---- */

static enum err client_new(struct bzctrl **ret_client)
{
    struct bzctrl *client = calloc(1, sizeof *client);
    if (client == NULL)
        return ERR_MEMORY;
    enum err err = fetch_create(&client->fetch);
    if (err != ERR_OK) {
        free(client);
        return err;
    }
    session_init(&client->session);
    client->pid = getpid();
    *ret_client = client;
    return ERR_OK;
}

void bzctrl_close(struct bzctrl *client)
{
    /* Leaves the parent's resources alone: closing its database would release the parent's locks,
     * and closing its connection would end the parent's. */
    if (client == NULL || client->pid != getpid())
        return;
    outbox_close(client->outbox);
    fetch_destroy(client->fetch);
    session_finish(&client->session);
    settings_finish(&client->settings);
    free(client->profile);
    free(client);
}

struct bzctrl_answer *bzctrl_new(struct bzctrl **ret_client)
{
    struct bzctrl_answer *answer = answer_begin();
    return answer_end(answer, answer == NULL ? ERR_MEMORY : client_new(ret_client));
}

static enum err client_open(struct op *op, struct str profile, struct str file,
                            struct bzctrl **ret_client)
{
    struct bzctrl *client = NULL;
    struct str name;
    enum err err = file.p == NULL ? settings_file(op, &file) : ERR_OK;
    if (err == ERR_OK)
        err = client_new(&client);
    if (err == ERR_OK)
        err = settings_read(&client->settings, op, file, profile, &name);
    if (err == ERR_OK && (client->profile = strdup(name.p)) == NULL)
        err = ERR_MEMORY;
    if (err == ERR_OK)
        *ret_client = client;
    else
        bzctrl_close(client);
    return err;
}

struct bzctrl_answer *bzctrl_open(const char *profile, const char *file, struct bzctrl **ret_client)
{
    struct bzctrl_answer *answer = answer_begin();
    return answer_end(answer, answer == NULL ? ERR_MEMORY
                                             : client_open(&answer->op, str_of(profile),
                                                           str_of(file), ret_client));
}

struct bzctrl_answer *bzctrl_set(struct bzctrl *client, const char *name, const char *value)
{
    enum err err;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    if (err == ERR_OK)
        err = settings_set(&client->settings, &answer->op, str_of(name), str_of(value));
    return answer_end(answer, err);
}

const char *bzctrl_get(const struct bzctrl *client, const char *name)
{
    enum setting setting = settings_find(str_of(name));
    return setting == SETTING_COUNT ? NULL : settings_text(&client->settings, setting).p;
}

struct bzctrl_answer *bzctrl_save(struct bzctrl *client, const char *profile, const char *file)
{
    enum err err;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    struct str name = str_of(file);
    if (err == ERR_OK && name.p == NULL)
        err = settings_file(&answer->op, &name);
    if (err == ERR_OK)
        err = settings_write(&client->settings, &answer->op, name, str_of(profile));
    if (err == ERR_OK) {
        char *copy = strdup(profile);
        free(client->profile);
        client->profile = copy;
        err = copy == NULL ? ERR_MEMORY : ERR_OK;
    }
    return answer_end(answer, err);
}

void bzctrl_cancel(struct bzctrl *client)
{
    client->cancelled = 1;
}

const char *bzctrl_version(void)
{
    return BZCTRL_VERSION;
}

enum err client_check(const struct bzctrl *client, struct op *op)
{
    if (client != NULL && client->pid == getpid())
        return ERR_OK;
    return op_fail(op, ERR_MISUSE,
                   client == NULL ? "no client was given"
                                  : "this client was opened before fork(); open another one");
}

/* ---- places ---- */

/* The file that a setting names, or the standard one in the state folder. */
static enum err client_file(const struct bzctrl *client, struct op *op, enum setting setting,
                            const char *suffix, struct str *ret_file)
{
    struct str file = settings_text(&client->settings, setting);
    if (file.p != NULL) {
        *ret_file = file;
        return ERR_OK;
    }
    struct str name = arena_printf(op->arena, "%s.%s",
                                   client->profile == NULL ? "default" : client->profile, suffix);
    return name.p == NULL ? ERR_MEMORY
                          : home_file(op, "XDG_STATE_HOME", ".local/state", name.p, ret_file);
}

enum err client_url(const struct bzctrl *client, struct op *op, const char *path, struct buf *url)
{
    struct str server = settings_text(&client->settings, SETTING_URL);
    if (server.p == NULL)
        return op_fail(op, ERR_SETTINGS, "the setting url is missing; run `bzctrl login --url …`");
    buf_init(url, URL_MAX);
    buf_printf(url, "%.*s/bzctrl-core-api/api/v1%s", STR_ARG(server), path);
    return ERR_OK;
}

struct str client_account(const struct bzctrl *client)
{
    struct str account = settings_text(&client->settings, SETTING_CLIENT_ID);
    return account.p != NULL ? account : settings_text(&client->settings, SETTING_USERNAME);
}

enum err client_outbox_file(const struct bzctrl *client, struct op *op, struct str *ret_file)
{
    return client_file(client, op, SETTING_OUTBOX, "outbox", ret_file);
}

enum err client_outbox_any(struct bzctrl *client, struct op *op)
{
    struct str file;
    if (client->outbox != NULL)
        return ERR_OK;
    enum err err = client_outbox_file(client, op, &file);
    return err != ERR_OK
               ? err
               : outbox_open(op, file, settings_number(&client->settings, SETTING_OUTBOX_SIZE),
                             &client->outbox);
}

enum err client_owner(const struct bzctrl *client, struct op *op, struct str *ret_owner)
{
    struct str url = settings_text(&client->settings, SETTING_URL),
               account = client_account(client);
    if (url.p == NULL || account.p == NULL)
        return op_fail(op, ERR_SETTINGS, "set url and either client-id or username first");
    *ret_owner = arena_printf(op->arena, "%.*s %.*s", STR_ARG(url), STR_ARG(account));
    return ret_owner->p == NULL ? ERR_MEMORY : ERR_OK;
}

enum err client_outbox(struct bzctrl *client, struct op *op)
{
    struct str owner = STR_NONE;
    enum err err = client_owner(client, op, &owner);
    if (err == ERR_OK)
        err = client_outbox_any(client, op);
    return err == ERR_OK ? outbox_claim(client->outbox, op, owner) : err;
}

enum err client_outbox_move(struct bzctrl *client, struct op *op, struct str from)
{
    struct str owner = STR_NONE;
    enum err err = client_owner(client, op, &owner);
    if (err == ERR_OK)
        err = client_outbox_any(client, op);
    /* No report is on its way to the old server during the change. */
    if (err == ERR_OK)
        err = outbox_lock(client->outbox, op, client_deadline(client));
    if (err != ERR_OK)
        return err;
    err = outbox_move(client->outbox, op, from, owner);
    outbox_unlock(client->outbox);
    return err;
}

/* ---- calling ---- */

int64_t client_deadline(const struct bzctrl *client)
{
    return clock_ticks() + settings_number(&client->settings, SETTING_WAIT) * 1000;
}

static void note_time(struct bzctrl *client, int64_t date)
{
    if (date == 0)
        return;
    client->server_time = date;
    client->server_ticks = clock_ticks();
}

static enum err sign_in(struct bzctrl *client, struct op *op, const struct fetch_options *options,
                        bool again, int64_t *ret_wait)
{
    struct session_call call = {
        .fetch = client->fetch, .options = options, .settings = &client->settings};
    /* Without a file name the token is not kept, which a user of the library may want. */
    if (client->profile != NULL || settings_text(&client->settings, SETTING_TOKEN_FILE).p != NULL) {
        enum err err = client_file(client, op, SETTING_TOKEN_FILE, "token", &call.token_file);
        if (err != ERR_OK)
            return err;
    }
    enum err err = session_renew(&client->session, op, &call, again, ret_wait);
    note_time(client, call.server_time);
    return err;
}

/* What follows the path of records in a URL. */
static struct str record_part(struct str url)
{
    static const char path[] = "/bzctrl-core-api/api/v1/tasks/";
    const char *found = url.p == NULL ? NULL : strstr(url.p, path);
    return found == NULL ? STR_NONE : str_of(found + sizeof path - 1);
}

struct str client_moved_to(const struct fetch_request *request, const struct fetch_answer *answer)
{
    struct str asked = record_part(request->url), there = record_part(answer->location);
    bool moved = answer->status == 308 && asked.n > 0 && there.n > 0 && !str_eq_case(asked, there);
    return moved ? there : STR_NONE;
}

/* Decides whether an answer is final or the call should be retried. */
static enum err judge_status(struct bzctrl *client, struct op *op,
                             const struct fetch_request *request, const struct fetch_answer *answer)
{
    int status = answer->status;
    client->status = status;
    if (status == 429)
        return op_fail(op, ERR_THROTTLED, "the server asks to try again later (429)");
    if (status == 408 || status == 425)
        return op_fail(op, ERR_UNAVAILABLE, "the server answered %d", status);
    if (status >= 500) {
        client->blame = BLAME_BROKEN;
        return op_fail(op, ERR_UNAVAILABLE, "the server answered %d", status);
    }
    if (status == 401)
        return op_fail(op, ERR_UNAUTHENTICATED, "the server does not accept the token (401)");
    if (status == 407)
        return op_fail(op, ERR_UNAVAILABLE, "a proxy requires a sign-in (407)");
    if (client_moved_to(request, answer).p != NULL)
        return ERR_OK;
    if (status >= 400 ? answer->problem : status >= 200 && status < 300 && answer->json)
        return ERR_OK;
    client->blame = BLAME_FOREIGN;
    return op_fail(op, ERR_UNAVAILABLE, "%.120s answered %d %s, so it is not bzctrl that answered",
                   request->url.p, status,
                   status >= 300 && status < 400 ? "with a redirect"
                   : answer->json                ? "with unknown JSON"
                                                 : "without JSON");
}

static bool is_cancelled(const void *arg)
{
    const struct bzctrl *client = arg;
    return client->cancelled != 0;
}

/* One attempt. */
static enum err try_once(struct bzctrl *client, struct op *op, struct fetch_request *request,
                         bool again, struct fetch_answer *answer, int64_t *ret_wait)
{
    struct str ca_file = settings_text(&client->settings, SETTING_CA_FILE);
    struct fetch_options options = {.ca_file = ca_file,
                                    .timeout =
                                        settings_number(&client->settings, SETTING_TIMEOUT) * 1000,
                                    .ends = is_cancelled,
                                    .ends_arg = client};
    client->blame = BLAME_SERVER;
    client->status = 0;
    enum err err = sign_in(client, op, &options, again, ret_wait);
    if (err != ERR_OK)
        return err;
    request->bearer = arena_str(op->arena, buf_str(&client->session.access));
    if (request->bearer.p == NULL)
        return ERR_MEMORY;
    err = fetch_exchange(client->fetch, op, &options, request, answer);
    if (err != ERR_OK) {
        client->blame = fetch_sent(client->fetch) ? BLAME_BROKEN : BLAME_SERVER;
        return err;
    }
    note_time(client, answer->date);
    *ret_wait = answer->retry_after;
    return judge_status(client, op, request, answer);
}

/* The pause before the next attempt. Half of it is random, so that clients do not retry in step. */
static int64_t pause_for(int tries, int64_t asked)
{
    int64_t pause = PAUSE_FIRST << (tries < 8 ? tries : 8);
    pause = pause > PAUSE_MAX ? PAUSE_MAX : pause;
    pause = pause / 2 + random_below((uint32_t)(pause / 2) + 1);
    return asked > pause ? asked + random_below(250) : pause;
}

enum err client_call(struct bzctrl *client, struct op *op, struct fetch_request *request,
                     int64_t deadline, struct fetch_answer *ret_answer)
{
    bool renewed = false, again = false;
    for (int tries = 0;; tries++) {
        int64_t wait = 0;
        op_forget(op);
        struct fetch_answer answer = {0};
        enum err err = try_once(client, op, request, again, &answer, &wait);
        again = err == ERR_UNAUTHENTICATED && answer.status == 401 && !renewed;
        renewed = renewed || again;
        if (again)
            continue;
        if (err == ERR_OK)
            *ret_answer = answer;
        if (err == ERR_CORRUPT)
            return ERR_UNAVAILABLE; /* an immediate retry would get the same answer */
        if (err != ERR_UNAVAILABLE && err != ERR_THROTTLED)
            return err;
        if (client->blame == BLAME_FOREIGN)
            return err; /* the same, and its Retry-After is not the server's */
        client->asked_wait = wait;
        int64_t pause = pause_for(tries, wait);
        if (tries + 1 >= TRIES_MAX || clock_ticks() + pause >= deadline || client->cancelled)
            return err;
        clock_sleep(pause);
    }
}

enum err client_server_time(struct bzctrl *client, struct op *op, int64_t *ret_time)
{
    if (client->server_time == 0) {
        /* Any answer has the time; this one is small and needs no rights. */
        struct buf url;
        struct fetch_answer answer;
        enum err err = client_url(client, op, "/requests?limit=1", &url);
        if (err != ERR_OK)
            return err;
        struct str text = arena_str(op->arena, buf_str(&url));
        buf_finish(&url);
        struct fetch_request request = {.method = STR("GET"), .url = text};
        err = text.p == NULL ? ERR_MEMORY
                             : client_call(client, op, &request, client_deadline(client), &answer);
        if (err != ERR_OK)
            return err;
        note_time(client, answer.date != 0 ? answer.date : clock_now());
    }
    *ret_time = client->server_time + clock_ticks() - client->server_ticks;
    return ERR_OK;
}

struct bzctrl_answer *bzctrl_sign_in(struct bzctrl *client)
{
    enum err err;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    if (err == ERR_OK) {
        struct fetch_options options = {
            .ca_file = settings_text(&client->settings, SETTING_CA_FILE),
            .timeout = settings_number(&client->settings, SETTING_TIMEOUT) * 1000};
        struct str file;
        int64_t wait;
        session_finish(&client->session);
        session_init(&client->session);
        if (client_file(client, &answer->op, SETTING_TOKEN_FILE, "token", &file) == ERR_OK)
            (void)!unlink(file.p);
        err = sign_in(client, &answer->op, &options, true, &wait);
        if (err == ERR_CORRUPT)
            err = ERR_UNAVAILABLE;
    }
    return answer_end(answer, err);
}
