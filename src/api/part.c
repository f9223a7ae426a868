#include "api/part.h"

#include "api/api.h"
#include "api/idempotency_key.h"
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

static struct sha256 request_hash(const struct call *call)
{
    struct hasher hasher;
    hash_begin(&hasher);
    hash_field(&hasher, call->request->body);
    hash_field(&hasher, call->request->query);
    return hash_end(&hasher);
}

enum err part_expect_new(struct call *call, const char *folder, struct part_change *change)
{
    const struct http_request *request = call->request;
    struct answer answer;
    bool found = false;
    size_t count = http_header_count(request, STR("idempotency-key"));
    if (count == 0)
        return ERR_OK;
    if (count > 1)
        return call_refuse(call, 400, "Idempotency-Key appears more than once; send it once.");
    struct idempotency_key *key = &change->key;
    enum err err = idempotency_key_read(&call->op, http_header_get(request, STR("idempotency-key")),
                                        &key->key);
    if (err == ERR_OK)
        err = endpoint_of(call, folder, &key->endpoint);
    if (err != ERR_OK)
        return err;
    key->account_id = call->caller->id;
    key->request = request_hash(call);
    err = part_replay(api_core(call->api), &call->op, key, &found, &answer);
    if (err != ERR_OK || !found)
        return err;
    err = part_give_answer(call, &answer, true);
    return err == ERR_OK ? ERR_ANSWERED : err;
}

/* ---- the answers ---- */

enum err part_give_answer(struct call *call, const struct answer *answer, bool replayed)
{
    struct http_header headers[ANSWER_HEADERS_MAX + 1];
    size_t n = 0;
    for (; n < answer->header_count; n++)
        headers[n] = (struct http_header){answer->headers[n].name, answer->headers[n].value};
    if (replayed)
        headers[n++] = (struct http_header){STR("Idempotent-Replayed"), STR("true")};
    buf_clear(&call->body);
    buf_add(&call->body, answer->body);
    return call_answer(call, answer->status, STR("application/json"), headers, n);
}

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
