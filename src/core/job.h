/*
 * Jobs: work that is done again and again, by this node or another. The migrations write each one
 * down. A job is claimed for a while (the lease), done, and put off until it is due again; a node
 * that dies in between leaves it to be claimed again. So a job may be begun more than once, and what
 * it does must bear that.
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

/* Writes down how an attempt ended: with ERR_OK, or with an error, whose words are `reason`.
 * ERR_NOT_FOUND when the job is another node's by now, which is no fault. */
enum err core_job_end(struct core *core, struct op *op, const struct job *job,
                      const struct job_schedule *schedule, enum err outcome,
                      struct str reason) MUST_CHECK;

#endif
