/*
 * POST /tasks/{key}/undo: takes back a change that the caller has made of a record within the last
 * day, unless somebody has changed the same since. find the event → judge → store.
 */
#include "api/change.h"
#include "api/handlers.h"
#include "api/record_link.h"
#include "api/undo.h"
#include "base/container.h"
#include "json/read.h"

enum { TREE_MAX = 512 * 1024 * 1024 }; /* of what an event says */

struct undo_draft {
    int64_t version;
    bool has_version;
};

struct task_undo {
    struct record_link link;
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
                                         STR_INIT("task.expired"), STR_INIT("task.linked"),
                                         STR_INIT("task.unlinked")};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (str_eq(event->action, actions[i]))
            return true;
    return false;
}

static enum err undo_allow(struct call *call, const struct event *event, uint64_t members)
{
    struct op *op = &call->op;
    if (event->actor_id != call->caller->id)
        return op_fail(op, ERR_FORBIDDEN,
                       "You can undo only what you have done yourself; change it back instead.");
    if (op->now - event->at > UNDO_MS)
        return op_fail(op, ERR_CONFLICT,
                       "A change can be undone for a day; change it back instead.");
    if (!changes_members(event) || (members == 0 && str_eq(event->action, STR("task.unlinked"))))
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

/* A proposal to close a record as a duplicate has made a link, and its end has removed that: the link
 * goes the other way, too. Links that were made or removed by themselves have calls of their own. */
static enum err undo_link(struct record_link *link, const struct event *event)
{
    struct call *call = link->change.call;
    struct arena tree;
    const struct json *says;
    arena_init(&tree, TREE_MAX);
    enum err err = json_read_written(&call->op, &tree, event->payload, &says);
    const struct json *awaits = err == ERR_OK ? json_member(says, STR("awaits")) : NULL;
    const struct json *pair = awaits != NULL ? json_member(says, STR("link")) : NULL;
    if (pair != NULL && pair->n == 2) {
        bool made = pair->first->kind == JSON_NULL;
        const struct json *side = made ? pair->first->next : pair->first;
        err = record_link_read(link, json_text(json_member(side, STR("key"))));
        link->kind = LINK_DUPLICATES;
        if (err == ERR_OK && made)
            record_link_remove(link, LINK_DUPLICATES);
        else if (err == ERR_OK)
            err = record_link_add(link);
    } else if (awaits != NULL) {
        err = record_link_read_original(link);
    }
    arena_finish(&tree);
    return err;
}

static enum err undo_judge(struct record_change *change)
{
    struct call *call = change->call;
    const struct record *record = &change->record;
    struct record_link *link = container_of(change, struct record_link, change);
    int64_t version = container_of(link, struct task_undo, link)->version;
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
        err = record_changed_add(&call->op, &event, &members);
    if (err == ERR_OK)
        err = undo_allow(call, &event, members);
    if (err == ERR_OK && since.newest.seq != 0)
        err = is_undone(call, &event, since.newest.seq, &undone);
    if (err != ERR_OK || undone)
        return err;
    if ((members & since.changed) != 0)
        return record_refuse_stale(call, record, &since,
                                   STR("What you changed has been changed again since, and is left "
                                       "as it is."),
                                   true);
    err = record_undo_judge(change, &event, STR("Undo"));
    return err == ERR_OK ? undo_link(link, &event) : err;
}

enum err task_undo(struct call *call)
{
    struct task_undo undo = {
        .link = {.change = {.call = call, .judge = undo_judge}, .member = "duplicateOf"}};
    enum err err = undo_read(call, &undo.version);
    if (err == ERR_OK)
        err = record_link_run(&undo.link);
    return err == ERR_OK ? record_change_answer(&undo.link.change) : err;
}
