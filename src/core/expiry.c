#include "core/expiry.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/id.h"
#include "core/change.h"
#include "core/idempotency.h"
#include "store/person.h"
#include "store/request.h"
#include "store/token.h"

/* What one change does to the log of requests at most. */
enum { REQUESTS_AT_ONCE = 1000, ACCOUNTS_AT_ONCE = 16 };

struct drop {
    struct change change;
    int64_t after, visited; /* of the log of requests: accounts up to this id are done */
    bool more;
};

static enum err tokens_apply(struct change *change, struct batch *batch)
{
    struct drop *drop = container_of(change, struct drop, change);
    batch_writes(batch, change);
    enum err err = store_tokens_drop(batch_db(batch), change->op, change->op->now, &drop->more);
    return err == ERR_OK ? store_password_resets_drop(batch_db(batch), change->op, change->op->now)
                         : err;
}

static enum err keys_apply(struct change *change, struct batch *batch)
{
    struct drop *drop = container_of(change, struct drop, change);
    batch_writes(batch, change);
    return idempotency_drop(batch, change->op, &drop->more);
}

/* May run more than once, so it reports what it has visited only at the end. */
static enum err requests_apply(struct change *change, struct batch *batch)
{
    struct drop *drop = container_of(change, struct drop, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    int64_t account_id = drop->after;
    size_t dropped, sum = 0;
    batch_writes(batch, change);
    enum err err = store_requests_drop(
        db, op, id_at(op->now - REQUESTS_KEPT_DAYS * INT64_C(86400000)), REQUESTS_AT_ONCE, &sum);
    for (int i = 0; i < ACCOUNTS_AT_ONCE && err == ERR_OK && sum < REQUESTS_AT_ONCE; i++) {
        int64_t next;
        err = store_request_account(db, op, account_id, &next);
        if (err != ERR_OK)
            return err;
        if (next == 0) {
            drop->more = false;
            return ERR_OK;
        }
        int64_t left = REQUESTS_AT_ONCE - (int64_t)sum;
        err = store_account_requests_drop(db, op, next, REQUESTS_KEPT, left, &dropped);
        sum += err == ERR_OK ? dropped : 0;
        if (err == ERR_OK && (int64_t)dropped < left)
            account_id = next; /* it has no more than may be kept */
    }
    drop->visited = account_id;
    drop->more = true;
    return err;
}

static enum err drop_run(struct core *core, struct op *op, change_apply_fn *apply, bool *ret_more)
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

enum err core_requests_drop(struct core *core, struct op *op, int64_t *account_id, bool *ret_more)
{
    struct drop drop = {.change = {.op = op, .apply = requests_apply}, .after = *account_id};
    op->now = clock_now();
    enum err err = core_change_wait(core, &drop.change);
    if (err == ERR_OK) {
        *account_id = drop.visited;
        *ret_more = drop.more;
    }
    return err;
}
