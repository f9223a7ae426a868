/*
 * POST /bulk/{id}/undo: restores what a bulk change has changed and nobody has changed since
 * (api/undo.h).
 */
#include "api/api.h"
#include "api/bulk_work.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/undo.h"
#include "base/container.h"
#include "base/id.h"
#include "model/right.h"
#include "store/event.h"

struct undo_call {
    struct call *call;
    struct bulk_work *work;
    struct bulk_change bulk;
    struct bulk_verdict_list verdicts;
    struct core_read read;
};

/* ---- a record ---- */

static enum err undo_judge(struct record_change *change)
{
    struct call *call = change->call;
    const struct record *record = &change->record;
    const struct bulk_verdict *verdict = bulk_line_of(change)->undoes;
    struct record_since since = {0};
    struct event event;
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
    return record_undo_judge(
        change, &event,
        arena_printf(call->op.arena, "Undo of bulk change %lld", (long long)verdict->bulk_id));
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
        call->op.now - id_time((int64_t)id) > UNDO_MS)
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
