/*
 * How work that may take long tells whoever waits for it how far it is, and asks whether to go on.
 */
#ifndef BZCTRL_BASE_WATCH_H
#define BZCTRL_BASE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch_step {
    const char *name;    /* what is done now, or waited for; borrowed for the call */
    int64_t done, total; /* of it; total -1: it is not known */
};

/* `step` is called now and then; false asks for the end. Zeroed, nobody watches. */
struct watch {
    bool (*step)(void *arg, const struct watch_step *step);
    void *arg;
};

/* Tells a step. False: end the work. NULL is nobody. */
bool watch_tell(const struct watch *watch, const char *name, int64_t done, int64_t total);

#endif
