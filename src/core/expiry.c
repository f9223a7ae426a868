#include "core/expiry.h"

#include "base/clock.h"
#include "core/change.h"
#include "core/idempotency.h"
#include "store/token.h"

struct drop {
    struct change change;
    bool more;
};

static enum err tokens_apply(struct change *change, struct batch *batch)
{
    struct drop *drop = (struct drop *)(void *)change;
    batch_writes(batch, change);
    return store_tokens_drop(batch_db(batch), change->op, change->op->now, &drop->more);
}

static enum err keys_apply(struct change *change, struct batch *batch)
{
    struct drop *drop = (struct drop *)(void *)change;
    batch_writes(batch, change);
    return idempotency_drop(batch, change->op, &drop->more);
}

static enum err drop_run(struct core *core, struct op *op,
                         enum err (*apply)(struct change *, struct batch *), bool *ret_more)
{
    struct drop drop = {.change = {.op = op, .apply = apply}};
    op->now = clock_now();
    enum err err = core_change_wait(core, &drop.change);
    if (err == ERR_OK)
        *ret_more = drop.more;
    return err;
}

enum err core_tokens_drop(struct core *core, struct op *op, bool *ret_more)
{
    return drop_run(core, op, tokens_apply, ret_more);
}

enum err core_keys_drop(struct core *core, struct op *op, bool *ret_more)
{
    return drop_run(core, op, keys_apply, ret_more);
}
