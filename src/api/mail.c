/*
 * For administrators: GET /mail, what waits to be sent; GET /mail/addresses, where it does not arrive; and
 * DELETE /mail/addresses/{email}/suspension, which has an address tried again.
 */
#include "core/mail.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/person.h"
#include "api/query.h"

enum { FAILING_SHOWN = 50 };

static enum err expect_admin(struct call *call)
{
    return directory_is_admin(call->caller)
               ? ERR_OK
               : call_refuse(call, 403, "Only an admin can see whom mail does not reach.");
}

static struct str email_of(const struct call *call, int64_t account_id)
{
    const struct account *account = directory_account_by_id(call->directory, account_id);
    return account == NULL ? STR_NONE : account->email;
}

static void failing_encode(struct call *call, const struct mail_failing *failing)
{
    struct json_writer *json = &call->json;
    json_begin_object(json, NULL);
    json_put_text(json, "email", email_of(call, failing->account_id));
    json_put_time(json, "failingSince", failing->failing_since);
    json_put_i64(json, "attempts", failing->attempts);
    json_put_time(json, "nextAt", failing->due_at);
    json_put_text(json, "reason", failing->reason);
    json_end(json);
}

enum err mail_get(struct call *call)
{
    struct json_writer *json = &call->json;
    struct mail_queue queue;
    struct mail_failing_list failing;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = expect_admin(call);
    if (err == ERR_OK)
        err = store_mail_queue(call->db, &call->op, &queue);
    if (err == ERR_OK)
        err = store_mail_failing(call->db, &call->op, FAILING_SHOWN, &failing);
    if (err != ERR_OK)
        return err;
    json_begin_object(json, NULL);
    json_put_flag(json, "sendsMail", api_sends_mail(call->api));
    json_put_i64(json, "waiting", queue.waiting);
    json_put_i64(json, "late", queue.late);
    json_put_time(json, "lateSince", queue.late_since);
    json_begin_list(json, "failing");
    for (size_t i = 0; i < failing.n; i++)
        failing_encode(call, &failing.items[i]);
    json_end(json);
    json_end(json);
    return call_answer_json(call, 200);
}

enum err mail_address_list(struct call *call)
{
    struct json_writer *json = &call->json;
    struct mail_trouble_list list;
    int64_t limit, after;
    enum err err = call_query_page(call, &limit, &after);
    if (err == ERR_OK)
        err = expect_admin(call);
    if (err == ERR_OK)
        err = store_mail_troubles(call->db, &call->op, after, limit + 1, &list);
    if (err != ERR_OK)
        return err;
    bool more = list.n > (size_t)limit;
    size_t n = more ? (size_t)limit : list.n;
    call_items_begin(call);
    for (size_t i = 0; i < n; i++) {
        const struct mail_address *address = &list.items[i].address;
        json_begin_object(json, NULL);
        json_put_text(json, "email", email_of(call, list.items[i].account_id));
        json_put_time(json, "suspendedAt", address->suspended_at);
        json_put_time(json, "givenUpAt", address->given_up_at);
        json_put_text(json, "reason", address->reason);
        json_put_time(json, "sentAt", address->sent_at);
        json_end(json);
    }
    return call_items_end(call, more ? list.items[n - 1].account_id : 0);
}

enum err mail_address_resume(struct call *call)
{
    const struct account *person;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = expect_admin(call);
    if (err == ERR_OK)
        err = person_find(call, &person);
    if (err == ERR_OK)
        err =
            mail_resume(api_core(call->api), &call->op, call->directory, person, call->caller->id);
    return err == ERR_OK ? call_answer_empty(call) : err;
}
