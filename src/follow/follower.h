/*
 * A follower: it reads the chains of events from a position of its own and does one thing, such as
 * keeping the index. The position is saved in the transaction of what it has done, so a crash makes
 * it neither miss nor repeat anything. It runs on a thread of its own, woken by commits, and yields
 * to the intake: while reports come in, it rests most of the time, and catches up afterwards.
 *
 * Where several nodes share a database, each follower runs on one of them at a time (but follow/notify.c,
 * of which only one can move the position that it has read).
 */
#ifndef BZCTRL_FOLLOW_FOLLOWER_H
#define BZCTRL_FOLLOW_FOLLOWER_H

#include "base/metric.h"
#include "core/core.h"

/* What a step has come to. */
enum follow_step {
    FOLLOW_CURRENT, /* there was nothing to do, or no more than it has done */
    FOLLOW_MORE,    /* there is more */
    FOLLOW_AWAY,    /* another node does it */
};

struct follow_kind {
    const char *name; /* of the log; and, with "bzctrl-" before it, of the thread: 15 bytes */
    enum label_FOLLOWER metric; /* its metrics' label (base/metric_label.def) */
    /* Makes and frees what it works with. */
    enum err (*open)(struct core *core, struct op *op, void **ret_state);
    void (*close)(void *state);
    /* Does a bounded amount. After an error it is closed, and opened again after a pause. */
    enum err (*step)(void *state, struct op *op, enum follow_step *ret_step);
    /* Should it not yield now? NULL: it always may. */
    bool (*hurried)(void *state);
};

extern const struct follow_kind follow_task_index, follow_rules, follow_notify;

struct follower;

/* Starts the thread. ERR_MEMORY. Destroy it before the core closes; it finishes its step. */
enum err follower_create(struct core *core, const struct follow_kind *kind,
                         struct follower **ret_follower) MUST_CHECK;
void follower_destroy(struct follower *follower); /* NULL-safe */

#endif
