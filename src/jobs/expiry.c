/* The jobs that drop what is kept for a time only, or is to be erased, and the table of all kinds.
 */
#include "core/expiry.h"
#include "base/clock.h"
#include "core/attachment.h"
#include "core/bulk_change.h"
#include "core/erasure.h"
#include "core/notification.h"
#include "core/webhook.h"
#include "db/db.h"
#include "jobs/runner.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

/* Bit by bit until nothing is left. */
static enum err drop_all(struct core *core, struct op *op, struct job_attempt *attempt,
                         enum err (*drop)(struct core *, struct op *, bool *))
{
    enum err err;
    bool more;
    do
        err = drop(core, op, &more);
    while (err == ERR_OK && more && !*attempt->stop);
    if (err == ERR_OK && more)
        attempt->period_ms = 0;
    return err;
}

static enum err token_expiry(struct core *core, struct op *op, struct job_attempt *attempt)
{
    return drop_all(core, op, attempt, core_tokens_drop);
}

static enum err key_expiry(struct core *core, struct op *op, struct job_attempt *attempt)
{
    return drop_all(core, op, attempt, core_keys_drop);
}

static enum err request_expiry(struct core *core, struct op *op, struct job_attempt *attempt)
{
    enum err err;
    int64_t account_id = 0;
    bool more;
    do
        err = core_requests_drop(core, op, &account_id, &more);
    while (err == ERR_OK && more && !*attempt->stop);
    if (err == ERR_OK && more)
        attempt->period_ms = 0;
    return err;
}

static enum err attachment_expiry(struct core *core, struct op *op, struct job_attempt *attempt)
{
    return drop_all(core, op, attempt, core_contents_drop);
}

static enum err bulk_change_expiry(struct core *core, struct op *op, struct job_attempt *attempt)
{
    return drop_all(core, op, attempt, core_bulk_changes_drop);
}

static enum err webhook_expiry(struct core *core, struct op *op, struct job_attempt *attempt)
{
    return drop_all(core, op, attempt, core_deliveries_drop);
}

static enum err notification_expiry(struct core *core, struct op *op, struct job_attempt *attempt)
{
    return drop_all(core, op, attempt, core_notifications_drop);
}

/* As far as it gets in a while that holds up no stop of the server; the rest after other jobs. */
static enum err person_erasure(struct core *core, struct op *op, struct job_attempt *attempt)
{
    int64_t until = clock_ticks() + 5 * SECOND;
    struct db *db;
    int64_t wait_ms = 0;
    enum err err = core_open_reader(core, op, &db);
    if (err != ERR_OK)
        return err;
    while (err == ERR_OK && wait_ms == 0 && clock_ticks() < until && !*attempt->stop) {
        struct arena_mark mark = arena_mark(op->arena);
        err = erasure_step(core, db, op, &wait_ms);
        arena_rewind(op->arena, mark);
    }
    db_close(db);
    if (wait_ms != ERASURE_NONE)
        attempt->period_ms = wait_ms;
    return err;
}

static const int64_t soon[] = {5 * SECOND, 30 * SECOND, 2 * MINUTE};

#define SOON .retries_ms = soon, .retry_count = sizeof soon / sizeof soon[0]

const struct job_kind job_kinds[] = {
    {STR_INIT("token expiry"), {.period_ms = MINUTE, SOON}, 5 * MINUTE, token_expiry},
    {STR_INIT("key expiry"), {.period_ms = MINUTE, SOON}, 5 * MINUTE, key_expiry},
    {STR_INIT("request expiry"), {.period_ms = MINUTE, SOON}, 5 * MINUTE, request_expiry},
    {STR_INIT("attachment expiry"), {.period_ms = MINUTE, SOON}, 5 * MINUTE, attachment_expiry},
    {STR_INIT("bulk change expiry"), {.period_ms = MINUTE, SOON}, 5 * MINUTE, bulk_change_expiry},
    {STR_INIT("webhook expiry"), {.period_ms = MINUTE, SOON}, 5 * MINUTE, webhook_expiry},
    {STR_INIT("notification expiry"), {.period_ms = MINUTE, SOON}, 5 * MINUTE, notification_expiry},
    {STR_INIT("person erasure"), {.period_ms = MINUTE, SOON}, MINUTE, person_erasure},
};

const size_t job_kind_count = sizeof job_kinds / sizeof job_kinds[0];
