#include "hook/outcome.h"

#include "base/container.h"
#include "model/date.h"

struct outcome_change {
    struct change change;
    const struct outcomes *outcomes;
};

/* A test says nothing of how events get through. */
static enum err health_write(struct db *db, struct op *op, const struct hook_outcome *outcome)
{
    struct webhook webhook;
    enum err err = store_webhook_get(db, op, outcome->delivery.webhook_id, &webhook);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    if (outcome->succeeded) {
        webhook.succeeded_at = outcome->delivery.sent_at;
        webhook.failing_since = TIME_NONE;
        webhook.warned = false;
    } else if (webhook.failing_since == TIME_NONE)
        webhook.failing_since = outcome->delivery.sent_at;
    return store_webhook_health_put(db, op, &webhook);
}

static enum err outcomes_apply(struct change *change, struct batch *batch)
{
    const struct outcomes *all = container_of(change, struct outcome_change, change)->outcomes;
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    enum err err = ERR_OK;
    batch_writes(batch, change);
    if (all->owner.p != NULL)
        err = all->claims ? store_webhook_claim(db, op, all->owner, all->lease_until)
                          : store_webhook_renew(db, op, all->owner, all->lease_until);
    for (size_t i = 0; i < all->n && err == ERR_OK; i++) {
        const struct hook_outcome *outcome = &all->items[i];
        err = store_delivery_end(db, op, &outcome->delivery);
        if (err == ERR_OK && outcome->touches)
            err = health_write(db, op, outcome);
    }
    for (size_t i = 0; i < all->added_count && err == ERR_OK; i++)
        err = store_delivery_add(db, op, &all->added[i]);
    for (size_t i = 0; i < all->position_count && err == ERR_OK; i++)
        err = store_webhook_position_put(db, op, &all->positions[i]);
    return err;
}

enum err outcomes_write(struct core *core, struct op *op, const struct outcomes *outcomes)
{
    struct outcome_change write = {.change = {.op = op, .apart = true, .apply = outcomes_apply},
                                   .outcomes = outcomes};
    return core_change_wait(core, &write.change);
}
