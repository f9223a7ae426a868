/*
 * A change of many records in one call. It is stored first, with its idempotency key if there is
 * one; then its records are changed piece by piece, so that other changes come in between, each
 * piece in one transaction with the verdicts on its records. So a call that was cut off (by a
 * crash, say) continues where it was when it is sent again with its key, and changes nothing twice.
 *
 * An undo changes those records back by their history, piece by piece too, and marks the verdicts
 * of what it has undone.
 */
#ifndef BZCTRL_CORE_BULK_CHANGE_H
#define BZCTRL_CORE_BULK_CHANGE_H

#include "core/idempotency.h"
#include "core/task_change.h"
#include "store/bulk_change.h"

/* What has an idempotency key is kept as long as such keys are, and the other day in which they are
 * dropped. In milliseconds. */
#define BULK_KEPT_MS (IDEMPOTENCY_KEPT + UNDO_MS)

struct bulk_begin {
    /* Set by the caller. */
    struct op *op;
    struct idempotency_key key; /* key.key absent: none was sent */
    bool finds;                 /* it only looks whether the key has been used */
    struct bulk_change bulk;    /* account_id and keys; the id is the result */

    /* The key was used for this request before: `bulk` has the id of then, and that alone. */
    bool repeated;
    struct change change; /* the core's */
};

/* Stores a new one, or finds the one that was begun with the same key. ERR_KEY_REUSED. */
enum err core_bulk_begin(struct core *core, struct bulk_begin *begin) MUST_CHECK;

/* A record of a piece. */
struct bulk_record {
    /* Set by the caller. */
    int64_t place;
    struct str key;             /* as the call names it */
    struct task_change *change; /* prepared (core/task_change.h); NULL: nothing is written */
    struct str judged;          /* the verdict; of a change that is made, without its end */
    int64_t verdict_id;         /* of an undo: the verdict that it undoes */

    /* The result. Of a call that has been here before it is that of then. */
    struct bulk_verdict verdict;
};

struct bulk_piece {
    /* Set by the caller. */
    struct op *op;
    int64_t bulk_id, domain_id; /* all changes are of this domain */
    bool undoes;
    struct bulk_record *items; /* in the order of their places */
    size_t n;

    struct change change; /* the core's */
};

/* Makes the changes of a piece and stores its verdicts, and blocks until all is on stable storage.
 * ERR_OUTDATED: judge them again. */
enum err core_bulk_piece(struct core *core, struct bulk_piece *piece) MUST_CHECK;

/* Drops one whose time is over (core/expiry.h); reports whether there may be more. */
enum err core_bulk_changes_drop(struct core *core, struct op *op, bool *ret_more) MUST_CHECK;

#endif
