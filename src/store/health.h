/* What an administrator asks of the store: its schema, its jobs, and who else works with it. */
#ifndef BZCTRL_STORE_HEALTH_H
#define BZCTRL_STORE_HEALTH_H

#include "db/db.h"

/* The jobs of one kind (sql/0006), each number counted up to JOBS_COUNTED. */
struct job_kind_health {
    struct str kind;
    int64_t count, running, failing, dead; /* the last attempt failed; given up for good */
    int64_t next_at;                       /* when the next one is due */
    struct str reason;                     /* why one of them has failed; absent: none has */
};

/* A process that writes to the database, when several can (sql/0004). */
struct node_health {
    int64_t id, lease_until;
};

struct store_health {
    int64_t schema; /* the number of its newest step */
    const struct job_kind_health *jobs;
    size_t job_count;
    const struct node_health *nodes;
    size_t node_count;
};

enum err store_health_get(struct db *db, struct op *op, struct store_health *ret_health) MUST_CHECK;

#endif
