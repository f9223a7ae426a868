#include "api/undo.h"

#include "core/task_past.h"
#include "json/read.h"
#include "model/task_state.h"

enum { UNDO_PATCH_MAX = 8 * 1024 * 1024, UNDO_TREE_MAX = 512 * 1024 * 1024 };

/* Members that follow from others, or that a patch cannot set. */
static bool undo_skips(struct str member)
{
    static const struct str skipped[] = {
        STR_INIT("key"),
        STR_INIT("form"),
        STR_INIT("formVersion"),
        STR_INIT("awaits"),
        STR_INIT("financialImpactCurrency"),
        STR_INIT("link"),
        STR_INIT("undoes"),
        STR_INIT("dueReason"),
        STR_INIT("note"),
        STR_INIT("bulkId"),
        STR_INIT("bulkUndo"),
        STR_INIT("origin"),
    };
    for (size_t i = 0; i < sizeof skipped / sizeof skipped[0]; i++)
        if (str_eq(member, skipped[i]))
            return true;
    return false;
}

/* The merge patch that makes `before` of `after`: what was not there goes, and what was is back. */
static void put_reverse(struct json_writer *json, const struct json *before,
                        const struct json *after) /* NOLINT(misc-no-recursion): as deep as both */
{
    if (before->kind != JSON_OBJECT || after->kind != JSON_OBJECT) {
        json_put_raw(json, NULL, before->raw);
        return;
    }
    json_begin_object(json, NULL);
    for (const struct json *m = after->first; m != NULL; m = m->next)
        if (json_member(before, m->name) == NULL) {
            json_put_name(json, m->name);
            json_put_null(json, NULL);
        }
    for (const struct json *m = before->first; m != NULL; m = m->next) {
        const struct json *now = json_member(after, m->name);
        if (now != NULL && str_eq(now->raw, m->raw))
            continue;
        json_put_name(json, m->name);
        if (now == NULL)
            json_put_raw(json, NULL, m->raw);
        else
            put_reverse(json, m, now);
    }
    json_end(json);
}

static enum err undo_patch(struct op *op, struct str payload, struct str reason,
                           struct str *ret_patch, bool *ret_awaits)
{
    struct arena tree;
    struct buf buf;
    struct json_writer json;
    const struct json *root;
    arena_init(&tree, UNDO_TREE_MAX);
    enum err err = json_read_written(op, &tree, payload, &root);
    buf_init(&buf, UNDO_PATCH_MAX);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    for (const struct json *m = err == ERR_OK ? root->first : NULL; m != NULL; m = m->next) {
        if (m->kind != JSON_LIST || m->n != 2 || undo_skips(m->name))
            continue;
        json_put_name(&json, m->name);
        put_reverse(&json, m->first, m->first->next);
    }
    json_put_text(&json, "dueReason", reason);
    *ret_awaits = err == ERR_OK && json_member(root, STR("awaits")) != NULL;
    json_end(&json);
    if (err == ERR_OK)
        err = buf_move(&buf, op->arena, ret_patch);
    else
        buf_finish(&buf);
    arena_finish(&tree);
    return err;
}

/* What no patch sets: what the event has changed without a word, and a proposal to close. */
static enum err undo_restore(struct record_change *change, const struct event *event, bool awaits)
{
    struct call *call = change->call;
    const struct task *now = change->by.before;
    struct task *task = &change->changed.task;
    struct task was = *now;
    int64_t erased = 0;
    bool due = task->due_date != now->due_date, assigned = now->assigned_at == event->at;
    enum err err = due || assigned || awaits
                       ? core_task_at(call->db, &call->op, call->directory, event->domain_id, now,
                                      event->seq - 1, &was, &erased)
                       : ERR_OK;
    if (err != ERR_OK || erased != 0) /* erased: what it was before is not known any more */
        return err;
    change->undoes = event->seq;
    change->changed.due_reason = STR_NONE; /* which that says */
    if (due) {
        task->due_moves = was.due_moves;
        task->first_due_date = was.first_due_date;
    }
    if (assigned) {
        task->assigned_at = was.assigned_at;
        task->assigned_by = was.assigned_by;
    }
    if (awaits && status_is_open(task->status)) {
        task->proposed_by = was.proposed_by;
        task->proposed_at = was.proposed_at;
    }
    return ERR_OK;
}

enum err record_undo_judge(struct record_change *change, const struct event *event,
                           struct str reason)
{
    struct call *call = change->call;
    struct str patch;
    bool awaits;
    if (event->payload.p == NULL)
        return op_fail(&call->op, ERR_CONFLICT,
                       "What this record was before has been erased, so it cannot be restored.");
    enum err err = undo_patch(&call->op, event->payload, reason, &patch, &awaits);
    if (err == ERR_OK)
        err = task_decode_patch(&call->op, patch, &change->draft);
    if (err == ERR_OK)
        err = record_patch_judge(change);
    return err == ERR_OK ? undo_restore(change, event, awaits) : err;
}
