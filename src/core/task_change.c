#include "core/task_change.h"

#include "base/container.h"
#include "core/rule.h"
#include "form/dedup.h"
#include "model/key.h"
#include "model/task_fold.h"
#include "model/task_json.h"
#include "store/alias.h"
#include "store/dedup.h"
#include "store/follower.h"
#include "store/inbox.h"
#include "store/task.h"

enum { PAYLOAD_MAX = 8 * 1024 * 1024 }; /* as of a report (core/task.c) */

/* ---- what the event says ---- */

static bool gives(const struct task_change *change)
{
    return change->affirms || change->before->assignee_id != change->after.assignee_id;
}

/* The most telling of what one request did. */
static struct str action_of(const struct task_change *change)
{
    const struct task *before = change->before, *after = &change->after;
    if (change->closes)
        return STR("task.closed");
    if (change->reopens)
        return STR("task.reopened");
    if (before->status != after->status && after->status == STATUS_EXPIRED)
        return STR("task.expired");
    if (change->link != 0)
        return change->link_removes ? STR("task.unlinked") : STR("task.linked");
    return gives(change) ? STR("task.assigned") : STR("task.updated");
}

static void put_notes(const struct task_change *change, struct json_writer *json)
{
    for (size_t i = 0; i < TASK_NOTES; i++) {
        const struct task_note *note = &change->notes[i];
        if (note->text.p == NULL)
            continue;
        json_begin_list(json, note->name);
        json_put_null(json, NULL);
        json_put_text(json, NULL, note->text);
        json_end(json);
    }
}

static bool moves(const struct task_change *change)
{
    return change->before->workspace_id != change->after.workspace_id;
}

/* The payload, into the arena; absent when nothing changes. `key` is the new one, once a record that
 * moves has it. */
static enum err payload_make(const struct task_change *change, struct str key,
                             struct str *ret_payload)
{
    struct buf buf;
    struct json_writer json;
    buf_init(&buf, PAYLOAD_MAX);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    bool any = json_put_task_changes(&json, change->before, &change->after, change->directory);
    if (change->affirms)
        json_put_task_change(&json, &task_fields[TASK_FIELD_AT_assignee_id], change->before,
                             &change->after, change->directory);
    if (key.p != NULL) {
        json_begin_list(&json, "key");
        json_put_text(&json, NULL, change->event.key);
        json_put_text(&json, NULL, key);
        json_end(&json);
    }
    if (change->link != 0)
        json_put_link_change(&json, change->link, change->link_key, change->link_removes);
    if (change->undoes != 0)
        json_put_task_undo(&json, change->undoes, &change->after, change->directory);
    put_notes(change, &json);
    json_end(&json);
    enum err err = buf_err(&buf);
    *ret_payload = STR_NONE;
    if (err == ERR_OK && (any || change->affirms || change->undoes != 0 || change->link != 0))
        err = arena_copy(change->op->arena, buf_str(&buf), ret_payload);
    buf_finish(&buf);
    return err;
}

static struct str record_key(struct op *op, const struct workspace *workspace, int64_t number)
{
    struct buf buf;
    buf_init(&buf, KEY_MAX + 32);
    buf_record_key(&buf, workspace->key, number);
    struct str key = buf_err(&buf) == ERR_OK ? arena_str(op->arena, buf_str(&buf)) : STR_NONE;
    buf_finish(&buf);
    return key;
}

/* ---- the transaction ---- */

enum err core_task_parent(struct db *db, struct op *op, int64_t id, int64_t parent_id)
{
    int64_t version;
    enum err err = ERR_OK;
    for (int levels = 0; parent_id != 0 && err == ERR_OK; levels++) {
        if (parent_id == id || levels == TASK_PARENTS_MAX)
            return ERR_CONFLICT;
        err = store_task_version(db, op, parent_id, &version, &parent_id);
    }
    return err;
}

enum err core_task_change_expect(const struct task_change *change, struct batch *batch)
{
    struct op *op = change->op;
    int64_t version = 0, parent_id = 0;
    enum err err = batch_directory_expect_begun(batch, op, change->directory);
    if (err == ERR_OK)
        err = store_task_version(batch_db(batch), op, change->before->id, &version, &parent_id);
    if (err != ERR_OK)
        return err;
    if (version != change->before->version)
        return ERR_OUTDATED;
    if (change->before->parent_id == change->after.parent_id)
        return ERR_OK;
    /* Of two nodes that set parents at once, each would miss what the other one sets. */
    err = batch_hold_domain(batch, op, change->change.domain_id);
    if (err == ERR_OK)
        err = core_task_parent(batch_db(batch), op, change->before->id, change->after.parent_id);
    return err == ERR_CONFLICT ? ERR_OUTDATED : err;
}

/* The dedup rule knows open records only, each by what it has now. Of several that have the same, it
 * knows the one that had it first. */
static enum err dedup_follow(const struct task_change *change, struct db *db)
{
    struct op *op = change->op;
    struct dedup dedup;
    int64_t id = 0;
    if (moves(change)) /* its form is another one, and compares with what is reported there */
        return store_dedup_free(db, op, change->after.id);
    enum err err = dedup_make(op, change->form, &change->after, change->directory, &dedup);
    if (err == ERR_OK && dedup.then != DEDUP_NONE)
        err = store_dedup_find(db, op, &dedup.digest, &id);
    if (err != ERR_OK || (id != 0 && id == change->after.id))
        return err;
    err = store_dedup_free(db, op, change->after.id);
    if (err == ERR_OK && dedup.then != DEDUP_NONE && id == 0)
        err = store_dedup_add(db, op, change->after.id, &dedup.digest);
    return err;
}

/* A record that moves gets the next number there; its old key stays its own. */
static enum err move_write(struct task_change *change, struct batch *batch, struct event *event)
{
    struct op *op = change->op;
    const struct task *before = change->before;
    const struct workspace *workspace =
        directory_workspace_by_id(change->directory, change->after.workspace_id);
    enum err err = batch_next_number(batch, op, workspace, &change->after.number);
    if (err != ERR_OK)
        return err;
    struct str key = record_key(op, workspace, change->after.number);
    if (key.p == NULL)
        return ERR_MEMORY;
    err = payload_make(change, key, &event->payload);
    if (err == ERR_OK)
        err =
            store_alias_add(batch_db(batch), op, before->workspace_id, before->number, before->id);
    event->key = key;
    return err;
}

enum err core_task_change_write(struct task_change *change, struct batch *batch)
{
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    const struct task *before = change->before;
    struct task *after = &change->after;
    struct event event = change->event; /* as it was judged, however often this runs */
    event.version = before->version + 1;
    enum err err = moves(change) ? move_write(change, batch, &event) : ERR_OK;
    if (err == ERR_OK)
        err = batch_append_event(batch, op, &event);
    if (err != ERR_OK)
        return err;
    change->written = event;
    after->version = event.version;
    after->last_seq = event.seq;
    after->updated_at = event.at;
    if (change->closes)
        after->closed_at = event.at;
    if (after->proposed_by != 0 && before->proposed_by == 0)
        after->proposed_at = event.at;
    if (change->undoes == 0 && (gives(change) || change->reopens)) {
        after->assigned_at = event.at;
        after->assigned_by = event.actor_id;
    }
    err = store_task_put(db, op, after);
    if (err == ERR_OK && change->closes)
        err = store_inbox_marks_drop(db, op, after->id);
    if (err == ERR_OK && after->followers != before->followers)
        err = store_followers_put(db, op, after);
    if (err == ERR_OK)
        err = rule_follow(db, op, before, after);
    return err == ERR_OK ? dedup_follow(change, db) : err;
}

static enum err change_apply(struct change *job, struct batch *batch)
{
    struct task_change *change = container_of(job, struct task_change, change);
    enum err err = core_task_change_expect(change, batch);
    if (err != ERR_OK)
        return err;
    batch_writes(batch, job);
    return core_task_change_write(change, batch);
}

static const struct workspace *workspace_before(const struct task_change *change)
{
    return directory_workspace_by_id(change->directory, change->before->workspace_id);
}

struct str task_change_key(const struct task_change *change)
{
    return record_key(change->op, workspace_before(change), change->before->number);
}

enum err core_task_change_prepare(struct task_change *change)
{
    change->event = (struct event){
        .domain_id = workspace_before(change)->domain->id,
        .actor_id = change->actor_id,
        .action = action_of(change),
        .key = task_change_key(change),
        .task_id = change->before->id,
        .previous_seq = change->before->last_seq,
    };
    change->change = (struct change){
        .op = change->op, .domain_id = change->event.domain_id, .apply = change_apply};
    enum err err = payload_make(change, STR_NONE, &change->event.payload);
    return err == ERR_OK && change->event.key.p == NULL ? ERR_MEMORY : err;
}

enum err core_task_change(struct core *core, struct task_change *change)
{
    enum err err = core_task_change_prepare(change);
    if (err != ERR_OK || change->event.payload.p == NULL)
        return err;
    return core_change_wait(core, &change->change);
}
