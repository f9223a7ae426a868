/*
 * The runner: one thread that finds due jobs, claims them one by one, and runs them. A table lists
 * the kinds. It asks for due jobs kind by kind, so that one with many of them, or one that fails,
 * does not delay the others.
 *
 * A server that stops waits for the attempt in progress. So an attempt that may take long looks at
 * its `stop`, and ends early; what it has not done is due again.
 */
#ifndef BZCTRL_JOBS_RUNNER_H
#define BZCTRL_JOBS_RUNNER_H

#include "core/job.h"

#include <stdatomic.h>

struct runner;

struct job_attempt {
    const struct job *job;
    void *arg; /* of runner_options */
    struct runner *runner;
    const atomic_bool *stop; /* true: end soon */
    /* When it is due again if it ends well: at first its schedule's period. 0: there is more to do,
     * and it is due once the other kinds have had a turn. */
    int64_t period_ms;
};

struct job_kind {
    struct str name; /* of its jobs in the table job */
    struct job_schedule schedule;
    int64_t lease_ms; /* longer than an attempt may take */
    /* One attempt. op->arena is emptied after it, and op->detail is the reason of a failure. A
     * finished job may run again: see core/job.h. */
    enum err (*run)(struct core *core, struct op *op, struct job_attempt *attempt);
};

/* The program's own kinds. */
extern const struct job_kind job_kinds[];
extern const size_t job_kind_count;

/* Waits; less long if the runner is to stop. */
void job_pause(const struct job_attempt *attempt, int64_t milliseconds);

struct runner_options {
    struct core *core;
    const struct job_kind *kinds;
    size_t kind_count;
    int poll_ms; /* how often it looks for due jobs */
    void *arg;   /* for its kinds; most need none */
};

/* Starts the thread; destroy it before the core closes. ERR_MEMORY, or an error of the store. */
enum err runner_create(const struct runner_options *options, struct op *op,
                       struct runner **ret_runner) MUST_CHECK;

/* Stops once the attempt in progress has ended. NULL-safe. */
void runner_destroy(struct runner *runner);

#endif
