#include "api/part.h"

#include "api/api.h"
#include "api/once.h"
#include "api/query.h"
#include "model/key.h"
#include "model/receipt.h"

enum err part_id(struct call *call, const char *what, int64_t *ret_id)
{
    uint64_t id;
    if (!str_to_u64(call->parameters[1], INT64_MAX, &id))
        return call_refuse(call, 404, "The record has no %s with that id.", what);
    *ret_id = (int64_t)id;
    return ERR_OK;
}

/* ---- a change ---- */

void part_change_init(struct call *call, const struct record *record, struct part_change *change)
{
    change->change.op = &call->op;
    change->directory = call->directory;
    change->workspace = record->workspace;
    change->task_id = record->task.id;
    change->actor_id = call->caller->id;
    change->public_url = api_public_url(call->api);
    change->origin = call->origin;
}

/* The record's key and the folder, in one spelling for all in which a path can have it. */
static enum err endpoint_of(struct call *call, const char *folder, struct str *ret_endpoint)
{
    struct str key;
    int64_t number;
    enum err err = key_read_record(call->op.arena, call->parameters[0], &key, &number);
    if (err == ERR_SYNTAX)
        return record_missing(call);
    *ret_endpoint =
        arena_printf(call->op.arena, "%.*s-%lld/%s", STR_ARG(key), (long long)number, folder);
    return err == ERR_OK && ret_endpoint->p == NULL ? ERR_MEMORY : err;
}

enum err part_expect_new(struct call *call, const char *folder, struct part_change *change)
{
    struct idempotency_key *key = &change->key;
    enum err err = call_key_read(call, key);
    if (err != ERR_OK || key->key.p == NULL)
        return err;
    err = endpoint_of(call, folder, &key->endpoint);
    return err == ERR_OK ? call_once_replay(call, key) : err;
}

/* ---- the answers ---- */

enum err part_answer_changed(struct call *call, const struct part_change *change, int64_t version)
{
    struct http_header headers[2];
    size_t n = 0;
    struct buf receipt;
    if (change->event.seq > 0) {
        buf_init(&receipt, KEY_MAX + 128);
        buf_receipt(&receipt, change->workspace->domain->key, change->event.seq,
                    &change->event.hash);
        headers[n++] = (struct http_header){STR("Bzctrl-Receipt"),
                                            arena_str(call->op.arena, buf_str(&receipt))};
        buf_finish(&receipt);
    }
    if (version > 0)
        headers[n++] = call_etag(call, version);
    for (size_t i = 0; i < n; i++)
        if (headers[i].value.p == NULL)
            return ERR_MEMORY;
    bool empty = call->body.n == 0;
    return call_answer(call, empty ? 204 : 200, empty ? STR_NONE : STR("application/json"), headers,
                       n);
}
