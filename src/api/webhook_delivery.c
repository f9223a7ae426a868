/* GET /webhooks/{id}/deliveries and one of them; sending one, or all since a time, again; a test. */
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/part.h"
#include "api/query.h"
#include "api/webhook.h"
#include "base/id.h"
#include "core/webhook.h"
#include "model/date.h"

#include <stddef.h>

/* ---- encode ---- */

static void delivery_encode(struct call *call, const struct delivery *delivery, bool whole)
{
    static const struct str states[] = {STR_INIT("waiting"), STR_INIT("delivered"),
                                        STR_INIT("failed")};
    struct json_writer *json = &call->json;
    bool waits = delivery->state == DELIVERY_WAITING;
    struct str message = arena_printf(call->op.arena, "msg_%lld", (long long)delivery->id);
    json_begin_object(json, NULL);
    json_put_id(json, "id", delivery->id);
    json_put_text(json, "messageId", message);
    json_put_text(json, "type", delivery->type);
    json_put_text(json, "key", delivery->key);
    json_put_i64(json, "seq", delivery->seq);
    json_put_text(json, "state", states[delivery->state]);
    json_put_i64(json, "attempts", delivery->attempts);
    json_put_time(json, "createdAt", id_time(delivery->id));
    json_put_time(json, "sentAt", delivery->sent_at);
    json_put_time(json, "nextAttemptAt",
                  waits && delivery->due_at > 0 ? delivery->due_at : TIME_NONE);
    if (delivery->status != 0)
        json_put_i64(json, "status", delivery->status);
    else
        json_put_null(json, "status");
    json_put_i64(json, "milliseconds", delivery->ms);
    json_put_text(json, "error", delivery->error);
    json_put_text(json, "answer", delivery->answer);
    if (whole)
        json_put_text(json, "request", delivery->request);
    json_end(json);
}

/* ---- reading ---- */

static enum err refuse_unknown(struct call *call)
{
    return call_refuse(call, 404, "The webhook has no delivery %.*s; they are kept for %d days.",
                       STR_ARG(str_sub(call->parameters[1], 0, 40)), DELIVERIES_KEPT_DAYS);
}

static enum err delivery_id(struct call *call, int64_t *ret_id)
{
    uint64_t id;
    if (!str_to_u64(call->parameters[1], INT64_MAX, &id))
        return refuse_unknown(call);
    *ret_id = (int64_t)id;
    return ERR_OK;
}

enum err webhook_delivery_list(struct call *call)
{
    struct webhook webhook;
    struct delivery_list deliveries;
    int64_t limit, before;
    enum err err = call_query_page(call, &limit, &before);
    if (err == ERR_OK)
        err = webhook_find(call, &webhook);
    if (err == ERR_OK)
        err = store_deliveries_before(call->db, &call->op, webhook.id, before, limit + 1,
                                      &deliveries);
    if (err != ERR_OK)
        return err;
    bool more = deliveries.n > (size_t)limit;
    call_items_begin(call);
    for (size_t i = 0; i < deliveries.n - more; i++)
        delivery_encode(call, &deliveries.items[i], false);
    return call_items_end(call, more ? deliveries.items[limit - 1].id : 0);
}

enum err webhook_delivery_get(struct call *call)
{
    struct webhook webhook;
    struct delivery delivery;
    int64_t id = 0;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = webhook_find(call, &webhook);
    if (err == ERR_OK)
        err = delivery_id(call, &id);
    if (err == ERR_OK)
        err = store_delivery_get(call->db, &call->op, webhook.id, id, &delivery);
    if (err == ERR_NOT_FOUND)
        return refuse_unknown(call);
    if (err != ERR_OK)
        return err;
    delivery_encode(call, &delivery, true);
    return call_answer_json(call, 200);
}

/* ---- sending ---- */

static enum err answer_resent(struct call *call, size_t n)
{
    json_begin_object(&call->json, NULL);
    json_put_i64(&call->json, "deliveries", (int64_t)n);
    json_end(&call->json);
    return call_answer_json(call, 202);
}

enum err webhook_delivery_resend(struct call *call)
{
    struct webhook webhook;
    int64_t id = 0;
    size_t n = 0;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = webhook_find_wait(call, &webhook);
    if (err == ERR_OK)
        err = delivery_id(call, &id);
    if (err == ERR_OK)
        err = core_deliveries_again(api_core(call->api), &call->op, webhook.id, id, 0, &n);
    if (err == ERR_OK && n == 0)
        return refuse_unknown(call);
    return err == ERR_OK ? answer_resent(call, n) : err;
}

struct resend_body {
    struct str text;
};

enum err webhook_resend(struct call *call)
{
    static const struct body_member member[] = {
        {STR_INIT("since"), MEMBER_TEXT, true, true, offsetof(struct resend_body, text), 0}};
    struct webhook webhook;
    struct resend_body sent = {STR_NONE};
    const struct json *body;
    struct faults faults;
    int64_t time = 0;
    size_t n = 0;
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = webhook_find_wait(call, &webhook);
    if (err != ERR_OK)
        return err;
    faults_init(&faults, call->op.arena);
    members_decode(member, 1, body, true, call->op.arena, &faults, &sent);
    if (sent.text.p == NULL && !faults_have(&faults, "/since"))
        fault_add(&faults, STR("since"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "since is missing: deliveries from this time on are sent again.");
    else if (sent.text.p != NULL && !time_read(sent.text, &time))
        fault_add(&faults, STR("since"), FAULT_WHOLE, FAULT_NOT_A_TIME, NO_OPTIONS,
                  "since must be a time with its zone (RFC 3339), such as 2027-09-27T08:30:00Z.");
    if (faults.err != ERR_OK || faults.n > 0)
        return call_judged(call, faults.err != ERR_OK ? faults.err : ERR_INVALID, &faults);
    err = core_deliveries_again(api_core(call->api), &call->op, webhook.id, 0, time, &n);
    return err == ERR_OK ? answer_resent(call, n) : err;
}

/* Goes out at once, also while the webhook is paused, and is not tried again. */
enum err webhook_test(struct call *call)
{
    struct webhook webhook;
    struct delivery delivery;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = webhook_find_wait(call, &webhook);
    if (err == ERR_OK)
        err = core_webhook_test(api_core(call->api), &call->op, webhook.id, &delivery,
                                &call->retry_after);
    if (err != ERR_OK)
        return err;
    delivery_encode(call, &delivery, true);
    return call_answer_json(call, 202);
}
