/*
 * GET and POST /tasks/{key}/related, DELETE /tasks/{key}/related/{other}: the records that one is
 * related to, and the links that people make between two of them.
 */
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/list_query.h"
#include "api/query.h"
#include "api/record_link.h"
#include "base/container.h"
#include "core/form.h"
#include "core/task_index.h"
#include "form/form_work.h"
#include "form/life.h"
#include "model/key.h"
#include "model/task_query.h"
#include "model/task_state.h"

/* ---- showing them ---- */

static void put_reason(struct json_writer *json, struct str kind, struct str value)
{
    json_begin_object(json, NULL);
    json_put_text(json, "kind", kind);
    if (value.p != NULL)
        json_put_text(json, "value", value);
    json_end(json);
}

static void put_item(struct call *call, const struct related_item *item)
{
    struct json_writer *json = &call->json;
    json_begin_object(json, NULL);
    task_encode_short(json, "record", &item->task, call->directory, call->op.now);
    json_begin_list(json, "why");
    for (size_t i = 0; i < item->link_count; i++)
        put_reason(json, link_kind_name(item->links[i]), STR_NONE);
    if (item->parent)
        put_reason(json, STR("parent"), STR_NONE);
    if (item->child)
        put_reason(json, STR("child"), STR_NONE);
    for (size_t i = 0; i < item->orders.n; i++)
        put_reason(json, STR("sameOrder"), item->orders.items[i]);
    if (item->lrn.p != NULL)
        put_reason(json, STR("sameLRN"), item->lrn);
    json_end(json);
    json_end(json);
}

/* All that the caller may read. */
static enum err readable_make(struct call *call, struct task_filter *ret_filter)
{
    struct task_query *query = call_list_query(call);
    return query == NULL ? ERR_MEMORY : task_query_end(query, ret_filter);
}

enum err related_list(struct call *call)
{
    static const char *const parameters[] = {"limit", "cursor", NULL};
    struct related_request request = {0};
    struct related_page page;
    struct record record;
    int64_t limit;
    enum err err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = call_query_limit(call, &limit);
    if (err == ERR_OK)
        err = record_find(call, RIGHT_READ, &record);
    if (err == ERR_OK)
        err = readable_make(call, &request.readable);
    if (err != ERR_OK)
        return err;
    request.task = &record.task;
    request.limit = (size_t)limit;
    request.cursor = call_query(call, "cursor");
    err = core_related(call->db, &call->op, core_task_index(api_core(call->api)), &request, &page);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = 0; i < page.n; i++)
        put_item(call, &page.items[i]);
    json_end(&call->json);
    if (page.next.p != NULL)
        json_put_text(&call->json, "next", page.next);
    json_end(&call->json);
    return call_answer_json(call, 200);
}

/* ---- a link ---- */

struct link_draft {
    struct str key, kind;
};

struct link_call {
    struct record_link link;
    struct link_draft draft;
};

/* ---- making one ---- */

/* A duplicate is closed like any record; that it names the other one is its result. */
static enum err duplicate_close(struct record_link *link)
{
    struct task_changed *changed = &link->change.changed;
    if (!status_is_open(changed->task.status))
        return ERR_OK;
    enum err err = record_link_name_result(link);
    changed->task.status = STATUS_DONE;
    return err == ERR_OK ? life_follow(&link->change.by, changed) : err;
}

static enum err create_judge(struct record_change *change)
{
    struct record_link *link = container_of(change, struct record_link, change);
    enum err err = record_expect_version_sent(change->call, &change->record);
    if (err == ERR_OK)
        err = record_link_read(link, container_of(link, struct link_call, link)->draft.key);
    if (err == ERR_OK)
        err = record_link_add(link);
    if (err == ERR_OK && link->kind == LINK_DUPLICATES)
        err = record_link_carry_tags(link);
    return err == ERR_OK && link->kind == LINK_DUPLICATES ? duplicate_close(link) : err;
}

/* ---- the answer ---- */

/* Answers with what there is now at the other end; with nothing after a removal. */
static enum err link_answer(struct record_link *link)
{
    struct call *call = link->change.call;
    struct http_header headers[2];
    size_t n;
    enum err err = record_change_headers(&link->change, headers, &n);
    if (err != ERR_OK || link->removes)
        return err == ERR_OK ? call_answer(call, 204, STR_NONE, headers, n) : err;
    buf_clear(&call->body);
    json_writer_init(&call->json, &call->body);
    put_item(call, &link->item);
    err = buf_err(&call->body);
    return err == ERR_OK
               ? call_answer(call, link->adds ? 201 : 200, STR("application/json"), headers, n)
               : err;
}

static enum err link_run(struct record_link *link)
{
    enum err err = record_link_run(link);
    return err == ERR_OK ? link_answer(link) : err;
}

/* ---- the calls ---- */

#define DRAFT_AT(member) offsetof(struct link_draft, member)
static const struct body_member members[] = {
    {STR_INIT("key"), MEMBER_TEXT, true, false, DRAFT_AT(key), 0},
    {STR_INIT("kind"), MEMBER_TEXT, true, false, DRAFT_AT(kind), 0},
};
#undef DRAFT_AT

/* Reads the body. That another one is its duplicate is for that one to say. */
static enum err link_read(struct link_call *sent, const struct json *body)
{
    static const struct str kinds[] = {STR_INIT("relates"), STR_INIT("duplicates"),
                                       STR_INIT("causedBy"), STR_INIT("causes")};
    const struct str_list allowed = {kinds, sizeof kinds / sizeof kinds[0]};
    struct call *call = sent->link.change.call;
    struct link_draft *draft = &sent->draft;
    enum link_kind *kind = &sent->link.kind;
    struct faults faults;
    faults_init(&faults, call->op.arena);
    members_decode(members, sizeof members / sizeof members[0], body, true, call->op.arena, &faults,
                   draft);
    if (draft->key.p == NULL && !faults_have(&faults, "/key"))
        fault_add(&faults, STR("key"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "key is required: the key of the other record.");
    if (draft->kind.p == NULL && !faults_have(&faults, "/kind"))
        fault_add(&faults, STR("kind"), FAULT_WHOLE, FAULT_REQUIRED, allowed,
                  "kind is required: how the two are related.");
    else if (draft->kind.p != NULL &&
             (!link_kind_read(utf8_trim(draft->kind), kind) || *kind == LINK_DUPLICATED_BY))
        fault_add(&faults, STR("kind"), FAULT_WHOLE, FAULT_NOT_AN_OPTION, allowed,
                  "kind must be relates, duplicates, causedBy or causes%s.",
                  *kind == LINK_DUPLICATED_BY
                      ? "; send duplicates to the other record, which is to be closed"
                      : "");
    enum err err = faults.err != ERR_OK ? faults.err : faults.n > 0 ? ERR_INVALID : ERR_OK;
    return call_judged(call, err, &faults);
}

enum err related_create(struct call *call)
{
    struct link_call sent = {
        .link = {.change = {.call = call, .judge = create_judge}, .member = "key"}};
    const struct json *body;
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = link_read(&sent, body);
    return err == ERR_OK ? link_run(&sent.link) : err;
}

static enum err delete_judge(struct record_change *change)
{
    struct record_link *link = container_of(change, struct record_link, change);
    struct call *call = change->call;
    enum err err = record_expect_version_sent(call, &change->record);
    if (err == ERR_OK)
        err = record_link_read(link, call->parameters[1]);
    if (err != ERR_OK && err != ERR_INVALID)
        return err;
    if (err == ERR_OK && link->kind == 0 && link->item.link_count > 1)
        return call_refuse(call, 400,
                           "The two records have several links; say which one: kind=%.*s.",
                           STR_ARG(link_kind_name(link->item.links[0])));
    if (err == ERR_OK && link->kind == 0 && link->item.link_count == 1)
        link->kind = link->item.links[0];
    if (err != ERR_OK || !record_link_has(link, link->kind))
        return call_refuse(call, 404, "This record has no such link to %.*s.",
                           STR_ARG(str_sub(call->parameters[1], 0, KEY_MAX)));
    record_link_remove(link, link->kind);
    return ERR_OK;
}

enum err related_delete(struct call *call)
{
    static const char *const parameters[] = {"kind", NULL};
    struct record_link link = {.change = {.call = call, .judge = delete_judge}, .member = "key"};
    enum err err = call_query_accept(call, parameters);
    struct str kind = call_query(call, "kind");
    if (err == ERR_OK && kind.p != NULL && !link_kind_read(kind, &link.kind))
        err = call_refuse(call, 400,
                          "kind must be relates, duplicates, duplicatedBy, causedBy or causes, not "
                          "\"%.*s\".",
                          STR_ARG(utf8_cut(kind, 60)));
    return err == ERR_OK ? link_run(&link) : err;
}
