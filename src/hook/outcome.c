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

/* Can an erasure find an address in it? */
static bool may_name(struct str answer)
{
    return str_find(answer, '@') < answer.n || str_find(answer, '\\') < answer.n;
}

/* If an erasure has changed the request since it was sent, the answer may still repeat what that said. */
static enum err answer_judge(struct db *db, struct op *op, const struct hook_outcome *outcome)
{
    struct arena_mark mark = arena_mark(op->arena);
    struct delivery now;
    enum err err = store_delivery_by_id(db, op, outcome->delivery.id, &now);
    if (err == ERR_OK) {
        struct sha256 stored = sha256(now.request);
        if (!sha256_eq(&stored, &outcome->sent))
            err = store_delivery_texts_put(db, op, now.id, now.request, STR_NONE, now.error);
    }
    arena_rewind(op->arena, mark);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
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
        if (err == ERR_OK && may_name(outcome->delivery.answer))
            err = answer_judge(db, op, outcome);
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
