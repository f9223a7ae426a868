#include "core/task_answer.h"

#include "base/container.h"
#include "base/id.h"
#include "model/event_json.h"
#include "model/key.h"
#include "model/task_json.h"
#include "store/dedup.h"

/* The most that an event may say: a body of 1 MiB, should each byte become an escape. */
enum { PAYLOAD_MAX = 8 * 1024 * 1024 };

static struct task_create *create_of(struct change *change)
{
    return container_of(change, struct task_create, change);
}

/* What the event will say, made before the write lane since it needs nothing from there. */
static enum err payload_make(struct task_create *create)
{
    struct buf buf;
    buf_init(&buf, PAYLOAD_MAX);
    buf_task_created_changes(&buf, &create->task, create->directory);
    buf_event_origin(&buf, create->origin);
    return buf_move(&buf, create->change.op->arena, &create->payload);
}

/* The payload to use instead if the report repeats an existing record. */
static enum err occurrence_make(struct task_create *create)
{
    struct buf buf;
    struct json_writer json;
    buf_init(&buf, PAYLOAD_MAX);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    json_begin_list(&json, "occurrence");
    json_put_null(&json, NULL);
    json_begin_object(&json, NULL);
    json_put_task_members(&json, &create->task, create->directory);
    json_end(&json);
    json_end(&json);
    json_end(&json);
    buf_event_origin(&buf, create->origin);
    return buf_move(&buf, create->change.op->arena, &create->occurrence);
}

/* "EXA-CON-BUS-WOR-03" in the arena. */
static enum err key_make(struct op *op, struct str workspace_key, int64_t number,
                         struct str *ret_key)
{
    struct buf buf;
    buf_init(&buf, KEY_MAX + 32);
    buf_record_key(&buf, workspace_key, number);
    return buf_move(&buf, op->arena, ret_key);
}

/* Numbers the record, appends its event and stores both. */
static enum err create_write(struct task_create *create, struct batch *batch)
{
    struct op *op = create->change.op;
    struct task *task = &create->task;
    enum err err = batch_next_number(batch, op, create->workspace, &task->number);
    if (err != ERR_OK)
        return err;
    task->id = id_next();

    /* Identifiers never fall, even when the clock does; nor may times, so that a list can bound
     * identifiers by time. */
    if (op->now < id_time(task->id))
        op->now = id_time(task->id);
    create->event = (struct event){
        .domain_id = create->workspace->domain->id,
        .actor_id = create->actor_id,
        .action = STR("task.created"),
        .task_id = task->id,
        .payload = create->payload,
    };
    err = key_make(op, create->workspace->key, task->number, &create->event.key);
    if (err == ERR_OK)
        err = batch_append_event(batch, op, &create->event);
    if (err != ERR_OK)
        return err;
    id_seen(id_at(create->event.at));

    task->version = 1;
    task->last_seq = create->event.seq;
    task->created_at = task->updated_at = create->event.at;
    err = store_task_add(batch_db(batch), op, task);
    if (err == ERR_OK && create->dedup.then != DEDUP_NONE)
        err = store_dedup_add(batch_db(batch), op, task->id, &create->dedup.digest);
    return err;
}

/* The open record that the report repeats, into create->first. Another node may make one at the
 * same time: then the schema lets only one of them, and the other looks again. */
static enum err first_find(struct task_create *create, struct batch *batch)
{
    struct op *op = create->change.op;
    struct db *db = batch_db(batch);
    struct task *first = ARENA_NEW(op->arena, struct task);
    int64_t id = 0;
    if (first == NULL)
        return ERR_MEMORY;
    /* What an occurrence is added to must stay as it is read. */
    enum err err = create->dedup.then == DEDUP_OCCURRENCE
                       ? batch_hold_domain(batch, op, create->workspace->domain->id)
                       : ERR_OK;
    if (err == ERR_OK)
        err = store_dedup_find(db, op, &create->dedup.digest, &id);
    if (err == ERR_OK && id != 0)
        err = store_task_get_by_id(db, op, id, first);
    if (err == ERR_OK && id != 0)
        create->first = first;
    return err;
}

/* Adds the report to the history of the record that it repeats. */
static enum err occurrence_write(struct task_create *create, struct batch *batch)
{
    struct op *op = create->change.op;
    struct task first = *create->first;
    create->event = (struct event){
        .domain_id = create->workspace->domain->id,
        .actor_id = create->actor_id,
        .action = STR("task.occurred"),
        .task_id = first.id,
        .previous_seq = first.last_seq,
        .payload = create->occurrence,
        .version = first.version + 1,
    };
    enum err err = key_make(op, create->workspace->key, first.number, &create->event.key);
    if (err == ERR_OK)
        err = batch_append_event(batch, op, &create->event);
    if (err == ERR_OK)
        err = store_task_touch(batch_db(batch), op, first.id, create->event.seq, create->event.at,
                               &first.version);
    struct task *touched = ARENA_NEW(op->arena, struct task);
    if (touched == NULL)
        return ERR_MEMORY;
    *touched = first;
    create->first = touched;
    return err;
}

/* What becomes of the report: a record, an occurrence of one, or nothing new. */
static enum err report_write(struct task_create *create, struct batch *batch)
{
    if (create->first == NULL)
        return create_write(create, batch);
    return create->dedup.then == DEDUP_OCCURRENCE ? occurrence_write(create, batch) : ERR_OK;
}

static enum err create_apply(struct change *change, struct batch *batch)
{
    struct task_create *create = create_of(change);
    struct op *op = change->op;
    bool with_key = create->key.key.p != NULL;
    create->replayed = false;
    create->first = NULL;
    create->event.seq = 0;

    enum err err = batch_directory_expect_begun(batch, op, create->directory);
    if (err == ERR_OK && with_key)
        err = idempotency_find(batch, op, &create->key, &create->replayed, &create->answer);
    if (err == ERR_OK && !create->replayed && create->dedup.then != DEDUP_NONE)
        err = first_find(create, batch);
    if (err == ERR_OK && create->first != NULL && create->dedup.then == DEDUP_REFUSE)
        err = ERR_CONFLICT;
    if (err != ERR_OK || create->replayed)
        return err;

    batch_writes(batch, change);
    err = report_write(create, batch);
    if (err == ERR_OK && with_key)
        err = task_answer_make(create, &create->answer);
    if (err == ERR_OK && with_key)
        err = idempotency_bind(batch, op, &create->key, &create->answer);
    return err;
}

enum err core_task_create_prepare(struct task_create *create)
{
    enum err err = payload_make(create);
    if (err == ERR_OK && create->dedup.then == DEDUP_OCCURRENCE)
        err = occurrence_make(create);
    if (err != ERR_OK)
        return err;
    create->change.domain_id = create->workspace->domain->id;
    create->change.key = create->key.key.p != NULL ? &create->key : NULL;
    create->change.apply = create_apply;
    return ERR_OK;
}

enum err core_task_create(struct core *core, struct task_create *create)
{
    enum err err = core_task_create_prepare(create);
    return err == ERR_OK ? core_change(core, &create->change) : err;
}

static enum err replay_apply(struct change *change, struct batch *batch)
{
    struct task_create *create = create_of(change);
    return idempotency_find(batch, change->op, &create->key, &create->replayed, &create->answer);
}

void core_task_replay_prepare(struct task_create *create)
{
    create->replayed = false;
    create->change.domain_id = 0;
    create->change.key = &create->key;
    create->change.apply = replay_apply;
}

/* What one of them is refused for is its own affair, unless it has written already. */
static enum err all_apply(struct change *change, struct batch *batch)
{
    const struct task_creates *creates = container_of(change, struct task_creates, change);
    for (size_t i = 0; i < creates->n; i++) {
        struct change *one = &creates->items[i]->change;
        one->wrote = false;
        op_forget(one->op);
        one->err = one->apply(one, batch);
        if (one->wrote)
            batch_writes(batch, change);
        if (one->wrote && one->err != ERR_OK)
            return one->err;
    }
    return ERR_OK;
}

enum err core_task_create_all(struct core *core, struct task_creates *creates)
{
    const struct idempotency_key *keys = NULL;
    for (size_t i = creates->n; i > 0; i--) {
        struct idempotency_key *key = &creates->items[i - 1]->key;
        if (key->key.p == NULL)
            continue;
        key->next = keys;
        keys = key;
    }
    creates->change.key = keys;
    creates->change.domain_id = creates->items[0]->change.domain_id;
    creates->change.apply = all_apply;
    return core_change(core, &creates->change);
}

enum err core_task_create_wait(struct core *core, struct task_create *create)
{
    enum err err = core_task_create_prepare(create);
    return err == ERR_OK ? core_change_wait(core, &create->change) : err;
}

/* The seq that a page of events starts from: the record's newest, or the one that comes before the
 * last event of the page before. */
static enum err events_start(struct db *db, struct op *op, int64_t domain_id,
                             const struct task *task, int64_t before, int64_t *ret_seq)
{
    if (before == 0) {
        *ret_seq = task->last_seq;
        return ERR_OK;
    }
    struct event last;
    enum err err = store_event_get(db, op, domain_id, before, &last);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && last.task_id != task->id))
        return op_fail(op, ERR_SYNTAX,
                       "the cursor does not belong to this record; begin again without it");
    if (err == ERR_OK)
        *ret_seq = last.previous_seq;
    return err;
}

enum err core_task_events(struct db *db, struct op *op, int64_t domain_id, const struct task *task,
                          int64_t before, int64_t limit, struct event_list *ret_events,
                          bool *ret_more)
{
    int64_t start = 0;
    struct event_list events = {0};
    enum err err = events_start(db, op, domain_id, task, before, &start);
    if (err == ERR_OK && start > 0)
        err = store_events_back(db, op, domain_id, start, limit, &events);
    if (err != ERR_OK)
        return err;
    *ret_more = events.n > 0 && events.items[events.n - 1].previous_seq > 0;
    *ret_events = events;
    return ERR_OK;
}
