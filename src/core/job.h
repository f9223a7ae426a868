/*
 * Jobs: work recorded in the transaction that causes it and done later, by this node or another. A
 * node claims a job for a time (the lease), does it, and records its end; if the node dies in
 * between, the job is claimed again. So a job may be started more than once and must tolerate that;
 * its changes to the database are made once, in the transaction that records its end.
 *
 * These wait for the write lane, so they are for the threads of src/jobs.
 */
#ifndef BZCTRL_CORE_JOB_H
#define BZCTRL_CORE_JOB_H

#include "core/change.h"
#include "store/job.h"

/* How a kind of job is repeated. */
struct job_schedule {
    int64_t period_ms;         /* of a recurring job; 0: the job is deleted once done */
    const int64_t *retries_ms; /* waits before the second, third, … attempt */
    size_t retry_count;        /* a recurring job keeps using the last, others are given up */
};

/* Records a job in the transaction of the change that causes it; sets job->id. */
enum err batch_job_add(struct batch *batch, struct op *op, struct job *job) MUST_CHECK;

/* Claims a job that is due, for `lease_ms`. ERR_NOT_FOUND when there is none. */
enum err core_job_claim(struct core *core, struct op *op, struct str kind, int64_t lease_ms,
                        struct job *ret_job) MUST_CHECK;

/* Records how an attempt ended: with ERR_OK, or with an error described by `reason`.
 * ERR_NOT_FOUND when another node has since claimed the job, which is not an error. */
enum err core_job_end(struct core *core, struct op *op, const struct job *job,
                      const struct job_schedule *schedule, enum err outcome,
                      struct str reason) MUST_CHECK;

#endif
