#include "core/task_trail.h"

#include "store/directory.h"
#include "store/task.h"

#include <stdlib.h>

/* A record as it was after an event. */
struct trail_record {
    struct arena arena;
    struct task_then then;
    size_t cost;  /* events that making it again would look at */
    size_t worth; /* the one that is worth least goes first */
};

struct task_trail {
    struct trail_record kept[TRAIL_RECORDS];
    size_t n;
    struct fold_names names;
    struct arena view; /* of what was read at its beginning */
    int64_t version;   /* of the directory in the database, then */
    bool erasing;      /* a person was being erased */
    size_t age;        /* what was dropped last was worth so much */
    size_t steps;
};

enum err task_trail_create(struct task_trail **ret_trail)
{
    struct task_trail *trail = calloc(1, sizeof *trail);
    if (trail == NULL)
        return ERR_MEMORY;
    arena_init(&trail->view, TRAIL_BYTES);
    *ret_trail = trail;
    return ERR_OK;
}

static void kept_drop(struct task_trail *trail, size_t i)
{
    arena_finish(&trail->kept[i].arena);
    trail->kept[i] = trail->kept[--trail->n];
}

static void forget(struct task_trail *trail)
{
    while (trail->n > 0)
        kept_drop(trail, trail->n - 1);
    trail->age = 0;
}

void task_trail_destroy(struct task_trail *trail)
{
    if (trail == NULL)
        return;
    forget(trail);
    arena_finish(&trail->view);
    free(trail);
}

size_t task_trail_steps(const struct task_trail *trail)
{
    return trail->steps;
}

enum err task_trail_view(struct task_trail *trail, struct db *db, struct op *op,
                         const struct directory *directory)
{
    int64_t version = 0;
    arena_reset(&trail->view);
    struct op own = {.arena = &trail->view, .now = op->now};
    enum err err = store_directory_version(db, op, &version);
    if (err == ERR_OK)
        err = fold_names_read(db, &own, directory, &trail->names);
    if (err != ERR_OK)
        return err;
    bool erasing = trail->names.former_count > 0;
    if (erasing || trail->erasing || version != trail->version)
        forget(trail);
    trail->erasing = erasing;
    trail->version = version;
    return ERR_OK;
}

/* Finds what is kept of the event's record, as near before the event as possible, or right after it;
 * trail->n: nothing is kept. */
static size_t nearest(const struct task_trail *trail, const struct event *event)
{
    size_t found = trail->n;
    int64_t seq = 0;
    for (size_t i = 0; i < trail->n; i++) {
        const struct task *task = &trail->kept[i].then.task;
        if (task->id == event->task_id && task->last_seq > seq && task->last_seq <= event->seq) {
            found = i;
            seq = task->last_seq;
        }
    }
    return found;
}

/* Adds the event and what comes before it: all of it, or what the record was `before`, from which `fold`
 * borrows then. */
static enum err fold_run(struct task_trail *trail, struct db *db, struct op *op,
                         const struct event *event, const struct task_then *before,
                         struct task_fold *fold)
{
    enum err err = task_fold_add(fold, event);
    if (err == ERR_OK && before != NULL)
        err = task_past_fold_from(db, op, event->domain_id, event->previous_seq, before, fold);
    else if (err == ERR_OK)
        err = task_past_fold(db, op, event->domain_id, event->task_id, event->previous_seq, fold);
    if (err == ERR_OK && before == NULL)
        err = store_task_counts_at(db, op, event->task_id, event->seq, &fold->task);
    trail->steps += fold->n;
    return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
}

/* Drops what is worth least, until there is room for one more. */
static void room_make(struct task_trail *trail)
{
    for (;;) {
        size_t bytes = 0, least = 0;
        for (size_t i = 0; i < trail->n; i++) {
            bytes += trail->kept[i].arena.total;
            if (trail->kept[i].worth < trail->kept[least].worth)
                least = i;
        }
        if (trail->n == 0 || (trail->n < TRAIL_RECORDS && bytes <= TRAIL_BYTES))
            return;
        trail->age = trail->kept[least].worth;
        kept_drop(trail, least);
    }
}

enum err task_trail_at(struct task_trail *trail, struct db *db, struct op *op,
                       const struct event *event, const struct task **ret_task, int64_t *ret_erased)
{
    size_t near = nearest(trail, event);
    const struct trail_record *from = near < trail->n ? &trail->kept[near] : NULL;
    struct trail_record made = {.cost = from == NULL ? 0 : from->cost};
    struct task_fold fold;
    if (from != NULL && from->then.task.last_seq == event->seq) {
        *ret_task = &from->then.task;
        *ret_erased = from->then.lost_seq;
        return ERR_OK;
    }
    task_fold_begin(&fold, op, &trail->names);
    enum err err = fold_run(trail, db, op, event, from == NULL ? NULL : &from->then, &fold);
    made.cost += fold.n;
    made.then.lost = fold.lost;
    made.then.lost_seq = fold.lost_seq;
    arena_init(&made.arena, 2 * (size_t)TRAIL_BYTES);
    if (err == ERR_OK)
        err = task_copy(&made.arena, &fold.task, &made.then.task);
    task_fold_finish(&fold);
    if (err != ERR_OK) {
        arena_finish(&made.arena);
        return err;
    }

    /* It takes the place of the one that it was made from: the walk has passed that. */
    if (from != NULL)
        kept_drop(trail, near);
    room_make(trail);
    made.worth = trail->age + made.cost;
    trail->kept[trail->n] = made;
    *ret_task = &trail->kept[trail->n].then.task;
    *ret_erased = made.then.lost_seq;
    trail->n++;
    return ERR_OK;
}
