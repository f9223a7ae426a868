/*
 * Jobs: recurring work, done by this node or another. The migrations insert a row for each. A node
 * claims a job for a time (the lease), does it, and puts it off until it is due again; if the node
 * dies in between, the job is claimed again. So a job may be started more than once and must
 * tolerate that.
 *
 * These wait for the write lane, so they are for the threads of src/jobs.
 */
#ifndef BZCTRL_CORE_JOB_H
#define BZCTRL_CORE_JOB_H

#include "core/change.h"
#include "store/job.h"

/* How a kind of job is repeated. */
struct job_schedule {
    int64_t period_ms;         /* from the end of a good run to the next */
    const int64_t *retries_ms; /* waits before the second, third, … attempt */
    size_t retry_count;        /* after so many the last one counts */
};

/* Claims a job that is due, for `lease_ms`. ERR_NOT_FOUND when there is none. */
enum err core_job_claim(struct core *core, struct op *op, struct str kind, int64_t lease_ms,
                        struct job *ret_job) MUST_CHECK;

/* Records how an attempt ended: with ERR_OK, or with an error described by `reason`.
 * ERR_NOT_FOUND when another node has since claimed the job, which is not an error. */
enum err core_job_end(struct core *core, struct op *op, const struct job *job,
                      const struct job_schedule *schedule, enum err outcome,
                      struct str reason) MUST_CHECK;

#endif
