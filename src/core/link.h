/*
 * Links two records of a domain, or removes a link: one transaction, with an event in the history of
 * each of them. What else a link does to the records (one that duplicates another is closed, and its
 * tags go there) is part of the same two events.
 */
#ifndef BZCTRL_CORE_LINK_H
#define BZCTRL_CORE_LINK_H

#include "core/task_change.h"

enum {
    LINK_CHAIN_MAX = 20, /* records that one is, over several steps, a duplicate of */
};

struct link_change {
    /* Set by the caller: both are judged, and `here` says which link it makes or removes, if it
     * does. A record that does not change then gets no event. */
    struct task_change *here, *there;

    struct change change; /* the core's */
};

/* Makes the change, and blocks until it is on stable storage. ERR_OUTDATED: judge again. */
enum err core_link_change(struct core *core, struct link_change *link) MUST_CHECK;

/* Can a record be made a duplicate of `original`? ERR_CONFLICT when that is, over any number of
 * steps, a duplicate of it, or has LINK_CHAIN_MAX above it. */
enum err core_link_original(struct db *db, struct op *op, int64_t id, int64_t original) MUST_CHECK;

#endif
