/*
 * The runner: one thread that looks for jobs that are due, claims them one by one, and runs them.
 * What there is to run is a table of kinds; each kind is a queue of its own, and they take turns,
 * so that one that fails holds no other up.
 */
#ifndef BZCTRL_JOBS_RUNNER_H
#define BZCTRL_JOBS_RUNNER_H

#include "core/job.h"

struct job_kind {
    struct str name; /* of its jobs in the table job */
    struct job_schedule schedule;
    int64_t lease_ms; /* longer than an attempt may take */
    /* One attempt. op->arena is emptied after it, and op->detail is the reason of a failure. May
     * happen again although it was done: see core/job.h. */
    enum err (*run)(struct core *core, struct op *op, const struct job *job);
};

/* The program's own kinds. */
extern const struct job_kind job_kinds[];
extern const size_t job_kind_count;

struct runner;

struct runner_options {
    struct core *core;
    const struct job_kind *kinds;
    size_t kind_count;
    int poll_ms; /* how often it looks whether something is due */
};

/* Starts the thread. Ends before the core closes. ERR_MEMORY, or what the store answered. */
enum err runner_create(const struct runner_options *options, struct op *op,
                       struct runner **ret_runner) MUST_CHECK;

/* Ends after the attempt that is under way. NULL-safe. */
void runner_destroy(struct runner *runner);

#endif
