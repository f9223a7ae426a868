/*
 * Changes of many records in one call, with the verdict on each record (sql/0028).
 */
#ifndef BZCTRL_STORE_BULK_CHANGE_H
#define BZCTRL_STORE_BULK_CHANGE_H

#include "db/db.h"

struct bulk_change {
    int64_t id; /* has the time in it (base/id.h) */
    int64_t account_id;
    bool repeatable; /* it has an idempotency key */
    struct str keys; /* that its filter selected, each with '\n' after it; absent: it named them */
};

struct bulk_verdict {
    int64_t id, bulk_id;
    int64_t place;                            /* in the call, from 0 */
    int64_t task_id, domain_id, seq, version; /* of the event; 0 when nothing was changed */
    bool undone;
    struct str text; /* as it is answered: one JSON object */
};

struct bulk_verdict_list {
    const struct bulk_verdict *items;
    size_t n;
};

enum err store_bulk_change_add(struct db *db, struct op *op,
                               const struct bulk_change *bulk) MUST_CHECK;

/* ERR_NOT_FOUND. */
enum err store_bulk_change_get(struct db *db, struct op *op, int64_t id,
                               struct bulk_change *ret_bulk) MUST_CHECK;

enum err store_bulk_verdict_add(struct db *db, struct op *op,
                                const struct bulk_verdict *verdict) MUST_CHECK;

/* Those with a place after `after` (-1: all), in the order of places, at most `limit`. */
enum err store_bulk_verdicts(struct db *db, struct op *op, int64_t bulk_id, int64_t after,
                             int64_t limit, struct bulk_verdict_list *ret_verdicts) MUST_CHECK;

/* Is it undone? */
enum err store_bulk_verdict_undone(struct db *db, struct op *op, int64_t id,
                                   bool *ret_undone) MUST_CHECK;

/* Says that it is undone; or replaces its text. */
enum err store_bulk_verdict_undo(struct db *db, struct op *op, int64_t id) MUST_CHECK;
enum err store_bulk_verdict_text(struct db *db, struct op *op, int64_t id,
                                 struct str *ret_text) MUST_CHECK; /* ERR_NOT_FOUND */
enum err store_bulk_verdict_put(struct db *db, struct op *op, int64_t id,
                                struct str text) MUST_CHECK;

/* Drops the oldest one with an id below `before`, or below `repeatable_before` if it is repeatable;
 * reports whether there was one. */
enum err store_bulk_change_drop(struct db *db, struct op *op, int64_t before,
                                int64_t repeatable_before, bool *ret_dropped) MUST_CHECK;

#endif
