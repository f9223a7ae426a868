/*
 * Adds, changes, pauses and removes webhooks, and what the one who delivers (src/hook) writes. Each is
 * one transaction and blocks until that is on stable storage. Every change of a webhook is an event
 * of administration in its domain's chain; deliveries are nobody's history.
 */
#ifndef BZCTRL_CORE_WEBHOOK_H
#define BZCTRL_CORE_WEBHOOK_H

#include "base/seal.h"
#include "core/change.h"
#include "store/webhook.h"
#include "store/webhook_delivery.h"

struct webhook_save {
    /* Set by the caller. */
    struct op *op;
    const struct directory *directory; /* by which it was judged */
    const struct webhook *before;      /* NULL: a new webhook */
    struct webhook webhook;            /* as it is to be; id, version and times are filled in */
    bool drops;                        /* it is to be removed */
    int64_t actor_id;

    struct change change;
};

/* ERR_OUTDATED when the directory or the webhook is another one by now: judge again. ERR_CONFLICT when
 * there are WEBHOOKS_MAX already, or WEBHOOKS_TREE_MAX. */
enum err core_webhook_save(struct core *core, struct webhook_save *save) MUST_CHECK;

/* Gives it a new secret, sealed; the text ("whsec_…") is for the caller alone. The one of before signs as
 * well until `old_until` (TIME_NONE: no longer). ERR_MEMORY. */
enum err webhook_secret_make(struct op *op, const struct seal_key *key, int64_t old_until,
                             struct webhook *webhook, struct str *ret_text) MUST_CHECK;

/* What people must hear of a webhook: that it will be paused in a day, since nothing gets through, and
 * that it is paused. This is the one place that says so: an event of administration, which names a
 * record, "undelivered": the one that waits longest; else the newest that was sent; else the newest of its
 * place. By it who answers for the webhook and who manages the domain are notified (follow/notify.c); in a
 * place without a record there is nothing yet that they could miss. */
enum webhook_notice { WEBHOOK_NOTICE_FAILING, WEBHOOK_NOTICE_PAUSED };
enum err webhook_tell(struct batch *batch, struct op *op, const struct directory *directory,
                      const struct webhook *webhook, enum webhook_notice notice) MUST_CHECK;

/* Pauses one, by what is `judged` in memory, for how its deliveries go; or because by `directory` its owner no
 * longer manages the domain: ERR_OUTDATED when that may not be so any more; and says that it will be paused
 * in a day. Nothing happens if it is paused, or said, already, or does not fail for as long any more. */
enum err core_webhook_pause(struct core *core, struct op *op, const struct webhook *judged,
                            enum webhook_pause pause) MUST_CHECK;
enum err core_webhook_orphan(struct core *core, struct op *op, const struct directory *directory,
                             const struct webhook *judged) MUST_CHECK;
enum err core_webhook_warn(struct core *core, struct op *op,
                           const struct webhook *judged) MUST_CHECK;

/* Has a test sent, which is about no record. ERR_THROTTLED with op->detail when DELIVERY_TESTS_MAX of the
 * last minute, or that wait, are there already: *ret_wait is in how many seconds there may be room. */
enum err core_webhook_test(struct core *core, struct op *op, int64_t webhook_id,
                           struct delivery *ret_delivery, int64_t *ret_wait) MUST_CHECK;

/* Has a delivery sent again, or (id 0) all since a time. *ret_n is how many. */
enum err core_deliveries_again(struct core *core, struct op *op, int64_t webhook_id, int64_t id,
                               int64_t since, size_t *ret_n) MUST_CHECK;

/* Drops a bounded number of what is kept no longer (store/webhook_delivery.h). */
enum err core_deliveries_drop(struct core *core, struct op *op, bool *ret_more) MUST_CHECK;

#endif
