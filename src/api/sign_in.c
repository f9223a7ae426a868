/* GET /people/me/sessions and DELETE /people/me/sessions/{id}: what one is signed in with. */
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "store/person.h"
#include "json/write.h"

struct sign_in_call {
    struct token_change change; /* first */
    struct call *call;
    int64_t limit, below;
    struct sign_in_list list;
};

static struct sign_in_call *begin(struct call *call)
{
    struct sign_in_call *state = ARENA_NEW(call->op.arena, struct sign_in_call);
    if (state == NULL) {
        call_fail(call, ERR_MEMORY);
        return NULL;
    }
    state->call = call;
    call->state = state;
    return state;
}

/* ---- the list ---- */

static enum err list_run(struct core_read *read, struct db *db)
{
    struct call *call = call_of_read(read);
    struct sign_in_call *state = call->state;
    return store_sign_ins(db, read->op, call->grant.account_id, state->below, state->limit,
                          &state->list);
}

static void encode(struct buf *buf, const struct sign_in *sign_in, int64_t current)
{
    buf_printf(buf, "{\"id\":\"%lld\",\"kind\":\"%s\",\"client\":", (long long)sign_in->id,
               sign_in->app ? "app" : "token");
    buf_json_string(buf, sign_in->client);
    BUF_LIT(buf, ",\"createdAt\":");
    encode_time(buf, sign_in->created_at);
    BUF_LIT(buf, ",\"expiresAt\":");
    encode_time(buf, sign_in->expires_at);
    buf_printf(buf, ",\"current\":%s}", sign_in->id == current ? "true" : "false");
}

static void list_got(struct core_read *read)
{
    struct call *call = call_of_read(read);
    const struct sign_in_call *state = call->state;
    if (read->err != ERR_OK) {
        call_fail(call, read->err);
        return;
    }
    call_items_begin(call);
    for (size_t i = 0; i < state->list.n; i++) {
        if (i > 0)
            buf_char(&call->body, ',');
        encode(&call->body, &state->list.items[i], call->grant.family_id);
    }
    call_items_end(call, state->list.next);
}

void sign_in_list(struct call *call)
{
    static const char *const parameters[] = {"limit", "cursor", NULL};
    if (!call_query_accept(call, parameters))
        return;
    struct sign_in_call *state = begin(call);
    if (state == NULL || !call_query_limit(call, &state->limit) ||
        !call_query_cursor(call, &state->below))
        return;
    if (state->below == 0)
        state->below = INT64_MAX;
    call_read(call, list_run, list_got);
}

/* ---- the end of one ---- */

static void ended(struct token_change *change)
{
    struct call *call = ((struct sign_in_call *)(void *)change)->call;
    if (change->err == ERR_OK)
        call_answer_empty(call);
    else if (change->err == ERR_NOT_FOUND)
        call_fail_status(call, 404, "You have no session of that id.");
    else
        call_fail(call, change->err);
}

void sign_in_delete(struct call *call)
{
    static const char *const parameters[] = {NULL};
    uint64_t id;
    if (!call_query_accept(call, parameters))
        return;
    struct sign_in_call *state = begin(call);
    if (state == NULL)
        return;
    if (!str_to_u64(call->parameters[0], INT64_MAX, &id)) {
        call_fail_status(call, 404, "You have no session of that id.");
        return;
    }
    state->change.op = &call->op;
    state->change.done = ended;
    state->change.account_id = call->grant.account_id;
    token_end_sign_in(api_tokens(call->api), &state->change, (int64_t)id);
}
