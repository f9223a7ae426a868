/* GET and POST /clients, GET and PATCH /clients/{clientId}. */
#include "api/client.h"

#include "api/api.h"
#include "api/authentication.h"
#include "api/handlers.h"
#include "api/query.h"
#include "core/client.h"
#include "json/read.h"
#include "json/write.h"

/* ---- who may ---- */

static enum role role_at(const struct call *call, const struct domain *domain)
{
    return directory_role(call->directory, call->caller, domain);
}

const struct client *client_find(struct call *call)
{
    const struct account *account = directory_account(call->directory, call->parameters[0]);
    const struct client *client = account == NULL ? NULL : account->client;
    enum role role = client == NULL ? ROLE_NONE : role_at(call, client->settings.domain);
    if (role >= ROLE_MANAGER)
        return client;
    if (role == ROLE_NONE)
        call_fail_status(call, 404, "There is no client %.*s, or you may not see it.",
                         STR_ARG(str_sub(call->parameters[0], 0, 100)));
    else
        call_fail_status(call, 403,
                         "You may see the client's domain; to manage its clients you need the role "
                         "of a manager.");
    return NULL;
}

bool client_judge_again(struct call *call)
{
    call->op.detail[0] = '\0';
    call_refresh_directory(call);
    if (call->caller != NULL && !call->caller->disabled)
        return true;
    call_challenge(call, 401, STR("invalid_token"), STR_NONE,
                   "The token is unknown, expired or revoked; get a new one.");
    return false;
}

const struct json *client_body(struct call *call, bool may_lack)
{
    static const struct json empty = {.kind = JSON_OBJECT};
    static const char *const parameters[] = {NULL};
    const struct json *body;
    if (!call_query_accept(call, parameters))
        return NULL;
    if (may_lack && call->request->body.n == 0)
        return &empty;
    if (!call_expect_json(call))
        return NULL;
    enum err err = json_read(&call->op, call->op.arena, call->request->body, &body);
    if (err == ERR_OK && body->kind != JSON_OBJECT)
        err = op_fail(&call->op, ERR_SYNTAX, "The body must be a JSON object.");
    if (err != ERR_OK) {
        call_fail(call, err);
        return NULL;
    }
    return body;
}

/* ---- a change of settings ---- */

struct client_call {
    struct client_save save; /* first */
    struct call *call;
    const struct json *body;
    bool new;
    int tries;
};

static void change_start(struct client_call *change);

static void answer_client(struct client_call *change)
{
    struct call *call = change->call;
    const struct client_save *save = &change->save;
    struct http_header headers[2];
    size_t n = 0;
    int64_t version = change->new ? 1 : save->before->version + 1;
    headers[n++] = call_etag(call, version);
    if (change->new) {
        struct str location = arena_printf(call->op.arena, "%.*s/bzctrl-core-api/api/v1/clients/%s",
                                           STR_ARG(api_public_url(call->api)), save->client_id.p);
        headers[n++] = (struct http_header){STR("Location"), location};
    }
    client_encode(&call->body, save->client_id, &save->settings,
                  change->new ? call->op.now : save->before->created_at, version,
                  change->new ? save->secret_text : STR_NONE);
    if (headers[0].value.p == NULL || headers[n - 1].value.p == NULL ||
        buf_err(&call->body) != ERR_OK)
        call_fail(call, ERR_MEMORY);
    else
        call_answer(call, change->new ? 201 : 200, STR("application/json"), headers, n);
}

static void change_done(struct change *done)
{
    struct client_call *change = (struct client_call *)(void *)done;
    if (done->err == ERR_OK)
        answer_client(change);
    else if (done->err != ERR_OUTDATED || change->tries >= CLIENT_TRIES)
        call_fail(change->call, done->err);
    else if (client_judge_again(change->call))
        change_start(change);
}

/* The client before, found anew, and held against If-Match; false when that is answered. */
static bool change_find(struct client_call *change)
{
    struct call *call = change->call;
    const struct client *before = client_find(call);
    if (before == NULL)
        return false;
    change->save.before = before;
    struct http_header etag = call_etag(call, before->version);
    if (etag.value.p != NULL)
        return call_expect_match(call, etag.value);
    call_fail(call, ERR_MEMORY);
    return false;
}

/* Judges by the directory as it is now and hands the change over. */
static void change_start(struct client_call *change)
{
    struct call *call = change->call;
    struct client_save *save = &change->save;
    struct client_draft draft = {0};
    struct faults faults;
    change->tries++;
    if (!change->new && !change_find(change))
        return;
    faults_init(&faults, call->op.arena);
    client_decode(change->body, change->new, call->op.arena, &faults, &draft);
    enum err err = client_judge(&call->op, &draft, change->new ? NULL : &save->before->settings,
                                call->directory, call->caller, &faults, &save->settings);
    if (err == ERR_INVALID) {
        call_fail_faults(call, &faults);
        return;
    }
    if (err == ERR_OK && role_at(call, save->settings.domain) < ROLE_MANAGER)
        err = op_fail(&call->op, ERR_FORBIDDEN,
                      "To manage the clients of a domain you need the role of a manager there.");
    if (err == ERR_OK) {
        save->change.op = &call->op;
        save->change.done = change_done;
        save->directory = call->directory;
        err = client_save(api_core(call->api), save);
    }
    if (err != ERR_OK)
        call_fail(call, err);
}

static void change_begin(struct call *call, bool new)
{
    const struct json *body = client_body(call, false);
    if (body == NULL)
        return;
    struct client_call *change = ARENA_NEW(call->op.arena, struct client_call);
    if (change == NULL) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    change->call = call;
    change->new = new;
    change->body = body;
    change_start(change);
}

void client_create(struct call *call)
{
    change_begin(call, true);
}

void client_patch(struct call *call)
{
    change_begin(call, false);
}

/* ---- reading ---- */

void client_get(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (!call_query_accept(call, parameters))
        return;
    const struct client *client = client_find(call);
    if (client == NULL)
        return;
    struct http_header etag = call_etag(call, client->version);
    if (etag.value.p != NULL && call_client_has(call, etag.value)) {
        call_answer(call, 304, STR_NONE, &etag, 1);
        return;
    }
    client_encode(&call->body, client->account->email, &client->settings, client->created_at,
                  client->version, STR_NONE);
    if (etag.value.p == NULL || buf_err(&call->body) != ERR_OK)
        call_fail(call, ERR_MEMORY);
    else
        call_answer(call, 200, STR("application/json"), &etag, 1);
}

/* True if the caller manages any domain. */
static bool manages_any(const struct call *call)
{
    for (size_t i = 0; i < call->directory->domain_count; i++)
        if (role_at(call, &call->directory->domains[i]) >= ROLE_MANAGER)
            return true;
    return call->caller->admin;
}

void client_list(struct call *call)
{
    static const char *const parameters[] = {"limit", "cursor", NULL};
    const struct directory *d = call->directory;
    int64_t limit, before, shown = 0, last = 0;
    if (!call_query_accept(call, parameters) || !call_query_limit(call, &limit) ||
        !call_query_cursor(call, &before))
        return;
    if (!manages_any(call)) {
        call_fail_status(call, 403, "To manage clients you need the role of a manager.");
        return;
    }
    BUF_LIT(&call->body, "{\"items\":[");
    for (size_t i = d->account_count; i > 0; i--) {
        const struct account *account = d->accounts_by_id[i - 1];
        const struct client *client = account->client;
        if (client == NULL || (before > 0 && account->id >= before) ||
            role_at(call, client->settings.domain) < ROLE_MANAGER)
            continue;
        if (shown++ == limit)
            break;
        if (shown > 1)
            buf_char(&call->body, ',');
        client_encode(&call->body, account->email, &client->settings, client->created_at,
                      client->version, STR_NONE);
        last = account->id;
    }
    buf_char(&call->body, ']');
    if (shown > limit)
        buf_printf(&call->body, ",\"next\":\"%lld\"", (long long)last);
    buf_char(&call->body, '}');
    call_answer_json(call, 200);
}
