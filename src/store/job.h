/*
 * Jobs as they are stored (sql/0006_job.sql). core/job.h explains their life.
 */
#ifndef BZCTRL_STORE_JOB_H
#define BZCTRL_STORE_JOB_H

#include "db/db.h"

struct job {
    int64_t id;
    struct str kind;
    int64_t attempts;            /* claims so far, this one included */
    int64_t due_at, lease_until; /* as the claim has left them */
};

/* When the first job of a kind is due that nobody works on; INT64_MAX: there is none. */
enum err store_job_next(struct db *db, struct op *op, struct str kind,
                        int64_t *ret_due_at) MUST_CHECK;

/* Claims the job of a kind that has been due longest. ERR_NOT_FOUND when none is due, or another
 * node was faster. */
enum err store_job_claim(struct db *db, struct op *op, struct str kind, int64_t lease_until,
                         struct job *ret_job) MUST_CHECK;

/* Has the job of a kind done as soon as possible: again, if it is at work now. */
enum err store_job_wake(struct db *db, struct op *op, struct str kind) MUST_CHECK;

/* Has it done at that time, if it would be later; at once after its end, if it is at work now and may have looked
 * for what is due before there was this. */
enum err store_job_hasten(struct db *db, struct op *op, struct str kind, int64_t due_at) MUST_CHECK;

/* Ends a claim: the job is due again at `due_at`, or at once if it was woken since the claim, with `attempts` set to what counts from now on.
 * `reason` says why it failed and may be absent. ERR_NOT_FOUND when its lease ran out and another
 * node has claimed it. */
enum err store_job_put_off(struct db *db, struct op *op, const struct job *job, int64_t due_at,
                           int64_t attempts, struct str reason) MUST_CHECK;

/* The next kind of which there are jobs, in the order of their names ("": the first). ERR_NOT_FOUND. */
enum err store_job_kind_after(struct db *db, struct op *op, struct str after,
                              struct str *ret_kind) MUST_CHECK;

/* How many jobs of a kind there are to do, each counted up to JOBS_COUNTED. */
enum { JOBS_COUNTED = 1000 };
struct job_queue {
    struct str kind;
    int64_t due;      /* jobs that are due */
    int64_t given_up; /* for good */
    int64_t due_at;   /* of the oldest that nobody works on; INT64_MAX: there is none */
};

struct job_queues {
    const struct job_queue *items;
    size_t n;
};

/* Of at most `max` kinds, in the order of their names: each costs a few looks by the index, however
 * many jobs there are. */
enum err store_job_queues(struct db *db, struct op *op, size_t max,
                          struct job_queues *ret_queues) MUST_CHECK;

#endif
