/* Webhooks as they are stored (sql/0042), and which node delivers. */
#ifndef BZCTRL_STORE_WEBHOOK_H
#define BZCTRL_STORE_WEBHOOK_H

#include "db/db.h"
#include "model/webhook.h"

struct webhook_list {
    const struct webhook *items;
    size_t n;
};

/* ERR_NOT_FOUND. */
enum err store_webhook_get(struct db *db, struct op *op, int64_t id,
                           struct webhook *ret_webhook) MUST_CHECK;

/* Those older than the one with the id `before` (0: all), newest first, at most `limit`. */
enum err store_webhooks_before(struct db *db, struct op *op, int64_t before, int64_t limit,
                               struct webhook_list *ret_webhooks) MUST_CHECK;

/* How many there are; and of a domain, by its key, and all below it. */
enum err store_webhook_count(struct db *db, struct op *op, int64_t *ret_count) MUST_CHECK;
enum err store_webhook_count_below(struct db *db, struct op *op, struct str domain,
                                   int64_t *ret_count) MUST_CHECK;

/* Each of these first makes the one who delivers (src/hook) look again, as below. A new webhook begins at
 * the ends of its chains as they are. One that is dropped is not found any more; its deliveries are left
 * to store_deliveries_drop(). Changing or dropping one that another node has changed since it was read
 * is ERR_RETRY. */
enum err store_webhook_add(struct db *db, struct op *op, const struct webhook *webhook) MUST_CHECK;
enum err store_webhook_put(struct db *db, struct op *op, const struct webhook *webhook) MUST_CHECK;
enum err store_webhook_drop(struct db *db, struct op *op, const struct webhook *webhook) MUST_CHECK;

/* How its deliveries go, by the one who delivers; nobody has to look again for that. None of the above
 * touches it: what was read for a change may no longer be so. */
enum err store_webhook_health_put(struct db *db, struct op *op,
                                  const struct webhook *webhook) MUST_CHECK;

/* It counts from now on, since people let it go on; or that it will be paused has been said. */
enum err store_webhook_health_reset(struct db *db, struct op *op, int64_t id) MUST_CHECK;
enum err store_webhook_warned(struct db *db, struct op *op, int64_t id) MUST_CHECK;

/* The newest record of its workspace, or of its domain and the domains below; number 0: none exists. */
enum err store_webhook_newest_record(struct db *db, struct op *op, const struct webhook *webhook,
                                     struct str *ret_workspace, int64_t *ret_number) MUST_CHECK;

/* ---- positions ---- */

struct webhook_position {
    int64_t webhook_id, ordinal, seq;
};

struct webhook_positions {
    const struct webhook_position *items; /* by ordinal */
    size_t n;
};

/* Those of one webhook: it has none in chains that it does not listen to. */
enum err store_webhook_positions(struct db *db, struct op *op, int64_t webhook_id,
                                 struct webhook_positions *ret_positions) MUST_CHECK;
enum err store_webhook_position_put(struct db *db, struct op *op,
                                    const struct webhook_position *position) MUST_CHECK;

/* ---- who delivers ---- */

/* The number that grows with what the one who delivers has to look at; and raises it. Its row has the lease
 * too, so the one who delivers locks it before anything else. Who raises it must do so too: otherwise the two
 * would wait for each other. */
enum err store_webhook_revision(struct db *db, struct op *op, int64_t *ret_revision) MUST_CHECK;
enum err store_webhook_revise(struct db *db, struct op *op) MUST_CHECK;

/* Claims the lease until `until`, for one who knows nothing yet and reads everything then. ERR_BUSY while
 * another node has it. */
enum err store_webhook_claim(struct db *db, struct op *op, struct str owner,
                             int64_t until) MUST_CHECK;

/* Renews it, or with `until` 0 gives it back. ERR_BUSY once another node has had it, even if that has
 * given it back: what is known of before is no longer so. */
enum err store_webhook_renew(struct db *db, struct op *op, struct str owner,
                             int64_t until) MUST_CHECK;

#endif
