#include "api/once.h"

#include "api/api.h"
#include "api/idempotency_key.h"
#include "base/log.h"

/* ---- the key ---- */

static struct sha256 request_hash(const struct call *call)
{
    struct hasher hasher;
    hash_begin(&hasher);
    hash_field(&hasher, call->request->body);
    hash_field(&hasher, call->request->query);
    return hash_end(&hasher);
}

enum err call_key_read(struct call *call, struct idempotency_key *ret_key)
{
    const struct str name = STR("idempotency-key");
    size_t count = http_header_count(call->request, name);
    *ret_key = (struct idempotency_key){0};
    if (count == 0)
        return ERR_OK;
    if (count > 1)
        return call_refuse(call, 400, "Idempotency-Key appears more than once; send it once.");
    ret_key->account_id = call->caller->id;
    ret_key->request = request_hash(call);
    return idempotency_key_read(&call->op, http_header_get(call->request, name), &ret_key->key);
}

/* ---- what a route does once ---- */

enum err call_once_read(struct call *call, struct once *ret_once)
{
    *ret_once = (struct once){0};
    enum err err = call_key_read(call, &ret_once->key);
    if (err != ERR_OK || ret_once->key.key.p == NULL)
        return err;
    ret_once->key.endpoint = arena_printf(
        call->op.arena, "%.*s %.*s", STR_ARG(call->request->method), STR_ARG(call->request->path));
    return ret_once->key.endpoint.p == NULL ? ERR_MEMORY : ERR_OK;
}

enum err call_answer_stored(struct call *call, const struct answer *answer, bool replayed)
{
    struct http_header headers[ANSWER_HEADERS_MAX + 1];
    size_t n = 0;
    for (; n < answer->header_count; n++)
        headers[n] = (struct http_header){answer->headers[n].name, answer->headers[n].value};
    if (replayed)
        headers[n++] = (struct http_header){STR("Idempotent-Replayed"), STR("true")};
    buf_clear(&call->body);
    buf_add(&call->body, answer->body);
    if (buf_err(&call->body) != ERR_OK)
        return ERR_MEMORY;
    return call_answer(call, answer->status, STR("application/json"), headers, n);
}

enum err call_once_replay(struct call *call, const struct idempotency_key *key)
{
    struct answer answer;
    bool found = false;
    enum err err = once_find(api_core(call->api), &call->op, key, &found, &answer);
    if (err != ERR_OK || !found)
        return err;
    if (answer.status == 0)
        return call_refuse(call, 409,
                           "A request with this Idempotency-Key was carried out before, and its "
                           "answer is not there: it is still being made, was lost, or has a "
                           "secret, which is shown once. Read what there is before you send it "
                           "with another key.");
    err = call_answer_stored(call, &answer, true);
    return err == ERR_OK ? ERR_ANSWERED : err;
}

void call_once_keep(struct call *call, const struct once *once)
{
    static const struct str kept[] = {STR_INIT("Location"), STR_INIT("ETag"),
                                      STR_INIT("Bzctrl-Receipt")};
    const struct call_answer *set = &call->answer;
    struct answer answer = {.status = set->status, .body = buf_str(&call->body)};
    if (once->promise == 0 || call->confidential || set->status >= 300)
        return;
    for (size_t i = 0; i < set->header_count; i++)
        for (size_t k = 0; k < sizeof kept / sizeof kept[0]; k++)
            if (str_eq(set->headers[i].name, kept[k]))
                answer.headers[answer.header_count++] =
                    (struct answer_header){kept[k], set->headers[i].value};
    /* It is carried out in any case, and its caller hears that. */
    if (once_answer(api_core(call->api), &call->op, once, &answer) != ERR_OK) {
        LOG(LOG_WARN, "the answer to an idempotency key could not be kept",
            LOG_TEXT("path", call->request->path), LOG_TEXT("reason", str_of(call->op.detail)));
        op_forget(&call->op);
    }
}
