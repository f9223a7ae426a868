/* GET and POST /clients/{clientId}/secrets, DELETE /clients/{clientId}/secrets/{id}. */
#include "api/api.h"
#include "api/client.h"
#include "api/handlers.h"
#include "api/query.h"
#include "core/client.h"
#include "json/read.h"

struct secret_call {
    struct call *call;
    const struct client *client;
    int tries;
    struct client_secret_add add;
    struct client_secret_revoke revoke;
    struct client_secret_list list;
};

/* NULL when the call is answered, and with it its arena given back. */
static struct secret_call *secret_begin(struct call *call)
{
    const struct client *client = client_find(call);
    if (client == NULL)
        return NULL;
    struct secret_call *secret = ARENA_NEW(call->op.arena, struct secret_call);
    if (secret == NULL) {
        call_fail(call, ERR_MEMORY);
        return NULL;
    }
    secret->call = call;
    secret->client = client;
    call->state = secret;
    return secret;
}

/* True if the change is to be tried once more, by the newest directory; otherwise, unless it has
 * succeeded, the call is answered. */
static bool secret_again(struct secret_call *secret, enum err err)
{
    if (err == ERR_OUTDATED && ++secret->tries < CHANGE_TRIES) {
        if (!call_judge_again(secret->call))
            return false;
        const struct client *client = client_find(secret->call);
        if (client == NULL)
            return false;
        secret->client = client;
        return true;
    }
    if (err != ERR_OK)
        call_fail(secret->call, err);
    return false;
}

/* ---- a further one ---- */

static void add_start(struct secret_call *secret);

static void add_done(struct change *change)
{
    struct client_secret_add *add = (struct client_secret_add *)(void *)change;
    struct secret_call *secret =
        (struct secret_call *)(void *)((char *)add - offsetof(struct secret_call, add));
    struct call *call = secret->call;
    if (change->err == ERR_OK) {
        client_encode_secret(&call->body, &add->secret, add->secret_text);
        call_answer_json(call, 201);
    } else if (secret_again(secret, change->err)) {
        add_start(secret);
    }
}

static void add_start(struct secret_call *secret)
{
    struct client_secret_add *add = &secret->add;
    add->change.op = &secret->call->op;
    add->change.done = add_done;
    add->directory = secret->call->directory;
    add->client = secret->client;
    enum err err = client_secret_add(api_core(secret->call->api), add);
    if (err != ERR_OK)
        call_fail(secret->call, err);
}

/* Takes `expiresAt`, the one member there is. */
static void decode_expiry(const struct json *body, int64_t now, struct faults *faults,
                          int64_t *expires_at)
{
    static const struct str name = STR_INIT("expiresAt");
    for (const struct json *value = body->first; value != NULL; value = value->next)
        if (!str_eq(value->name, name))
            fault_add(faults, value->name, FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                      "%.*s is no member that can be set here.",
                      STR_ARG(fault_excerpt(value->name)));
        else if (value->kind == JSON_NULL)
            *expires_at = TIME_NONE;
        else if (value->kind != JSON_TEXT || !time_read(value->text, expires_at))
            fault_add(faults, name, FAULT_WHOLE, FAULT_NOT_A_TIME, NO_OPTIONS,
                      "expiresAt must be a time with its zone (RFC 3339), such as "
                      "2027-09-27T08:30:00Z.");
        else if (*expires_at <= now)
            fault_add(faults, name, FAULT_WHOLE, FAULT_TOO_OLD, NO_OPTIONS,
                      "expiresAt must lie ahead.");
}

void secret_create(struct call *call)
{
    struct faults faults;
    const struct json *body = call_body(call, true);
    if (body == NULL)
        return;
    struct secret_call *secret = secret_begin(call);
    if (secret == NULL)
        return;
    secret->add.expires_at = TIME_NONE;
    faults_init(&faults, call->op.arena);
    decode_expiry(body, call->op.now, &faults, &secret->add.expires_at);
    if (faults.err != ERR_OK)
        call_fail(call, faults.err);
    else if (faults.n > 0)
        call_fail_faults(call, &faults);
    else
        add_start(secret);
}

/* ---- the end of one ---- */

static void revoke_start(struct secret_call *secret);

static void revoke_done(struct change *change)
{
    struct client_secret_revoke *revoke = (struct client_secret_revoke *)(void *)change;
    struct secret_call *secret =
        (struct secret_call *)(void *)((char *)revoke - offsetof(struct secret_call, revoke));
    if (change->err == ERR_OK)
        call_answer_empty(secret->call);
    else if (secret_again(secret, change->err))
        revoke_start(secret);
}

static void revoke_start(struct secret_call *secret)
{
    struct client_secret_revoke *revoke = &secret->revoke;
    revoke->change.op = &secret->call->op;
    revoke->change.done = revoke_done;
    revoke->directory = secret->call->directory;
    revoke->client = secret->client;
    enum err err = client_secret_revoke(api_core(secret->call->api), revoke);
    if (err != ERR_OK)
        call_fail(secret->call, err);
}

void secret_delete(struct call *call)
{
    static const char *const parameters[] = {NULL};
    uint64_t id;
    if (!call_query_accept(call, parameters))
        return;
    struct secret_call *secret = secret_begin(call);
    if (secret == NULL)
        return;
    if (!str_to_u64(call->parameters[1], INT64_MAX, &id)) {
        call_fail_status(call, 404, "The client has no secret of that id.");
        return;
    }
    secret->revoke.secret_id = (int64_t)id;
    revoke_start(secret);
}

/* ---- which there are ---- */

static enum err list_run(struct core_read *read, struct db *db)
{
    struct secret_call *secret = call_of_read(read)->state;
    return store_client_secrets(db, read->op, secret->client->account->id, &secret->list);
}

static void list_got(struct core_read *read)
{
    struct call *call = call_of_read(read);
    const struct secret_call *secret = call->state;
    if (read->err != ERR_OK) {
        call_fail(call, read->err);
        return;
    }
    BUF_LIT(&call->body, "{\"items\":[");
    for (size_t i = 0; i < secret->list.n; i++) {
        if (i > 0)
            buf_char(&call->body, ',');
        client_encode_secret(&call->body, &secret->list.items[i], STR_NONE);
    }
    BUF_LIT(&call->body, "]}");
    call_answer_json(call, 200);
}

void secret_list(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (call_query_accept(call, parameters) && secret_begin(call) != NULL)
        call_read(call, list_run, list_got);
}
