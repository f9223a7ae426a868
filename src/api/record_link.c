#include "api/record_link.h"

#include "api/api.h"
#include "api/change.h"
#include "base/container.h"
#include "core/form.h"
#include "model/key.h"
#include "store/link.h"
#include "store/task.h"

enum {
    LINK_TAGS_MAX = 1000, /* tags of a record that its duplicates add to */
};

void record_link_fault(struct record_link *link, const char *member, enum fault_code code,
                       const char *detail)
{
    fault_add(&link->change.faults, str_of(member), FAULT_WHOLE, code, NO_OPTIONS, "%s %s", member,
              detail);
}

bool record_link_has(const struct record_link *link, enum link_kind kind)
{
    bool has = false;
    for (size_t i = 0; i < link->item.link_count && !has; i++)
        has = link->item.links[i] == kind;
    return has;
}

/* ---- the other record ---- */

/* Its form, and how the two are linked now. */
static enum err there_read(struct record_link *link)
{
    struct record_change *change = &link->change;
    struct call *call = change->call;
    form_release(link->there_form);
    link->there_form = NULL;
    link->there_save.after = link->there.task;
    enum err err = record_form(call, &link->there, &link->there_form);
    return err == ERR_OK ? core_related_why(call->db, &call->op, &change->record.task,
                                            &link->there.task, &link->item)
                         : err;
}

enum err record_link_read(struct record_link *link, struct str key)
{
    struct record_change *change = &link->change;
    struct record *there = &link->there;
    enum err err = record_named(change->call, key, there);
    if (err == ERR_NOT_FOUND)
        record_link_fault(link, link->member, FAULT_UNKNOWN_RECORD,
                          "must be the key of a record that you may see.");
    else if (err == ERR_OK && there->task.id == change->record.task.id)
        record_link_fault(link, link->member, FAULT_MISMATCH, "must be that of another record.");
    else if (err == ERR_OK && there->workspace->domain != change->record.workspace->domain)
        record_link_fault(link, link->member, FAULT_MISMATCH,
                          "must be that of a record of the same domain.");
    if (change->faults.n > 0)
        return ERR_INVALID;
    return err == ERR_OK ? there_read(link) : err;
}

/* It is the one that `awaits` of the answer names. */
static void original_show(struct record_link *link)
{
    struct task *task = &link->change.changed.task;
    task->original_workspace_id = link->there.task.workspace_id;
    task->original_number = link->there.task.number;
}

enum err record_link_read_original(struct record_link *link)
{
    struct call *call = link->change.call;
    struct record *there = &link->there;
    int64_t original;
    enum err err = store_link_original(call->db, &call->op, link->change.record.task.id, &original);
    if (err != ERR_OK || original == 0)
        return err;
    err = store_task_get_by_id(call->db, &call->op, original, &there->task);
    if (err != ERR_OK)
        return err;
    there->workspace = directory_workspace_by_id(call->directory, there->task.workspace_id);
    if (there->workspace == NULL) /* it has been moved to one that the snapshot lacks */
        return ERR_OUTDATED;
    original_show(link);
    return there_read(link);
}

/* ---- making one, and removing it ---- */

/* Can it be a duplicate of the other one? */
static enum err original_judge(struct record_link *link)
{
    struct record_change *change = &link->change;
    struct call *call = change->call;
    int64_t original;
    enum err err = store_link_original(call->db, &call->op, change->record.task.id, &original);
    if (err == ERR_OK && original != 0)
        return op_fail(
            &call->op, ERR_CONFLICT,
            "This record is a duplicate of another one already; remove that link first.");
    if (err == ERR_OK)
        err = core_link_original(call->db, &call->op, change->record.task.id, link->there.task.id);
    if (err != ERR_CONFLICT)
        return err;
    record_link_fault(link, link->member, FAULT_MISMATCH,
                      "must not be that of a duplicate of this record, directly or over others; "
                      "and at most 20 records in a row can each be a duplicate of the next.");
    return ERR_INVALID;
}

/* The caller needs a right to change the original, since its duplicates add to its tags. */
static enum err expect_right(struct record_link *link)
{
    struct call *call = link->change.call;
    return record_reached(call, &link->there, RIGHT_WRITE)
               ? ERR_OK
               : op_fail(&call->op, ERR_FORBIDDEN,
                         "A duplicate's tags are added to the other record, and you may only read "
                         "that one.");
}

enum err record_link_add(struct record_link *link)
{
    bool duplicates = link->kind == LINK_DUPLICATES;
    link->adds = !record_link_has(link, link->kind);
    if (duplicates)
        original_show(link);
    if (link->adds && link->kind != LINK_RELATES && !duplicates &&
        record_link_has(link, link_kind_inverse(link->kind))) {
        record_link_fault(link, "kind", FAULT_MISMATCH,
                          "is the opposite of a link that is there; remove that one first.");
        return ERR_INVALID;
    }
    enum err err = duplicates ? expect_right(link) : ERR_OK;
    if (err == ERR_OK && duplicates && link->adds)
        err = original_judge(link);
    if (link->adds)
        link->item.links[link->item.link_count++] = link->kind;
    return err;
}

void record_link_remove(struct record_link *link, enum link_kind kind)
{
    link->kind = kind;
    link->removes = record_link_has(link, kind);
}

/* ---- a duplicate ---- */

/* "Duplicate of EXA-CON-BUS-WOR-02", after what is there, unless that ends with it, or has no room
 * for it: nothing of what people have written is cut, and the link says the same. */
enum err record_link_name_result(struct record_link *link)
{
    struct arena *arena = link->change.call->op.arena;
    struct str *result = &link->change.changed.task.result;
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

/* The tags that the other one lacks are added to it, as many as it may have. */
enum err record_link_carry_tags(struct record_link *link)
{
    struct op *op = &link->change.call->op;
    const struct task *from = &link->change.record.task;
    struct task *to = &link->there_save.after;
    struct str *tags = ARENA_ARRAY(op->arena, struct str, to->tags.n + from->tags.n);
    size_t n = 0;
    enum err err = tags == NULL ? ERR_MEMORY : expect_right(link);
    if (err != ERR_OK)
        return err;
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

/* ---- storing it ---- */

static enum err link_save(struct record_link *link)
{
    struct record_change *change = &link->change;
    struct call *call = change->call;
    struct link_change both = {.here = &change->save, .there = &link->there_save};
    if (link->there.task.id == 0)
        return record_change_save(change);
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

enum err record_link_run(struct record_link *link)
{
    enum err err = record_change_judge(&link->change);
    if (err == ERR_OK)
        err = link_save(link);
    form_release(link->there_form);
    link->there_form = NULL;
    return err;
}
