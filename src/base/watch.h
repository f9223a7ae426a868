/*
 * How long work reports its progress and asks whether to continue.
 */
#ifndef BZCTRL_BASE_WATCH_H
#define BZCTRL_BASE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch_step {
    const char *name;    /* the current step, or what it waits for; borrowed for the call */
    int64_t done, total; /* progress of the step; total -1: unknown */
};

/* `step` is called now and then; it returns false to end the work. Zeroed: no watcher. */
struct watch {
    bool (*step)(void *arg, const struct watch_step *step);
    void *arg;
};

/* Reports a step. False: end the work. `watch` may be NULL. */
bool watch_tell(const struct watch *watch, const char *name, int64_t done, int64_t total);

#endif
