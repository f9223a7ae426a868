#include "core/history_check.h"
#include "core/task_past.h"
#include "model/key.h"
#include "model/task_json.h"
#include "store/directory.h"
#include "store/task.h"

#include <inttypes.h>

enum {
    RECORDS_READ = 16, /* at once, each with its newest event: 1 MiB and 8 MiB at most */
    DIRECTORY_MAX = 1024 * 1024 * 1024,
    SHOWN_MAX = 300, /* bytes of a value in a message */
};

/* ---- what differs ---- */

/* A value as JSON, cut where it is long. */
static struct str value_shown(struct check *check, const struct task_field *field,
                              const struct task *task)
{
    struct buf buf;
    struct json_writer json;
    buf_init(&buf, 16 * 1024 * 1024);
    json_writer_init(&json, &buf);
    json_put_task_value(&json, field, task, &check->directory);
    struct str text = buf_err(&buf) == ERR_OK ? buf_str(&buf) : STR("?");
    text = text.n <= SHOWN_MAX
               ? arena_str(check->chunk.arena, text)
               : arena_printf(check->chunk.arena, "%.*s…", STR_ARG(utf8_cut(text, SHOWN_MAX)));
    buf_finish(&buf);
    return text.p == NULL ? STR("?") : text;
}

static struct str key_shown(struct check *check, const struct task *task)
{
    const struct workspace *workspace =
        directory_workspace_by_id(&check->directory, task->workspace_id);
    struct buf buf;
    buf_init(&buf, KEY_MAX + 32);
    buf_record_key(&buf, workspace == NULL ? STR("?") : workspace->key, task->number);
    struct str key =
        buf_err(&buf) == ERR_OK ? arena_str(check->chunk.arena, buf_str(&buf)) : STR_NONE;
    buf_finish(&buf);
    return key.p == NULL ? STR("?") : key;
}

static enum err field_broken(struct check *check, const struct task *row,
                             const struct task *history, const struct task_field *field)
{
    const char *member = field->member != NULL ? field->member : field->name;
    struct str is = value_shown(check, field, row), was = value_shown(check, field, history);
    return history_broken(check,
                          "record %.*s: %s is %.*s in the table, but %.*s by its history (up to "
                          "event %" PRId64 ")",
                          STR_ARG(key_shown(check, row)), member, STR_ARG(is), STR_ARG(was),
                          history->last_seq);
}

/* A record against what its events give. */
static enum err record_compare(struct check *check, const struct task *row,
                               const struct task_fold *fold)
{
    const struct task *history = &fold->task;
    check->report->unproved += fold->lost != 0;
    for (size_t i = 0; i < TASK_FIELDS; i++)
        if (((fold->lost | FOLD_COUNTS) & FOLD_BIT(i)) == 0 &&
            !task_field_same(row, history, &task_fields[i]))
            return field_broken(check, row, history, &task_fields[i]);
    bool same = true;
    for (int64_t i = 0; i < row->follower_count; i++)
        same = same && row->followers[i] == history->followers[i];
    return same || (fold->lost & FOLD_BIT(FOLD_FOLLOWERS)) != 0
               ? ERR_OK
               : history_broken(check,
                                "record %.*s: its followers are others than by its history (up to "
                                "event %" PRId64 ")",
                                STR_ARG(key_shown(check, row)), history->last_seq);
}

/* ---- reading ---- */

/* The directory as this transaction sees it. */
static enum err directory_read(struct check *check)
{
    int64_t version;
    struct op *op = &check->chunk;
    enum err err = store_directory_version(check->db, op, &version);
    if (err != ERR_OK || version == check->directory.version)
        return err;
    store_directory_finish(&check->directory);
    check->directory = (struct directory){0};
    arena_finish(&check->directory_arena);
    arena_init(&check->directory_arena, DIRECTORY_MAX);
    return store_directory_load(check->db, op, &check->directory_arena, NULL, &check->directory);
}

/* One record, by its newest event and those before it. */
static enum err record_check(struct check *check, const struct fold_names *names,
                             const struct task *row, const struct event *newest)
{
    struct op *op = &check->chunk;
    const struct workspace *workspace =
        directory_workspace_by_id(&check->directory, row->workspace_id);
    struct arena_mark mark = arena_mark(op->arena);
    struct task_fold fold;
    task_fold_begin(&fold, op, names);
    enum err err = task_fold_add(&fold, newest);
    if (err == ERR_OK)
        err = task_past_fold(check->db, op, workspace->domain->id, row->id, newest->previous_seq,
                             &fold);
    if (err == ERR_OK)
        err = record_compare(check, row, &fold);
    else if (err == ERR_CORRUPT || err == ERR_NOT_FOUND)
        err = history_broken(check, "record %.*s: %s", STR_ARG(key_shown(check, row)), op->detail);
    task_fold_finish(&fold);
    arena_rewind(op->arena, mark);
    return err;
}

struct record_part {
    struct check *check;
    int64_t after; /* the last record that is done */
    bool more;
};

/* The next records with their events, in one unchanging view. */
static enum err part_check(struct db *db, struct op *op, void *arg)
{
    struct record_part *part = arg;
    struct check *check = part->check;
    struct fold_names names;
    struct task_list tasks;
    struct event_list newest = {0};
    enum err err = directory_read(check);
    if (err == ERR_OK)
        err = fold_names_read(db, op, &check->directory, &names);
    if (err == ERR_OK)
        err = store_task_range(db, op, part->after, INT64_MAX, RECORDS_READ, &tasks);
    if (err == ERR_OK && tasks.n > 0)
        err = store_events_newest(db, op, part->after, tasks.items[tasks.n - 1].id, &newest);
    for (size_t i = 0; err == ERR_OK && i < tasks.n; i++) {
        const struct task *row = &tasks.items[i];
        const struct event *event = i < newest.n ? &newest.items[i] : NULL;
        if (event == NULL || event->task_id != row->id ||
            directory_workspace_by_id(&check->directory, row->workspace_id) == NULL)
            err = history_broken(check, "record %.*s: its newest event (%" PRId64 ") is missing",
                                 STR_ARG(key_shown(check, row)), row->last_seq);
        else
            err = record_check(check, &names, row, event);
    }
    if (err != ERR_OK)
        return err;
    part->more = tasks.n > 0;
    if (part->more)
        part->after = tasks.items[tasks.n - 1].id;
    return ERR_OK;
}

enum err history_tasks_check(struct check *check)
{
    struct record_part part = {.check = check, .after = INT64_MIN, .more = true};
    enum err err = ERR_OK;
    while (part.more && err == ERR_OK) {
        arena_reset(&check->arena);
        err = db_transact(check->db, &check->chunk, db_begin_read, part_check, &part);
    }
    return err;
}
