/*
 * What the one who delivers writes, as one change of the write lane: how attempts ended, new
 * deliveries with the positions after their events, and its lease. It is apart (core/change.h): so it
 * can cost deliveries, and never a report.
 */
#ifndef BZCTRL_HOOK_OUTCOME_H
#define BZCTRL_HOOK_OUTCOME_H

#include "base/hash.h"
#include "core/webhook.h"

/* How an attempt ended. */
struct hook_outcome {
    struct delivery delivery;
    bool succeeded;
    bool touches;       /* the webhook's health is to be written as well */
    struct sha256 sent; /* of the request, as it was sent */
};

struct outcomes {
    const struct hook_outcome *items;
    size_t n;
    const struct delivery *added;
    size_t added_count;
    const struct webhook_position *positions;
    size_t position_count;
    struct str owner; /* absent: the database is not shared */
    int64_t lease_until;
    bool claims; /* the lease, which is otherwise renewed */
};

/* ERR_BUSY: another node has the lease, or has had it in between, and nothing was written. */
enum err outcomes_write(struct core *core, struct op *op,
                        const struct outcomes *outcomes) MUST_CHECK;

#endif
