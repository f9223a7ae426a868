/*
 * A change that belongs to a record and leaves its fields alone: a comment, an attachment. What
 * they have in common: the event in the record's chain, the record's counts, the answer that is
 * stored for an idempotency key.
 */
#ifndef BZCTRL_CORE_PART_H
#define BZCTRL_CORE_PART_H

#include "core/change.h"
#include "core/idempotency.h"
#include "store/task.h"

struct part_change {
    struct change change; /* its op is the caller's */

    /* Set by the caller; borrowed. */
    const struct directory *directory; /* that it was judged by */
    const struct workspace *workspace; /* in `directory` */
    int64_t task_id, actor_id;
    struct idempotency_key key; /* key.key absent: none was sent */
    struct str public_url;      /* what the links in the answer begin with */
    struct str origin;          /* of the event; may be absent */

    /* The result. */
    bool replayed;        /* the answer is an earlier one; nothing was written */
    struct answer answer; /* by part_answer() */
    struct event event;

    /* The core's. */
    struct str record_key;
    int64_t last_seq, version; /* of the record: before the event, after it */
};

/* Sends it to the write lane and waits. */
enum err part_change_wait(struct core *core, struct part_change *part,
                          change_apply_fn *apply) MUST_CHECK;

/* The first step of apply: looks for the key's answer (`replayed`: apply is done), and locks the
 * record as it is. ERR_OUTDATED when the directory is another one by now, or the record is
 * elsewhere. */
enum err part_change_begin(struct part_change *part, struct batch *batch) MUST_CHECK;

/* Appends the event: `action`, and `payload`, which it takes out of the buffer and then frees. Adds
 * to the record's counts. */
enum err part_change_event(struct part_change *part, struct batch *batch, struct str action,
                           struct buf *payload, const struct task_counts *more) MUST_CHECK;

/* Makes the answer, 201 or, without an event, 200: Location (`folder` and `id` below the record),
 * ETag, Bzctrl-Receipt and `body`, which it takes out of the buffer and frees; and binds it to the
 * key, if there is one. */
enum err part_answer(struct part_change *part, struct batch *batch, const char *folder, int64_t id,
                     struct str etag, struct buf *body) MUST_CHECK;

#endif
