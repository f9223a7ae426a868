/*
 * GET /metrics: what the process has counted (base/metric.def), and what it looks at every few seconds
 * (core/vitals.h). A page is made from memory alone, so it comes also while the database does not
 * answer; bzctrl_last_sample_timestamp_seconds says how old the rest is.
 */
#ifndef BZCTRL_API_METRICS_H
#define BZCTRL_API_METRICS_H

#include "base/arena.h"
#include "core/vitals.h"

struct api;
struct http_request;
struct networks;

enum { METRICS_PERIOD_MS = 5000 };

/* Belongs to the network thread. */
struct metrics {
    const struct networks *allowed;
    int64_t started_at;
    struct core *core;
    struct core_read read;
    struct op op;
    struct arena arenas[2]; /* of the newest vital signs, and of the next */
    unsigned newest;        /* of the two */
    struct vitals vitals;   /* their `at` is 0: none yet */
    struct vitals next;
    bool reading;
    int64_t due; /* clock_ticks() */
};

/* May be called with zeroed memory; finish after the core's lanes have ended. */
void metrics_finish(struct metrics *metrics);

/* Looks at the vital signs again if it is time. */
void metrics_look(struct metrics *metrics, struct core *core);

/* Counts an answer. */
void metrics_answered(const struct http_request *request, int status);

/* How long the job that is due longest has been so at the last look, in milliseconds, and its kind;
 * 0: none is, or nothing is known yet. */
int64_t metrics_queue_age(const struct metrics *metrics, struct str *ret_kind);

#endif
