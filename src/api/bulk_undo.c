/*
 * POST /bulk/{id}/undo: restores what a bulk change has changed and nobody has changed since. What
 * each record was before is in its history: the undo is a merge patch of that, judged like any other.
 */
#include "api/api.h"
#include "api/bulk_work.h"
#include "api/handlers.h"
#include "api/query.h"
#include "base/container.h"
#include "base/id.h"
#include "json/read.h"
#include "model/right.h"
#include "store/event.h"

enum { UNDO_PATCH_MAX = 8 * 1024 * 1024, UNDO_TREE_MAX = 512 * 1024 * 1024 };

struct undo_call {
    struct call *call;
    struct bulk_work *work;
    struct bulk_change bulk;
    struct bulk_verdict_list verdicts;
    struct core_read read;
};

/* ---- the patch ---- */

/* Members that follow from others, or that a patch cannot set. */
static bool undo_skips(struct str member)
{
    static const struct str skipped[] = {
        STR_INIT("key"),         STR_INIT("form"),
        STR_INIT("formVersion"), STR_INIT("awaits"),
        STR_INIT("dueReason"),   STR_INIT("bulkId"),
        STR_INIT("origin"),      STR_INIT("financialImpactCurrency"),
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

static enum err undo_patch(struct op *op, const struct bulk_verdict *verdict, struct str payload,
                           struct str *ret_patch)
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
    json_put_text(&json, "dueReason",
                  arena_printf(op->arena, "Undo of bulk change %lld", (long long)verdict->bulk_id));
    json_end(&json);
    if (err == ERR_OK)
        err = buf_move(&buf, op->arena, ret_patch);
    else
        buf_finish(&buf);
    arena_finish(&tree);
    return err;
}

/* ---- a record ---- */

static enum err undo_judge(struct record_change *change)
{
    struct call *call = change->call;
    const struct record *record = &change->record;
    const struct bulk_verdict *verdict = bulk_line_of(change)->undoes;
    struct record_since since = {0};
    struct event event;
    struct str patch;
    bool undone;
    /* Another undo may be at work: what that has restored is not a change by somebody. */
    enum err err = store_bulk_verdict_undone(call->db, &call->op, verdict->id, &undone);
    if (err != ERR_OK || undone) /* nothing is left to change */
        return err;
    if (record->task.version != verdict->version)
        err = record_changed_since(call, record, verdict->version, &since);
    if (err == ERR_OK && since.changed != 0)
        return record_refuse_stale(call, record, &since,
                                   STR("This record was changed after the bulk change, and is left "
                                       "as it is."),
                                   false);
    if (err == ERR_OK)
        err = store_event_get(call->db, &call->op, verdict->domain_id, verdict->seq, &event);
    if (err != ERR_OK)
        return err;
    if (event.payload.p == NULL)
        return op_fail(&call->op, ERR_CONFLICT,
                       "What this record was before has been erased, so it cannot be restored.");
    err = undo_patch(&call->op, verdict, event.payload, &patch);
    if (err == ERR_OK)
        err = task_decode_patch(&call->op, patch, &change->draft);
    return err == ERR_OK ? record_patch_judge(change) : err;
}

/* ---- the call ---- */

static enum err undo_missing(struct call *call)
{
    return call_refuse(
        call, 404,
        "There is no bulk change %.*s that you can undo: it can be undone within a "
        "day, by the account that made it or by a manager of all that it has changed.",
        STR_ARG(str_sub(call->parameters[0], 0, 20)));
}

/* Whose it is: who made it, or a manager of every domain that it has changed something of. */
static bool undo_allowed(const struct undo_call *undo)
{
    const struct call *call = undo->call;
    if (undo->bulk.account_id == call->caller->id)
        return true;
    bool manages = true, any = false;
    for (size_t i = 0; i < undo->verdicts.n && manages; i++) {
        const struct bulk_verdict *verdict = &undo->verdicts.items[i];
        const struct domain *domain = directory_domain_by_id(call->directory, verdict->domain_id);
        if (verdict->seq == 0) /* it has changed nothing there */
            continue;
        manages = domain != NULL && right_manages(call->directory, call->caller, domain);
        any = true;
    }
    return any && manages;
}

/* A record that it has changed, by the key that the bulk change had of it. */
static enum err line_make(struct undo_call *undo, const struct bulk_verdict *verdict)
{
    struct bulk_line *line = &undo->work->lines[undo->work->n];
    struct op *op = &undo->call->op;
    const struct json *root;
    enum err err = json_read(op, op->arena, verdict->text, &root);
    if (err == ERR_MEMORY)
        return err;
    struct str key = err == ERR_OK ? json_text(json_member(root, STR("key"))) : STR_NONE;
    if (key.p == NULL)
        return op_fail(op, ERR_CORRUPT, "the verdict of a bulk change has no key");
    *line = (struct bulk_line){.key = key, .domain_id = verdict->domain_id, .undoes = verdict};
    undo->work->n++;
    return ERR_OK;
}

static enum err undo_load(struct core_read *read, struct db *db)
{
    struct undo_call *undo = container_of(read, struct undo_call, read);
    struct op *op = &undo->call->op;
    enum err err = store_bulk_change_get(db, op, undo->work->bulk_id, &undo->bulk);
    if (err == ERR_OK)
        err = store_bulk_verdicts(db, op, undo->bulk.id, -1, BULK_RECORDS_MAX, &undo->verdicts);
    undo->work->n = 0;
    for (size_t i = 0; i < undo->verdicts.n && err == ERR_OK; i++)
        if (undo->verdicts.items[i].seq != 0)
            err = line_make(undo, &undo->verdicts.items[i]);
    return err;
}

/* Finds the bulk change that the path names. */
static enum err undo_find(struct undo_call *undo)
{
    struct call *call = undo->call;
    uint64_t id;
    if (!str_to_u64(call->parameters[0], INT64_MAX, &id) ||
        call->op.now - id_time((int64_t)id) > BULK_UNDO_MS)
        return undo_missing(call);
    undo->work->bulk_id = (int64_t)id;
    undo->work->note = (struct task_note){"bulkUndo", call->parameters[0]};
    undo->read = (struct core_read){.op = &call->op, .run = undo_load};
    enum err err = core_read_wait(api_core(call->api), &undo->read);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && !undo_allowed(undo)))
        return undo_missing(call);
    return err;
}

enum err bulk_undo(struct call *call)
{
    struct undo_call *undo = ARENA_NEW(call->op.arena, struct undo_call);
    if (undo == NULL)
        return ERR_MEMORY;
    undo->call = call;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = bulk_work_create(call, &undo->work);
    if (err != ERR_OK)
        return err;
    undo->work->undoes = true;
    undo->work->judge = undo_judge;
    err = undo_find(undo);
    if (err == ERR_OK)
        err = bulk_work_run(undo->work);
    return err == ERR_OK ? bulk_work_answer(undo->work, false) : err;
}
