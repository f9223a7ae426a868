#include "core/task_past.h"

#include "model/key.h"
#include "store/alias.h"
#include "store/erasure.h"
#include "store/task.h"

#include <inttypes.h>

enum {
    EVENTS_READ = 8, /* at once: each may say 8 MiB */
    EVENTS_BYTES = 128 * 1024 * 1024,
};

enum err fold_names_read(struct db *db, struct op *op, const struct directory *directory,
                         struct fold_names *ret_names)
{
    struct fold_names names = {.directory = directory};
    enum err err = store_erasures(db, op, &names.former, &names.former_count);
    if (err == ERR_OK)
        *ret_names = names;
    return err;
}

/* The parent by the key that it had: a record has its number, or had it before it was moved. */
static enum err parent_find(struct db *db, struct op *op, struct task_fold *fold)
{
    struct task *task = &fold->task;
    struct str key;
    if (fold->parent.p == NULL)
        return ERR_OK;
    enum err err = key_read_record(op->arena, fold->parent, &key, &task->parent_number);
    const struct workspace *workspace =
        err == ERR_OK ? directory_workspace(fold->names->directory, key) : NULL;
    if (err == ERR_MEMORY)
        return err;
    if (workspace == NULL)
        return op_fail(op, ERR_CORRUPT, "its parent %.*s does not exist", STR_ARG(fold->parent));
    task->parent_workspace_id = workspace->id;
    err = store_task_id(db, op, workspace->id, task->parent_number, &task->parent_id);
    if (err == ERR_OK && task->parent_id == 0)
        err = store_alias_find(db, op, key, task->parent_number, &task->parent_id);
    return err;
}

/* Adds the record's events from `seq` back to its creation, or to before the event `until`. */
static enum err events_fold(struct db *db, struct op *op, int64_t domain_id, int64_t task_id,
                            int64_t seq, int64_t until, struct task_fold *fold)
{
    struct arena arena;
    struct op reading = {.arena = &arena, .now = op->now};
    enum err err = ERR_OK;
    arena_init(&arena, EVENTS_BYTES);
    while (seq > until && !fold->complete && err == ERR_OK) {
        struct event_list events;
        arena_reset(&arena);
        err = store_events_back(db, &reading, domain_id, seq, EVENTS_READ, &events);
        if (err == ERR_OK && events.n == 0)
            err = op_fail(op, ERR_NOT_FOUND, "its event %" PRId64 " is missing", seq);
        for (size_t i = 0; i < events.n && seq > until && err == ERR_OK; i++) {
            if (events.items[i].task_id != task_id)
                err = op_fail(op, ERR_CORRUPT, "event %" PRId64 " belongs to another record",
                              events.items[i].seq);
            else
                err = task_fold_add(fold, &events.items[i]);
            seq = events.items[i].previous_seq;
        }
    }
    arena_finish(&arena);
    if (err == ERR_OK && until > 0 && seq != until)
        err = op_fail(op, ERR_CORRUPT, "its event %" PRId64 " is not linked", until);
    if (err != ERR_OK && reading.detail[0] != '\0')
        op_say(op, "%s", reading.detail);
    return err;
}

enum err task_past_fold(struct db *db, struct op *op, int64_t domain_id, int64_t task_id,
                        int64_t seq, struct task_fold *fold)
{
    enum err err = events_fold(db, op, domain_id, task_id, seq, 0, fold);
    if (err == ERR_OK && !fold->complete)
        err = op_fail(op, ERR_CORRUPT, "its history does not begin with its creation");
    return err == ERR_OK ? parent_find(db, op, fold) : err;
}

enum err task_past_fold_from(struct db *db, struct op *op, int64_t domain_id, int64_t seq,
                             const struct task_then *before, struct task_fold *fold)
{
    const struct task *was = &before->task;
    enum err err = events_fold(db, op, domain_id, was->id, seq, was->last_seq, fold);
    if (err != ERR_OK)
        return err;
    task_fold_end(fold, before);
    err = parent_find(db, op, fold);
    return err == ERR_OK && fold->uncounted
               ? store_task_counts_at(db, op, was->id, fold->task.last_seq, &fold->task)
               : err;
}

enum err core_task_at(struct db *db, struct op *op, const struct directory *directory,
                      int64_t domain_id, const struct task *now, int64_t seq, struct task *ret_task,
                      int64_t *ret_erased)
{
    struct fold_names names;
    struct task_fold fold;
    int64_t newest = 0;
    enum err err = store_event_until(db, op, domain_id, now->last_seq, seq, &newest);
    if (err == ERR_NOT_FOUND)
        return ERR_CORRUPT;
    if (err == ERR_OK && newest == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = fold_names_read(db, op, directory, &names);
    if (err != ERR_OK)
        return err;
    task_fold_begin(&fold, op, &names);
    err = task_past_fold(db, op, domain_id, now->id, newest, &fold);
    task_fold_finish(&fold);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
    *ret_task = fold.task;
    *ret_erased = fold.lost_seq;
    return store_task_counts_at(db, op, now->id, seq, ret_task);
}
