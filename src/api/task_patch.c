/* PATCH /tasks/{key}: a merge patch (RFC 7396). decode → judge by the record's form → store. */
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/record_change.h"

/* ---- the parent ---- */

static void parent_fault(struct record_change *change, enum fault_code code, const char *detail)
{
    fault_add(&change->faults, change->changed.parent.name, FAULT_WHOLE, code, NO_OPTIONS, "%s",
              detail);
}

/* Looks up the record that is to be the parent: one of the same domain that the caller may read. */
static enum err parent_find(struct record_change *change)
{
    struct call *call = change->call;
    struct task *task = &change->changed.task;
    const struct draft_value *sent = &change->changed.parent;
    struct record parent;
    if (sent->kind == DRAFT_ABSENT)
        return ERR_OK;
    task->parent_id = task->parent_workspace_id = task->parent_number = 0;
    if (sent->kind == DRAFT_NULL)
        return ERR_OK;
    enum err err = record_named(call, sent->text, &parent);
    if (err == ERR_NOT_FOUND) {
        parent_fault(change, FAULT_UNKNOWN_RECORD,
                     "parent must be the key of a record that you may see.");
        return ERR_OK;
    }
    if (err != ERR_OK)
        return err;
    if (parent.workspace->domain->id != change->record.workspace->domain->id) {
        parent_fault(change, FAULT_MISMATCH, "parent must be a record of the same domain.");
        return ERR_OK;
    }
    err = core_task_parent(call->db, &call->op, task->id, parent.task.id);
    if (err == ERR_CONFLICT) {
        parent_fault(change, FAULT_MISMATCH,
                     "parent can be neither the record itself nor one below it, nor have more than "
                     "20 records above it.");
        return ERR_OK;
    }
    task->parent_id = parent.task.id;
    task->parent_workspace_id = parent.task.workspace_id;
    task->parent_number = parent.task.number;
    return err;
}

/* ---- the call ---- */

enum err record_patch_judge(struct record_change *change)
{
    enum err err = task_change_judge(&change->by, &change->draft, &change->changed);
    if (err != ERR_OK && err != ERR_INVALID)
        return err;
    enum err parent = parent_find(change);
    if (parent != ERR_OK || change->faults.err != ERR_OK)
        return parent != ERR_OK ? parent : change->faults.err;
    return change->faults.n > 0 ? ERR_INVALID : ERR_OK;
}

static enum err patch_judge(struct record_change *change)
{
    enum err err = record_expect_version(change->call, &change->record);
    return err == ERR_OK ? record_patch_judge(change) : err;
}

/* A dry run's verdict: the record as it would be. */
static enum err give_verdict(struct record_change *change)
{
    struct call *call = change->call;
    struct json_writer *json = &call->json;
    struct task task = change->changed.task;
    if (change->changed.workspace != change->record.workspace)
        task.number = 0; /* it has no key there yet */
    json_begin_object(json, NULL);
    json_put_flag(json, "valid", true);
    call_put_task(call, "record", &task);
    json_put_begin(json, "warnings");
    faults_encode(json->buf, &change->warnings);
    json_end(json);
    return call_answer_json(call, 200);
}

enum err task_patch(struct call *call)
{
    static const char *const parameters[] = {"dryRun", NULL};
    static const struct str types[] = {STR_INIT("application/merge-patch+json"),
                                       STR_INIT("application/json")};
    struct record_change change = {.call = call, .judge = patch_judge};
    bool dry_run = false;
    size_t type;
    enum err err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = call_query_flag(call, "dryRun", &dry_run);
    if (err == ERR_OK)
        err = call_expect_type(call, (struct str_list){types, 2}, &type);
    if (err == ERR_OK)
        err = task_decode_patch(&call->op, call->request->body, &change.draft);
    if (err == ERR_OK)
        err = record_change_judge(&change);
    if (err == ERR_OK && dry_run)
        return give_verdict(&change);
    if (err == ERR_OK)
        err = record_change_save(&change);
    return err == ERR_OK ? record_change_answer(&change) : err;
}
