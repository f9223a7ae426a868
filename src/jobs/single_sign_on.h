/*
 * Confirms sessions that single sign-on has begun: a few times a day the provider is asked again who
 * that is and which groups they are in. Whoever is refused there loses the session, and roles change
 * with the groups. While the provider does not answer, sessions go on for a time.
 */
#ifndef BZCTRL_JOBS_SINGLE_SIGN_ON_H
#define BZCTRL_JOBS_SINGLE_SIGN_ON_H

#include "jobs/runner.h"

struct provider;

struct single_sign_on {
    struct provider *provider; /* NULL: there is none any more, so sessions end when they are due */
    int64_t check_ms;          /* from one confirmation to the next */
    int64_t grace_ms;          /* after the last one, while the provider does not answer */
};

/* The one kind of job for a runner of its own, so that a slow provider holds up nothing else; the
 * runner's `arg` is a struct single_sign_on. */
extern const struct job_kind single_sign_on_job;

#endif
