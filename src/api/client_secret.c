/* GET and POST /clients/{clientId}/secrets, DELETE /clients/{clientId}/secrets/{id}. */
#include "api/api.h"
#include "api/client.h"
#include "api/handlers.h"
#include "api/query.h"
#include "core/client.h"
#include "json/read.h"

/* ---- a further one ---- */

struct add_call {
    struct call_change base; /* first */
    struct client_secret_add add;
};

static void add_done(struct change *change)
{
    struct add_call *state =
        (struct add_call *)(void *)((char *)change - offsetof(struct add_call, add.change));
    struct call *call = state->base.call;
    if (change->err == ERR_OK) {
        client_encode_secret(&call->body, &state->add.secret, state->add.secret_text);
        call_answer_json(call, 201);
    } else {
        call_change_failed(&state->base, change->err);
    }
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

static void add_start(struct call_change *base)
{
    struct call *call = base->call;
    struct client_secret_add *add = &((struct add_call *)(void *)base)->add;
    struct faults faults;
    const struct client *client = client_find(call);
    if (client == NULL) /* and answered: nothing of the call is there any more */
        return;
    add->expires_at = TIME_NONE;
    faults_init(&faults, call->op.arena);
    decode_expiry(base->body, call->op.now, &faults, &add->expires_at);
    enum err err = faults.err == ERR_OK && faults.n > 0 ? ERR_INVALID : faults.err;
    if (!call_change_judged(base, err, &faults))
        return;
    add->change.op = &call->op;
    add->change.done = add_done;
    add->directory = call->directory;
    add->client = client;
    err = client_secret_add(api_core(call->api), add);
    if (err != ERR_OK)
        call_fail(call, err);
}

void secret_create(struct call *call)
{
    const struct json *body = call_body(call, true);
    if (body != NULL)
        call_change_begin(call, sizeof(struct add_call), body, true, add_start);
}

/* ---- the end of one ---- */

struct revoke_call {
    struct call_change base; /* first */
    struct client_secret_revoke revoke;
};

static void revoke_done(struct change *change)
{
    struct revoke_call *state =
        (struct revoke_call *)(void *)((char *)change -
                                       offsetof(struct revoke_call, revoke.change));
    if (change->err == ERR_OK)
        call_answer_empty(state->base.call);
    else
        call_change_failed(&state->base, change->err);
}

static void revoke_start(struct call_change *base)
{
    struct call *call = base->call;
    struct client_secret_revoke *revoke = &((struct revoke_call *)(void *)base)->revoke;
    uint64_t id;
    const struct client *client = client_find(call);
    if (client == NULL) /* and answered: nothing of the call is there any more */
        return;
    if (!str_to_u64(call->parameters[1], INT64_MAX, &id)) {
        call_fail_status(call, 404, "The client has no secret of that id.");
        return;
    }
    revoke->secret_id = (int64_t)id;
    revoke->change.op = &call->op;
    revoke->change.done = revoke_done;
    revoke->directory = call->directory;
    revoke->client = client;
    enum err err = client_secret_revoke(api_core(call->api), revoke);
    if (err != ERR_OK)
        call_fail(call, err);
}

void secret_delete(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (call_query_accept(call, parameters))
        call_change_begin(call, sizeof(struct revoke_call), NULL, false, revoke_start);
}

/* ---- which there are ---- */

struct list_call {
    const struct client *client;
    struct client_secret_list list;
};

static enum err list_run(struct core_read *read, struct db *db)
{
    struct list_call *state = call_of_read(read)->state;
    return store_client_secrets(db, read->op, state->client->account->id, &state->list);
}

static void list_got(struct core_read *read)
{
    struct call *call = call_of_read(read);
    const struct list_call *state = call->state;
    if (read->err != ERR_OK) {
        call_fail(call, read->err);
        return;
    }
    BUF_LIT(&call->body, "{\"items\":[");
    for (size_t i = 0; i < state->list.n; i++) {
        if (i > 0)
            buf_char(&call->body, ',');
        client_encode_secret(&call->body, &state->list.items[i], STR_NONE);
    }
    BUF_LIT(&call->body, "]}");
    call_answer_json(call, 200);
}

void secret_list(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (!call_query_accept(call, parameters))
        return;
    const struct client *client = client_find(call);
    if (client == NULL) /* and answered: nothing of the call is there any more */
        return;
    struct list_call *state = ARENA_NEW(call->op.arena, struct list_call);
    if (state == NULL) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    state->client = client;
    call->state = state;
    call_read(call, list_run, list_got);
}
