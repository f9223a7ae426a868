/*
 * GET and POST /tasks/{key}/related, DELETE /tasks/{key}/related/{other}: the records that one is
 * related to, and the links that people make between two of them.
 */
#include "core/related.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/list_query.h"
#include "api/query.h"
#include "api/record_change.h"
#include "base/container.h"
#include "core/form.h"
#include "core/link.h"
#include "core/task_index.h"
#include "form/form_work.h"
#include "form/life.h"
#include "model/key.h"
#include "model/task_query.h"
#include "model/task_state.h"
#include "store/link.h"

enum {
    LINK_TAGS_MAX = 1000, /* tags of a record that its duplicates add to */
};

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

/* A link on its way: `change` is of the record that the path names. */
struct link_call {
    struct record_change change;
    struct link_draft draft;
    enum link_kind kind; /* 0, of a removal: the only one there is */
    struct record there; /* the record at the other end */
    const struct form *there_form;
    struct task_change there_save;
    struct related_item item; /* why the two are related, once that is stored */
    bool adds, removes;       /* the link; else it is there already */
};

static void link_fault(struct link_call *link, const char *member, enum fault_code code,
                       const char *detail)
{
    fault_add(&link->change.faults, str_of(member), FAULT_WHOLE, code, NO_OPTIONS, "%s", detail);
}

static bool item_has(const struct related_item *item, enum link_kind kind)
{
    bool has = false;
    for (size_t i = 0; i < item->link_count && !has; i++)
        has = item->links[i] == kind;
    return has;
}

/* The other record, its form, and how the two are linked now. */
static enum err there_read(struct link_call *link, struct str key)
{
    struct record_change *change = &link->change;
    struct call *call = change->call;
    struct record *there = &link->there;
    enum err err = record_named(call, key, there);
    if (err == ERR_NOT_FOUND)
        link_fault(link, "key", FAULT_UNKNOWN_RECORD,
                   "key must be the key of a record that you may see.");
    else if (err == ERR_OK && there->task.id == change->record.task.id)
        link_fault(link, "key", FAULT_MISMATCH, "key must be that of another record.");
    else if (err == ERR_OK && there->workspace->domain != change->record.workspace->domain)
        link_fault(link, "key", FAULT_MISMATCH, "key must be that of a record of the same domain.");
    if (change->faults.n > 0)
        return ERR_INVALID;
    form_release(link->there_form);
    link->there_form = NULL;
    if (err == ERR_OK)
        err = record_form(call, there, &link->there_form);
    return err == ERR_OK ? core_related_why(call->db, &call->op, &change->record.task, &there->task,
                                            &link->item)
                         : err;
}

/* ---- making one ---- */

/* "Duplicate of EXA-CON-BUS-WOR-02", after what is there, unless that ends with it, or has no room
 * for it: nothing of what people have written is cut, and the link says the same. */
static enum err result_name(struct link_call *link, struct str *result)
{
    struct arena *arena = link->change.call->op.arena;
    size_t max = link->change.by.form->fields[MEMBER_RESULT].length_max;
    struct str sentence;
    struct buf buf;
    buf_init(&buf, result->n + KEY_MAX + 64);
    BUF_LIT(&buf, "Duplicate of ");
    buf_record_key(&buf, link->there.workspace->key, link->there.task.number);
    enum err err = buf_move(&buf, arena, &sentence);
    if (err != ERR_OK)
        return err;
    size_t start = result->n < sentence.n ? 0 : result->n - sentence.n;
    if (str_eq(str_from(*result, start), sentence) || utf8_length(*result) + sentence.n + 2 > max)
        return ERR_OK;

    buf_init(&buf, result->n + KEY_MAX + 64);
    buf_add(&buf, *result);
    if (result->n > 0)
        BUF_LIT(&buf, "\n\n");
    buf_add(&buf, sentence);
    return buf_move(&buf, arena, result);
}

/* The tags of `from` that `to` lacks are added to it, as many as it may have. */
static enum err tags_carry(struct op *op, const struct task *from, struct task *to)
{
    struct str *tags = ARENA_ARRAY(op->arena, struct str, to->tags.n + from->tags.n);
    size_t n = 0;
    if (tags == NULL)
        return ERR_MEMORY;
    for (; n < to->tags.n; n++)
        tags[n] = to->tags.items[n];
    for (size_t i = 0; i < from->tags.n && n < LINK_TAGS_MAX; i++) {
        bool has = false;
        for (size_t k = 0; k < n && !has; k++)
            has = str_eq(tags[k], from->tags.items[i]);
        if (!has)
            tags[n++] = from->tags.items[i];
    }
    to->tags = (struct str_list){tags, n};
    return ERR_OK;
}

/* Can it be a duplicate of the other one? */
static enum err original_judge(struct link_call *link)
{
    struct record_change *change = &link->change;
    struct call *call = change->call;
    int64_t original;
    if (!record_reached(call, &link->there, RIGHT_WRITE))
        return op_fail(&call->op, ERR_FORBIDDEN,
                       "A duplicate's tags are added to the other record, and you may only read "
                       "that one.");
    enum err err = store_link_original(call->db, &call->op, change->record.task.id, &original);
    if (err == ERR_OK && original != 0)
        return op_fail(
            &call->op, ERR_CONFLICT,
            "This record is a duplicate of another one already; remove that link first.");
    if (err == ERR_OK)
        err = core_link_original(call->db, &call->op, change->record.task.id, link->there.task.id);
    if (err != ERR_CONFLICT)
        return err;
    link_fault(
        link, "key", FAULT_MISMATCH,
        "key must not be that of a duplicate of this record, directly or over others; and at "
        "most 20 records in a row can each be a duplicate of the next.");
    return ERR_INVALID;
}

/* A duplicate is closed like any record; that it names the other one is its result. */
static enum err duplicate_close(struct link_call *link)
{
    struct task_changed *changed = &link->change.changed;
    if (!status_is_open(changed->task.status))
        return ERR_OK;
    enum err err = result_name(link, &changed->task.result);
    changed->task.status = STATUS_DONE;
    return err == ERR_OK ? life_follow(&link->change.by, changed) : err;
}

static enum err create_judge(struct record_change *change)
{
    struct link_call *link = container_of(change, struct link_call, change);
    struct op *op = &change->call->op;
    enum err err = record_expect_version_sent(change->call, &change->record);
    if (err == ERR_OK)
        err = there_read(link, link->draft.key);
    if (err != ERR_OK)
        return err;
    link->adds = !item_has(&link->item, link->kind);
    link->there_save.after = link->there.task;
    if (link->adds && link->kind != LINK_RELATES && link->kind != LINK_DUPLICATES &&
        item_has(&link->item, link_kind_inverse(link->kind))) {
        link_fault(link, "kind", FAULT_MISMATCH,
                   "kind is the opposite of a link that is there; remove that one first.");
        return ERR_INVALID;
    }
    if (link->kind == LINK_DUPLICATES && link->adds)
        err = original_judge(link);
    if (err == ERR_OK && link->kind == LINK_DUPLICATES && link->adds)
        err = tags_carry(op, &change->record.task, &link->there_save.after);
    if (err == ERR_OK && link->kind == LINK_DUPLICATES)
        err = duplicate_close(link);
    if (link->adds)
        link->item.links[link->item.link_count++] = link->kind;
    return err;
}

/* ---- storing it ---- */

static enum err link_save(struct link_call *link)
{
    struct record_change *change = &link->change;
    struct call *call = change->call;
    struct link_change both = {.here = &change->save, .there = &link->there_save};
    record_change_prepare(change);
    link->there_save = (struct task_change){
        .op = &call->op,
        .directory = call->directory,
        .form = link->there_form == NULL ? &form_default : link->there_form,
        .before = &link->there.task,
        .after = link->there_save.after,
        .actor_id = call->caller->id,
        .notes = {{"origin", call->origin}},
    };
    change->save.link = link->adds || link->removes ? link->kind : LINK_NONE;
    change->save.link_removes = link->removes;
    return core_link_change(api_core(call->api), &both);
}

/* Answers with what there is now at the other end; with nothing after a removal. */
static enum err link_answer(struct link_call *link)
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

static enum err link_run(struct link_call *link)
{
    enum err err = record_change_judge(&link->change);
    if (err == ERR_OK)
        err = link_save(link);
    if (err == ERR_OK)
        err = link_answer(link);
    form_release(link->there_form);
    return err;
}

/* ---- the calls ---- */

#define DRAFT_AT(member) offsetof(struct link_draft, member)
static const struct body_member members[] = {
    {STR_INIT("key"), MEMBER_TEXT, true, false, DRAFT_AT(key), 0},
    {STR_INIT("kind"), MEMBER_TEXT, true, false, DRAFT_AT(kind), 0},
};
#undef DRAFT_AT

/* Reads the body. That another one is its duplicate is for that one to say. */
static enum err link_read(struct link_call *link, const struct json *body)
{
    static const struct str kinds[] = {STR_INIT("relates"), STR_INIT("duplicates"),
                                       STR_INIT("causedBy"), STR_INIT("causes")};
    const struct str_list allowed = {kinds, sizeof kinds / sizeof kinds[0]};
    struct call *call = link->change.call;
    struct link_draft *draft = &link->draft;
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
    else if (draft->kind.p != NULL && (!link_kind_read(utf8_trim(draft->kind), &link->kind) ||
                                       link->kind == LINK_DUPLICATED_BY))
        fault_add(&faults, STR("kind"), FAULT_WHOLE, FAULT_NOT_AN_OPTION, allowed,
                  "kind must be relates, duplicates, causedBy or causes%s.",
                  link->kind == LINK_DUPLICATED_BY
                      ? "; send duplicates to the other record, which is to be closed"
                      : "");
    enum err err = faults.err != ERR_OK ? faults.err : faults.n > 0 ? ERR_INVALID : ERR_OK;
    return call_judged(call, err, &faults);
}

enum err related_create(struct call *call)
{
    struct link_call link = {.change = {.call = call, .judge = create_judge}};
    const struct json *body;
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = link_read(&link, body);
    return err == ERR_OK ? link_run(&link) : err;
}

static enum err delete_judge(struct record_change *change)
{
    struct link_call *link = container_of(change, struct link_call, change);
    struct call *call = change->call;
    enum err err = record_expect_version_sent(call, &change->record);
    if (err == ERR_OK)
        err = there_read(link, call->parameters[1]);
    if (err != ERR_OK && err != ERR_INVALID)
        return err;
    if (err == ERR_OK && link->kind == 0 && link->item.link_count > 1)
        return call_refuse(call, 400,
                           "The two records have several links; say which one: kind=%.*s.",
                           STR_ARG(link_kind_name(link->item.links[0])));
    if (err == ERR_OK && link->kind == 0 && link->item.link_count == 1)
        link->kind = link->item.links[0];
    if (err != ERR_OK || !item_has(&link->item, link->kind))
        return call_refuse(call, 404, "This record has no such link to %.*s.",
                           STR_ARG(str_sub(call->parameters[1], 0, KEY_MAX)));
    link->removes = true;
    link->there_save.after = link->there.task;
    return ERR_OK;
}

enum err related_delete(struct call *call)
{
    static const char *const parameters[] = {"kind", NULL};
    struct link_call link = {.change = {.call = call, .judge = delete_judge}};
    enum err err = call_query_accept(call, parameters);
    struct str kind = call_query(call, "kind");
    if (err == ERR_OK && kind.p != NULL && !link_kind_read(kind, &link.kind))
        err = call_refuse(call, 400,
                          "kind must be relates, duplicates, duplicatedBy, causedBy or causes, not "
                          "\"%.*s\".",
                          STR_ARG(utf8_cut(kind, 60)));
    return err == ERR_OK ? link_run(&link) : err;
}
