/* GET and POST /webhooks, GET, PATCH and DELETE /webhooks/{id}, POST /webhooks/{id}/secret. */
#include "api/webhook.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/part.h"
#include "api/query.h"
#include "core/webhook.h"
#include "model/date.h"
#include "model/meeting_session.h"
#include "model/right.h"

#include <stddef.h>

/* ---- decode, encode ---- */

#define AT(field) offsetof(struct webhook_draft, field)

static const struct body_member members[] = {
    {STR_INIT("url"), MEMBER_TEXT, true, true, AT(url), 0},
    {STR_INIT("domain"), MEMBER_TEXT, true, false, AT(domain), 0},
    {STR_INIT("workspace"), MEMBER_TEXT, true, false, AT(workspace), 0},
    {STR_INIT("events"), MEMBER_TEXTS_OR_NULL, true, true, AT(events), AT(events_null)},
    {STR_INIT("paused"), MEMBER_FLAG, false, true, AT(paused), AT(paused_sent)},
};

/* A sentence about what keeps it from working, or absent. */
static enum err problem_of(struct call *call, const struct webhook *webhook,
                           struct str *ret_problem)
{
    static const struct str pauses[] = {
        [WEBHOOK_RUNS] = {NULL, 0},
        [WEBHOOK_PAUSED] = {NULL, 0},
        [WEBHOOK_GONE] = STR_INIT("The receiver has answered 410: it does not want this any more."),
        [WEBHOOK_FAILING] = STR_INIT("Nothing got through for five days."),
        [WEBHOOK_ORPHANED] =
            STR_INIT("Its owner no longer manages the domain. The manager who resumes it "
                     "becomes its owner."),
        [WEBHOOK_REMOVED] = {NULL, 0},
    };
    struct str secret;
    enum err err = unseal(&call->op, api_secret_key(call->api), webhook->secret, &secret);
    *ret_problem = err == ERR_INVALID
                       ? STR("Its secret was sealed with another secret key than this server's; "
                             "rotate the secret, or have the operator put the key in place.")
                       : pauses[webhook->pause];
    return err == ERR_INVALID ? ERR_OK : err;
}

/* Whether the secret before the present one signs as well. */
static bool has_old_secret(const struct call *call, const struct webhook *webhook)
{
    return webhook->old_secret.p != NULL && webhook->old_secret_until > call->op.now;
}

/* `secret` is shown once, when it has been made; else it is absent. */
static enum err webhook_encode(struct call *call, const struct webhook *webhook, struct str secret)
{
    struct json_writer *json = &call->json;
    const struct domain *domain = directory_domain_by_id(call->directory, webhook->domain_id);
    const struct workspace *workspace =
        directory_workspace_by_id(call->directory, webhook->workspace_id);
    bool old = has_old_secret(call, webhook);
    struct str problem;
    enum err err = problem_of(call, webhook, &problem);
    if (err != ERR_OK)
        return err;
    json_begin_object(json, NULL);
    json_put_id(json, "id", webhook->id);
    json_put_text(json, "url", webhook->url);
    json_put_text(json, "domain", domain == NULL ? STR_NONE : domain->key);
    json_put_text(json, "workspace", workspace == NULL ? STR_NONE : workspace->key);
    json_put_texts(json, "events", webhook->events.n > 0 ? webhook->events : webhook_event_types);
    json_put_account(json, "owner", webhook->owner_id, call->directory);
    json_put_flag(json, "paused", webhook->pause != WEBHOOK_RUNS);
    json_put_text(json, "pausedFor", webhook_pause_name(webhook->pause));
    json_put_time(json, "pausedAt", webhook->paused_at);
    json_put_text(json, "problem", problem);
    json_put_time(json, "succeededAt", webhook->succeeded_at);
    json_put_time(json, "failingSince", webhook->failing_since);
    json_put_time(json, "secretAt", webhook->secret_at);
    json_put_time(json, "oldSecretUntil", old ? webhook->old_secret_until : TIME_NONE);
    json_put_time(json, "createdAt", webhook->created_at);
    json_put_time(json, "updatedAt", webhook->updated_at);
    json_put_i64(json, "version", webhook->version);
    if (secret.p != NULL)
        json_put_text(json, "secret", secret);
    json_end(json);
    return ERR_OK;
}

/* ---- finding one ---- */

static enum err expect_manager(struct call *call)
{
    return right_manages_any(call->directory, call->caller)
               ? ERR_OK
               : call_refuse(call, 403, "To look after webhooks you need the role of a manager.");
}

enum err webhook_find(struct call *call, struct webhook *ret_webhook)
{
    uint64_t id = 0;
    enum err err = expect_manager(call);
    if (err != ERR_OK)
        return err;
    err = str_to_u64(call->parameters[0], INT64_MAX, &id)
              ? store_webhook_get(call->db, &call->op, (int64_t)id, ret_webhook)
              : ERR_NOT_FOUND;
    if (err == ERR_NOT_FOUND ||
        (err == ERR_OK && !webhook_is_held_by(call->directory, call->caller, ret_webhook)))
        return call_refuse(call, 404, "There is no webhook %.*s, or you may not see it.",
                           STR_ARG(str_sub(call->parameters[0], 0, 40)));
    return err;
}

static enum err read_webhook(struct call *call, void *arg)
{
    return webhook_find(call, arg);
}

enum err webhook_find_wait(struct call *call, struct webhook *ret_webhook)
{
    return call_read_wait(call, read_webhook, ret_webhook);
}

/* ---- reading ---- */

enum err webhook_list(struct call *call)
{
    struct webhook_list webhooks;
    int64_t limit, before, shown = 0, next = 0;
    enum err err = call_query_page(call, &limit, &before);
    if (err == ERR_OK)
        err = expect_manager(call);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    /* Others are of domains that the caller does not manage, so a page can take several reads. */
    do {
        err = store_webhooks_before(call->db, &call->op, before, limit + 1, &webhooks);
        for (size_t i = 0; i < webhooks.n && err == ERR_OK && next == 0; i++) {
            const struct webhook *webhook = &webhooks.items[i];
            bool seen = webhook_is_held_by(call->directory, call->caller, webhook);
            if (seen && shown++ == limit)
                next = before;
            else if (seen)
                err = webhook_encode(call, webhook, STR_NONE);
            before = next == 0 ? webhook->id : before;
        }
        if (err != ERR_OK)
            return err;
    } while (next == 0 && webhooks.n == (size_t)limit + 1);
    return call_items_end(call, next);
}

/* Never 304: how it goes changes without it. */
enum err webhook_get(struct call *call)
{
    struct webhook webhook;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = webhook_find(call, &webhook);
    if (err == ERR_OK)
        err = webhook_encode(call, &webhook, STR_NONE);
    if (err != ERR_OK)
        return err;
    return call_answer_etag(call, webhook.version);
}

/* ---- making and changing ---- */

/* Stores `save`, and answers with the resulting webhook. */
static enum err save_and_answer(struct call *call, struct webhook_save *save, struct str secret)
{
    enum err err = core_webhook_save(api_core(call->api), save);
    if (err == ERR_OK)
        err = webhook_encode(call, &save->webhook, secret);
    if (err != ERR_OK)
        return err;
    struct str id = arena_printf(call->op.arena, "%lld", (long long)save->webhook.id);
    return id.p == NULL ? ERR_MEMORY
                        : call_answer_version(call, save->before == NULL ? 201 : 200,
                                              save->webhook.version, "/webhooks/", id);
}

/* Judges the body, stores it, and answers. `before` NULL: a new one. */
static enum err judge_and_save(struct call *call, const struct json *body,
                               const struct webhook *before)
{
    struct webhook_draft draft = {0};
    struct webhook_save save = {.op = &call->op,
                                .directory = call->directory,
                                .before = before,
                                .actor_id = call->caller->id};
    struct str secret = STR_NONE;
    struct faults faults;
    faults_init(&faults, call->op.arena);
    members_decode(members, sizeof members / sizeof members[0], body, before == NULL,
                   call->op.arena, &faults, &draft);
    enum err err = webhook_judge(&call->op, &draft, before, call->directory, call->caller,
                                 api_webhook_allow(call->api), &faults, &save.webhook);
    if (err == ERR_OK && before == NULL)
        err = webhook_secret_make(&call->op, api_secret_key(call->api), TIME_NONE, &save.webhook,
                                  &secret);
    if (err != ERR_OK)
        return call_judged(call, err, &faults);
    return save_and_answer(call, &save, secret);
}

enum err webhook_create(struct call *call)
{
    const struct json *body;
    enum err err = expect_manager(call);
    call->confidential = true;
    if (err == ERR_OK)
        err = call_body(call, false, &body);
    return err == ERR_OK ? judge_and_save(call, body, NULL) : err;
}

enum err webhook_patch(struct call *call)
{
    struct webhook before;
    const struct json *body;
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = webhook_find_wait(call, &before);
    if (err == ERR_OK)
        err = call_expect_version(call, before.version);
    return err == ERR_OK ? judge_and_save(call, body, &before) : err;
}

/* If-Match is looked at when it is sent. */
enum err webhook_delete(struct call *call)
{
    struct webhook before;
    struct webhook_save save = {.op = &call->op,
                                .directory = call->directory,
                                .before = &before,
                                .drops = true,
                                .actor_id = call->caller->id};
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = webhook_find_wait(call, &before);
    if (err == ERR_OK && http_header_count(call->request, STR("if-match")) > 0)
        err = call_expect_version(call, before.version);
    if (err != ERR_OK)
        return err;
    save.webhook = before;
    err = core_webhook_save(api_core(call->api), &save);
    return err == ERR_OK ? call_answer_empty(call) : err;
}

/* ---- a new secret ---- */

struct rotation {
    int64_t hours;
    bool hours_sent;
};

/*
 * The one of before signs as well for a day, unless the body says how long. While it does, which of the two the receiver
 * has is not known, so neither ends unless the caller says so.
 */
enum err webhook_rotate(struct call *call)
{
    static const struct body_member member[] = {{STR_INIT("keepOldHours"), MEMBER_NUMBER, true,
                                                 true, offsetof(struct rotation, hours),
                                                 offsetof(struct rotation, hours_sent)}};
    struct webhook before;
    struct rotation rotation = {.hours = 24};
    const struct json *body;
    struct faults faults;
    struct str secret;
    enum err err = call_body(call, true, &body);
    if (err == ERR_OK)
        err = webhook_find_wait(call, &before);
    if (err != ERR_OK)
        return err;
    faults_init(&faults, call->op.arena);
    members_decode(member, 1, body, true, call->op.arena, &faults, &rotation);
    if (rotation.hours < 0 || rotation.hours > WEBHOOK_SECRET_HOURS_MAX)
        fault_add(&faults, STR("keepOldHours"), FAULT_WHOLE, FAULT_TOO_LARGE, NO_OPTIONS,
                  "keepOldHours must be a number from 0 to %d.", WEBHOOK_SECRET_HOURS_MAX);
    if (faults.err != ERR_OK || faults.n > 0)
        return call_judged(call, faults.err != ERR_OK ? faults.err : ERR_INVALID, &faults);
    if (rotation.hours > 0 && has_old_secret(call, &before))
        return call_refuse(
            call, 409,
            "The secret before this one still signs, until oldSecretUntil. Wait until "
            "then, or send keepOldHours: 0, which ends both at once.");

    struct webhook_save save = {.op = &call->op,
                                .directory = call->directory,
                                .before = &before,
                                .webhook = before,
                                .actor_id = call->caller->id};
    int64_t until =
        rotation.hours == 0 ? TIME_NONE : call->op.now + rotation.hours * INT64_C(3600000);
    err = webhook_secret_make(&call->op, api_secret_key(call->api), until, &save.webhook, &secret);
    return err == ERR_OK ? save_and_answer(call, &save, secret) : err;
}
