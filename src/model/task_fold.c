#include "model/task_fold.h"

#include "json/read.h"
#include "model/key.h"
#include "model/money.h"
#include "model/task_json.h"

#include <inttypes.h>

enum { TREE_MAX = 512 * 1024 * 1024 };

#define BIT_OF(field) FOLD_BIT(TASK_FIELD_AT_##field)

/* What follows from the events themselves: no payload says it, and none that is erased hides it. */
#define FROM_EVENTS                                                                                \
    (BIT_OF(number) | BIT_OF(workspace_id) | BIT_OF(version) | BIT_OF(last_seq) |                  \
     BIT_OF(created_at) | BIT_OF(updated_at) | BIT_OF(closed_at) | BIT_OF(closed_by) |             \
     FOLD_COUNTS)
/* What an erased payload hides, unless something newer has said it. Once, an erasure raised the
 * version without an event. */
static const uint64_t hidden = (FOLD_ALL & ~FROM_EVENTS) | BIT_OF(version);

void task_fold_begin(struct task_fold *fold, struct op *op, const struct fold_names *names)
{
    *fold = (struct task_fold){
        .op = op,
        .names = names,
        .task = {.financial_impact = CENTS_NONE,
                 .due_date = DATE_NONE,
                 .reminder_date = DATE_NONE,
                 .occurred_at = TIME_NONE,
                 .extra = STR("{}"),
                 .closed_at = TIME_NONE,
                 .first_due_date = DATE_NONE,
                 .proposed_at = TIME_NONE,
                 .assigned_at = TIME_NONE},
    };
    arena_init(&fold->tree, TREE_MAX);
}

void task_fold_finish(struct task_fold *fold)
{
    arena_finish(&fold->tree);
}

/* ---- values ---- */

static enum err not_understood(struct task_fold *fold, const struct event *event, const char *name,
                               struct str raw)
{
    return op_fail(fold->op, ERR_CORRUPT,
                   "event %" PRId64 " says that %s is %.*s, which nothing here is", event->seq,
                   name, STR_ARG(str_sub(raw, 0, 80)));
}

/* The account with that address; of one that is being erased, whose the address was. */
static int64_t account_of(const struct task_fold *fold, struct str email)
{
    const struct fold_names *names = fold->names;
    const struct account *account = directory_account(names->directory, email);
    if (account != NULL)
        return account->id;
    for (size_t i = 0; i < names->former_count; i++)
        if (str_eq(names->former[i].email, email))
            return names->former[i].account_id;
    return 0;
}

static enum err texts_copy(struct task_fold *fold, const struct json *list,
                           struct str_list *ret_texts)
{
    struct str *items = ARENA_ARRAY(fold->op->arena, struct str, list->n);
    size_t n = 0;
    if (items == NULL)
        return ERR_MEMORY;
    for (const struct json *one = list->first; one != NULL; one = one->next) {
        enum err err = arena_copy(fold->op->arena, json_text(one), &items[n++]);
        if (err != ERR_OK)
            return err;
    }
    *ret_texts = (struct str_list){items, n};
    return ERR_OK;
}

static bool number_of(const struct json *value, int64_t *ret_number)
{
    uint64_t number;
    if (value->kind != JSON_NUMBER || !str_to_u64(value->raw, INT64_MAX, &number))
        return false;
    *ret_number = (int64_t)number;
    return true;
}

/* A value that is there. False when it is not of its kind. */
static bool member_read_value(struct task_fold *fold, const struct task_field *field,
                              const struct json *value, enum err *err)
{
    void *target = task_field_of(&fold->task, field);
    struct str text = json_text(value);
    const struct workspace *workspace;
    enum fault_code fault;
    switch (field->kind) {
    case TASK_FIELD_NUMBER:
    case TASK_FIELD_RECORD:
        return number_of(value, target);
    case TASK_FIELD_TYPE:
        return task_type_read(text, target);
    case TASK_FIELD_STATUS:
        return task_status_read(text, target);
    case TASK_FIELD_LEVEL:
        return level_read(text, target);
    case TASK_FIELD_WORKSPACE:
        workspace = text.p == NULL ? NULL : directory_workspace(fold->names->directory, text);
        *(int64_t *)target = workspace == NULL ? 0 : workspace->id;
        return workspace != NULL;
    case TASK_FIELD_ACCOUNT:
        *(int64_t *)target = text.p == NULL ? 0 : account_of(fold, text);
        return *(int64_t *)target != 0;
    case TASK_FIELD_MONEY:
        return money_read(text, target, &fault);
    case TASK_FIELD_DATE:
        return date_read(text, target);
    case TASK_FIELD_TIME:
        return time_read(text, target);
    case TASK_FIELD_NAME:
    case TASK_FIELD_TEXT:
        if (text.p != NULL)
            *err = arena_copy(fold->op->arena, text, target);
        return text.p != NULL;
    case TASK_FIELD_OBJECT:
        *err = arena_copy(fold->op->arena, value->raw, target);
        return value->kind == JSON_OBJECT;
    case TASK_FIELD_TEXTS:
        if (value->kind == JSON_LIST)
            *err = texts_copy(fold, value, target);
        return value->kind == JSON_LIST;
    }
    return false;
}

/* What was there at the beginning is "none" already. */
static enum err value_set(struct task_fold *fold, const struct event *event,
                          const struct task_field *field, const struct json *value)
{
    enum err err = ERR_OK;
    if (value->kind != JSON_NULL && !member_read_value(fold, field, value, &err) && err == ERR_OK)
        err = not_understood(fold, event, field->member != NULL ? field->member : field->name,
                             value->raw);
    return err;
}

/* ---- members that the table does not write ---- */

static enum err followers_set(struct task_fold *fold, const struct event *event,
                              const struct json *list)
{
    size_t n = list->kind == JSON_LIST ? list->n : 0;
    int64_t *ids = ARENA_ARRAY(fold->op->arena, int64_t, n);
    if (ids == NULL)
        return ERR_MEMORY;
    /* In the order of ids, as they were written. */
    size_t i = 0;
    for (const struct json *one = n > 0 ? list->first : NULL; one != NULL; one = one->next) {
        int64_t id = json_text(one).p == NULL ? 0 : account_of(fold, json_text(one));
        if (id == 0)
            return not_understood(fold, event, "a follower", one->raw);
        ids[i++] = id;
    }
    fold->task.followers = ids;
    fold->task.follower_count = (int64_t)n;
    return ERR_OK;
}

static enum err awaits_set(struct task_fold *fold, const struct event *event,
                           const struct json *awaits)
{
    struct task *task = &fold->task;
    if (awaits->kind != JSON_OBJECT)
        return ERR_OK;
    const struct json *by = json_member(awaits, STR("by")), *at = json_member(awaits, STR("at"));
    task->proposed_by = by == NULL || json_text(by).p == NULL ? 0 : account_of(fold, json_text(by));
    task->proposed_at = event->at;
    if (task->proposed_by == 0 || (at != NULL && !time_read(json_text(at), &task->proposed_at)))
        return not_understood(fold, event, "awaits", awaits->raw);
    return ERR_OK;
}

static enum err parent_set(struct task_fold *fold, const struct event *event,
                           const struct json *parent)
{
    (void)event;
    return parent->kind == JSON_TEXT ? arena_copy(fold->op->arena, parent->text, &fold->parent)
                                     : ERR_OK;
}

static const struct other {
    const char *member;
    uint64_t bits;
    enum err (*set)(struct task_fold *fold, const struct event *event, const struct json *value);
} others[] = {
    {"followers", FOLD_BIT(FOLD_FOLLOWERS) | BIT_OF(follower_count), followers_set},
    {"awaits", BIT_OF(proposed_by) | BIT_OF(proposed_at), awaits_set},
    {"parent", FOLD_BIT(FOLD_PARENT) | BIT_OF(parent_id), parent_set},
};

/* Sets what a member says, unless a newer event has said it. */
static enum err member_set(struct task_fold *fold, const struct event *event, struct str name,
                           const struct json *value)
{
    const struct task_field *field = task_field_named(name);
    uint64_t bits = field == NULL ? 0 : FOLD_BIT((size_t)(field - task_fields));
    const struct other *other = NULL;
    for (size_t i = 0; i < sizeof others / sizeof others[0] && field == NULL; i++)
        if (str_eq(name, str_of(others[i].member)))
            other = &others[i];
    if (other != NULL)
        bits = other->bits;
    /* The workspace is that of the key. */
    if (bits == 0 || (bits & (fold->known | BIT_OF(workspace_id))) != 0)
        return ERR_OK;
    fold->known |= bits;
    return field != NULL ? value_set(fold, event, field, value) : other->set(fold, event, value);
}

/* ---- an event ---- */

/* Whichever of the two came last says whether it is closed now. */
static void closing_add(struct task_fold *fold, const struct event *event)
{
    bool closed = str_eq(event->action, STR("task.closed"));
    if ((fold->known & BIT_OF(closed_at)) != 0 ||
        (!closed && !str_eq(event->action, STR("task.reopened"))))
        return;
    fold->known |= BIT_OF(closed_at) | BIT_OF(closed_by);
    if (closed) {
        fold->task.closed_at = event->at;
        fold->task.closed_by = event->actor_id;
    }
}

/* The newest event that gave it to somebody, or opened it again. */
static void assigned_add(struct task_fold *fold, const struct event *event)
{
    if ((fold->known & BIT_OF(assigned_by)) != 0)
        return;
    fold->known |= BIT_OF(assigned_at) | BIT_OF(assigned_by);
    fold->task.assigned_at = event->at;
    fold->task.assigned_by = event->actor_id;
}

/* The first move is the one that is added last. */
static enum err due_add(struct task_fold *fold, const struct event *event,
                        const struct json *before)
{
    if ((fold->known & BIT_OF(due_moves)) != 0 || before->kind == JSON_NULL)
        return ERR_OK;
    fold->task.due_moves++;
    return date_read(json_text(before), &fold->task.first_due_date)
               ? ERR_OK
               : not_understood(fold, event, "dueDate", before->raw);
}

/* A number that is said, to which is added what came after it. */
static enum err count_set(struct task_fold *fold, const struct event *event,
                          const struct json *value, const char *name, size_t place)
{
    int64_t *count = task_field_of(&fold->task, &task_fields[place]), then = 0;
    if (value == NULL || (fold->known & FOLD_BIT(place)) != 0)
        return ERR_OK;
    fold->known |= FOLD_BIT(place);
    if (!number_of(value, &then))
        return not_understood(fold, event, name, value->raw);
    *count += then;
    return ERR_OK;
}

/* What follows from events by itself, and is said nevertheless: by a snapshot, which hides them, and
 * by an undo, after which it is what it was before. */
static enum err derived_set(struct task_fold *fold, const struct event *event,
                            const struct json *says)
{
    struct task *task = &fold->task;
    static const struct {
        const char *name;
        size_t place;
    } fields[] = {
        {"closedAt", TASK_FIELD_AT_closed_at},          {"closedBy", TASK_FIELD_AT_closed_by},
        {"firstDueDate", TASK_FIELD_AT_first_due_date}, {"assignedAt", TASK_FIELD_AT_assigned_at},
        {"assignedBy", TASK_FIELD_AT_assigned_by},
    };
    int32_t first = task->first_due_date;
    int64_t moves = task->due_moves;
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0] && err == ERR_OK; i++) {
        const struct json *value = json_member(says, str_of(fields[i].name));
        if (value == NULL || (fold->known & FOLD_BIT(fields[i].place)) != 0)
            continue;
        fold->known |= FOLD_BIT(fields[i].place);
        err = value_set(fold, event, &task_fields[fields[i].place], value);
    }
    if (err == ERR_OK)
        err = count_set(fold, event, json_member(says, STR("dueMoves")), "dueMoves",
                        TASK_FIELD_AT_due_moves);
    /* It was moved first before this, or else after it. */
    if (task->due_moves == moves)
        task->first_due_date = first;
    return err;
}

static enum err snapshot_add(struct task_fold *fold, const struct event *event,
                             const struct json *record)
{
    enum err err = derived_set(fold, event, record);
    if ((fold->known & BIT_OF(version)) == 0)
        fold->steps--; /* the snapshot has counted its own event */
    if (err == ERR_OK)
        err = count_set(fold, event, json_member(record, STR("version")), "version",
                        TASK_FIELD_AT_version);
    for (const struct json *m = record->first; m != NULL && err == ERR_OK; m = m->next)
        err = member_set(fold, event, m->name, m);
    fold->known |= FOLD_ALL & ~FROM_EVENTS;
    return err;
}

/* A comment or an attachment: [null, …] is a new one, and […, null] one that is deleted. */
static void part_add(struct task_fold *fold, struct str name, const struct json *before,
                     const struct json *after)
{
    int64_t more = (after->kind == JSON_OBJECT) - (before->kind == JSON_OBJECT);
    const struct json *part = after->kind == JSON_OBJECT ? after : before;
    if (str_eq(name, STR("attachment"))) {
        fold->attachments += more;
    } else if (str_eq(name, STR("comment"))) {
        const struct json *internal =
            part->kind == JSON_OBJECT ? json_member(part, STR("internal")) : NULL;
        bool within = internal != NULL && str_eq(internal->raw, STR("true"));
        *(within ? &fold->internals : &fold->comments) += more;
    }
}

/* What the payload says: each member as [before, after]. */
static enum err payload_add(struct task_fold *fold, const struct event *event, bool creates)
{
    const struct json *json;
    arena_reset(&fold->tree);
    enum err err = json_read_written(fold->op, &fold->tree, event->payload, &json);
    if (err == ERR_SYNTAX)
        return ERR_CORRUPT;
    const struct json *m = err == ERR_OK && json->kind == JSON_OBJECT ? json->first : NULL;
    const struct json *undoes = m == NULL ? NULL : json_member(json, STR("undoes"));
    if (undoes != NULL && undoes->kind == JSON_LIST && undoes->n == 2)
        err = derived_set(fold, event, undoes->first->next);
    for (; m != NULL && err == ERR_OK; m = m->next) {
        if (m->kind != JSON_LIST || m->n != 2)
            return not_understood(fold, event, "one of its members", m->raw);
        const struct json *before = m->first, *after = m->first->next;
        if (!creates && str_eq(m->name, STR("dueDate")))
            err = due_add(fold, event, before);
        if (!creates && str_eq(m->name, STR("assignee")))
            assigned_add(fold, event);
        part_add(fold, m->name, before, after);
        if (err == ERR_OK && str_eq(m->name, STR("record")) && after->kind == JSON_OBJECT)
            err = snapshot_add(fold, event, after);
        else if (err == ERR_OK)
            err = member_set(fold, event, m->name, after);
    }
    return err;
}

/* The newest event has the key. */
static enum err newest_add(struct task_fold *fold, const struct event *event)
{
    struct task *task = &fold->task;
    struct str key;
    enum err err = key_read_record(&fold->tree, event->key, &key, &task->number);
    const struct workspace *workspace =
        err == ERR_OK ? directory_workspace(fold->names->directory, key) : NULL;
    if (err == ERR_MEMORY)
        return err;
    if (workspace == NULL)
        return not_understood(fold, event, "its key", event->key);
    task->id = event->task_id;
    task->workspace_id = workspace->id;
    task->last_seq = event->seq;
    fold->known |= BIT_OF(number) | BIT_OF(workspace_id) | BIT_OF(last_seq);
    return ERR_OK;
}

enum err task_fold_add(struct task_fold *fold, const struct event *event)
{
    bool creates = str_eq(event->action, STR("task.created"));
    fold->n++;
    fold->uncounted = fold->uncounted || event->payload.p == NULL;
    enum err err = fold->task.last_seq == 0 ? newest_add(fold, event) : ERR_OK;
    if (err != ERR_OK)
        return err;
    if ((fold->known & BIT_OF(updated_at)) == 0 && !event_is_notice(event->action)) {
        fold->known |= BIT_OF(updated_at);
        fold->task.updated_at = event->at;
    }
    closing_add(fold, event);
    if ((fold->known & BIT_OF(version)) == 0)
        fold->steps++;
    if (event->payload.p != NULL)
        err = payload_add(fold, event, creates);
    if (err == ERR_OK && str_eq(event->action, STR("task.reopened")))
        assigned_add(fold, event);
    if (event->payload.p == NULL && fold->lost_seq == 0 && (~fold->known & hidden) != 0) {
        fold->lost_seq = event->seq;
        fold->lost = ~fold->known & hidden;
        fold->known |= fold->lost & ~BIT_OF(version);
    }
    if (creates) { /* what it does not say was not there */
        fold->known |= FOLD_ALL;
        fold->task.created_at = event->at;
        fold->task.version += fold->steps;
        fold->complete = true;
    }
    return err;
}

void task_fold_end(struct task_fold *fold, const struct task_then *before)
{
    struct task *task = &fold->task;
    const struct task *was = &before->task;
    uint64_t known = fold->known;
    if (fold->lost_seq == 0 && (before->lost & ~known) != 0) {
        fold->lost = before->lost & ~known;
        fold->lost_seq = before->lost_seq;
    }
    /* The first move is the oldest one. */
    if ((known & BIT_OF(due_moves)) == 0) {
        if (task->due_moves == 0 || was->due_moves > 0)
            task->first_due_date = was->first_due_date;
        task->due_moves += was->due_moves;
        known |= BIT_OF(due_moves) | BIT_OF(first_due_date);
    }
    for (size_t i = 0; i < TASK_FIELDS; i++)
        if ((known & FOLD_BIT(i)) == 0)
            task_field_take(task, was, &task_fields[i]);
    if ((known & FOLD_BIT(FOLD_FOLLOWERS)) == 0)
        task->followers = was->followers;
    if ((known & FOLD_BIT(FOLD_PARENT)) == 0) {
        task->parent_workspace_id = was->parent_workspace_id;
        task->parent_number = was->parent_number;
    }
    task->version += fold->steps;
    task->comment_count += fold->comments;
    task->internal_count += fold->internals;
    task->attachment_count += fold->attachments;
    fold->known |= FOLD_ALL;
    fold->complete = true;
}

/* ---- what is said of what follows ---- */

static void put_person(struct json_writer *json, const char *name, int64_t id,
                       const struct directory *directory)
{
    const struct account *account = directory_account_by_id(directory, id);
    json_put_text(json, name, account == NULL ? STR_NONE : account->email);
}

/* What a change says of it without a word, in what is neither a change nor a report. */
static void put_derived(struct json_writer *json, const struct task *task,
                        const struct directory *directory)
{
    json_put_date(json, "firstDueDate", task->first_due_date);
    json_put_time(json, "assignedAt", task->assigned_at);
    put_person(json, "assignedBy", task->assigned_by, directory);
    json_put_i64(json, "dueMoves", task->due_moves);
}

void json_put_task_snapshot(struct json_writer *json, const struct task *task,
                            const struct directory *directory)
{
    json_begin_list(json, "record");
    json_put_null(json, NULL);
    json_begin_object(json, NULL);
    json_put_task_members(json, task, directory);
    json_put_text(json, "cause", task->cause);
    json_put_time(json, "closedAt", task->closed_at);
    put_person(json, "closedBy", task->closed_by, directory);
    put_derived(json, task, directory);
    json_put_task_parent(json, "parent", task, directory);
    json_put_task_followers(json, "followers", task, directory);
    if (task->proposed_by == 0) {
        json_put_null(json, "awaits");
    } else {
        json_begin_object(json, "awaits");
        put_person(json, "by", task->proposed_by, directory);
        json_put_time(json, "at", task->proposed_at);
        json_end(json);
    }
    json_put_i64(json, "version", task->version);
    json_end(json);
    json_end(json);
}

void json_put_task_undo(struct json_writer *json, int64_t seq, const struct task *task,
                        const struct directory *directory)
{
    json_begin_list(json, "undoes");
    json_put_null(json, NULL);
    json_begin_object(json, NULL);
    json_put_i64(json, "seq", seq);
    put_derived(json, task, directory);
    json_end(json);
    json_end(json);
}
