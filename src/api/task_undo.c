/*
 * POST /tasks/{key}/undo: takes back a change that the caller has made of a record within the last
 * day, unless somebody has changed the same since. find the event → judge → store.
 */
#include "api/change.h"
#include "api/handlers.h"
#include "api/undo.h"
#include "base/container.h"
#include "json/read.h"

enum { TREE_MAX = 512 * 1024 * 1024 }; /* of what an event says */

struct undo_draft {
    int64_t version;
    bool has_version;
};

struct task_undo {
    struct record_change change;
    int64_t version; /* that the change has made */
};

static enum err undo_read(struct call *call, int64_t *ret_version)
{
    static const struct body_member members[] = {
        {STR_INIT("version"), MEMBER_NUMBER, true, true, offsetof(struct undo_draft, version),
         offsetof(struct undo_draft, has_version)},
    };
    struct undo_draft draft = {0};
    struct faults faults;
    const struct json *body;
    enum err err = call_body(call, false, &body);
    if (err != ERR_OK)
        return err;
    faults_init(&faults, call->op.arena);
    members_decode(members, 1, body, true, call->op.arena, &faults, &draft);
    if (faults.n == 0 && !draft.has_version)
        fault_add(&faults, members[0].name, FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "version is required: that of the record after the change that is to be undone.");
    *ret_version = draft.version;
    return call_judged(call, faults.n > 0 ? ERR_INVALID : faults.err, &faults);
}

/* Does it change members? Comments and attachments have calls of their own. */
static bool changes_members(const struct event *event)
{
    static const struct str actions[] = {STR_INIT("task.updated"), STR_INIT("task.assigned"),
                                         STR_INIT("task.closed"),  STR_INIT("task.reopened"),
                                         STR_INIT("task.expired"), STR_INIT("task.linked")};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (str_eq(event->action, actions[i]))
            return true;
    return false;
}

static enum err undo_allow(struct call *call, const struct event *event)
{
    struct op *op = &call->op;
    if (event->actor_id != call->caller->id)
        return op_fail(op, ERR_FORBIDDEN,
                       "You can undo only what you have done yourself; change it back instead.");
    if (op->now - event->at > UNDO_MS)
        return op_fail(op, ERR_CONFLICT,
                       "A change can be undone for a day; change it back instead.");
    if (!changes_members(event))
        return op_fail(
            op, ERR_CONFLICT,
            "This version was not made by a change of the record's members, which is what "
            "can be undone.");
    return ERR_OK;
}

/* Has the newest change undone it already? The call may be sent again. */
static enum err is_undone(struct call *call, const struct event *event, int64_t newest,
                          bool *ret_undone)
{
    struct event last;
    struct arena tree;
    const struct json *says;
    uint64_t seq = 0;
    *ret_undone = false;
    enum err err = store_event_get(call->db, &call->op, event->domain_id, newest, &last);
    if (err != ERR_OK || last.payload.p == NULL)
        return err;
    arena_init(&tree, TREE_MAX);
    err = json_read_written(&call->op, &tree, last.payload, &says);
    const struct json *pair = err == ERR_OK ? json_member(says, STR("undoes")) : NULL;
    if (pair != NULL && pair->n == 2) {
        const struct json *undone = json_member(pair->first->next, STR("seq"));
        *ret_undone = undone != NULL && str_to_u64(undone->raw, INT64_MAX, &seq) &&
                      (int64_t)seq == event->seq;
    }
    arena_finish(&tree);
    return err;
}

static enum err undo_judge(struct record_change *change)
{
    struct call *call = change->call;
    const struct record *record = &change->record;
    int64_t version = container_of(change, struct task_undo, change)->version;
    struct record_since since;
    struct event event;
    uint64_t members = 0;
    bool undone = false;
    enum err err = record_changed_since(call, record, version, &since);
    if (err != ERR_OK)
        return err;
    if (since.seq == 0)
        return op_fail(&call->op, ERR_CONFLICT,
                       "The record has no such version, or has changed too often since.");
    err = store_event_get(call->db, &call->op, record->workspace->domain->id, since.seq, &event);
    if (err == ERR_OK)
        err = undo_allow(call, &event);
    if (err == ERR_OK)
        err = record_changed_add(&call->op, &event, &members);
    if (err == ERR_OK && since.newest.seq != 0)
        err = is_undone(call, &event, since.newest.seq, &undone);
    if (err != ERR_OK || undone)
        return err;
    if ((members & since.changed) != 0)
        return record_refuse_stale(call, record, &since,
                                   STR("What you changed has been changed again since, and is left "
                                       "as it is."),
                                   true);
    return record_undo_judge(change, &event, STR("Undo"));
}

enum err task_undo(struct call *call)
{
    struct task_undo undo = {.change = {.call = call, .judge = undo_judge}};
    enum err err = undo_read(call, &undo.version);
    return err == ERR_OK ? record_change_run(&undo.change) : err;
}
