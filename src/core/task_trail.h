/*
 * Records as they were after one event after another, for a walk along a chain. What a record
 * was after an event is made from what it was after an earlier one, as long as that is kept: so walking
 * along a history looks at each of its events once, and not at all of them again for each.
 *
 * What is kept is bounded, and what is dear to make again stays longest. It is forgotten when a person is
 * being erased, or the directory has changed: an erasure begins with that.
 */
#ifndef BZCTRL_CORE_TASK_TRAIL_H
#define BZCTRL_CORE_TASK_TRAIL_H

#include "core/task_past.h"

enum { TRAIL_RECORDS = 256, TRAIL_BYTES = 64 * 1024 * 1024 };

struct task_trail;

enum err task_trail_create(struct task_trail **ret_trail) MUST_CHECK;
void task_trail_destroy(struct task_trail *trail); /* NULL-safe */

/* Begins with a view of the database: before anything is asked in a transaction. `directory` is borrowed
 * until the next one. */
enum err task_trail_view(struct task_trail *trail, struct db *db, struct op *op,
                         const struct directory *directory) MUST_CHECK;

/* The event's record as it was after it, which is the trail's until it is asked again. *ret_erased as
 * of core_task_at(). ERR_CORRUPT with op->detail; ERR_MEMORY. */
enum err task_trail_at(struct task_trail *trail, struct db *db, struct op *op,
                       const struct event *event, const struct task **ret_task,
                       int64_t *ret_erased) MUST_CHECK;

/* How many events it has looked at so far. */
size_t task_trail_steps(const struct task_trail *trail);

#endif
