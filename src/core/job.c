#include "core/job.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/random.h"

struct claim {
    struct change change;
    struct str kind;
    int64_t lease_ms;
    struct job job;
};

static enum err claim_apply(struct change *change, struct batch *batch)
{
    struct claim *claim = container_of(change, struct claim, change);
    struct op *op = change->op;
    batch_writes(batch, change);
    enum err err =
        store_job_claim(batch_db(batch), op, claim->kind, op->now + claim->lease_ms, &claim->job);
    if (err != ERR_NOT_FOUND)
        return err;
    claim->job = (struct job){0};
    return ERR_OK; /* nothing was written, so there is nothing to undo */
}

enum err core_job_claim(struct core *core, struct op *op, struct str kind, int64_t lease_ms,
                        struct job *ret_job)
{
    struct claim claim = {.change = {.op = op, .apart = core_is_shared(core), .apply = claim_apply},
                          .kind = kind,
                          .lease_ms = lease_ms};
    op->now = clock_now();
    enum err err = core_change_wait(core, &claim.change);
    if (err == ERR_OK && claim.job.id == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_job = claim.job;
    return err;
}

struct end {
    struct change change;
    const struct job *job;
    const struct job_schedule *schedule;
    enum err outcome;
    struct str reason;
    bool ours;
};

/* Four fifths to six fifths, so that jobs that failed together are not retried together. */
static int64_t jittered(int64_t wait_ms)
{
    return wait_ms - wait_ms / 5 + (int64_t)random_below((uint32_t)(wait_ms * 2 / 5 + 1));
}

static enum err end_write(const struct end *end, struct db *db, struct op *op)
{
    const struct job_schedule *schedule = end->schedule;
    if (end->outcome == ERR_OK)
        return store_job_put_off(db, op, end->job, op->now + schedule->period_ms, 0, STR_NONE);
    size_t retry = (size_t)end->job->attempts - 1;
    if (retry >= schedule->retry_count)
        retry = schedule->retry_count - 1;
    return store_job_put_off(db, op, end->job, op->now + jittered(schedule->retries_ms[retry]),
                             end->job->attempts, end->reason);
}

static enum err end_apply(struct change *change, struct batch *batch)
{
    struct end *end = container_of(change, struct end, change);
    batch_writes(batch, change);
    enum err err = end_write(end, batch_db(batch), change->op);
    end->ours = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err core_job_end(struct core *core, struct op *op, const struct job *job,
                      const struct job_schedule *schedule, enum err outcome, struct str reason)
{
    struct end end = {.change = {.op = op, .apart = core_is_shared(core), .apply = end_apply},
                      .job = job,
                      .schedule = schedule,
                      .outcome = outcome,
                      .reason = reason};
    op->now = clock_now();
    enum err err = core_change_wait(core, &end.change);
    return err == ERR_OK && !end.ours ? ERR_NOT_FOUND : err;
}
