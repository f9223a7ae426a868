/*
 * The write lane's worker: takes all waiting changes as one batch, runs them in one transaction,
 * and commits once. change.h is what a change sees of it; this header is how the core sets it up.
 *
 * A batch forgets what it read when it ends, because another node may write before the next batch.
 * Within a batch nothing is read twice: counters and chain heads are kept in memory and written
 * back once.
 */
#ifndef BZCTRL_CORE_BATCH_H
#define BZCTRL_CORE_BATCH_H

#include "core/change.h"
#include "core/directory.h"
#include "core/node.h"

#include <stdatomic.h>

enum {
    BATCH_MAX = 1024,   /* changes in one transaction */
    HEADS_NOTED = 1024, /* a power of two */
};

struct writer {
    struct db *db;
    struct idempotency *idempotency;
    struct directory_place *directory;
    struct node node;
    int64_t renew_at;               /* clock_ticks() of its next renewal when idle */
    atomic_bool broken;             /* core_is_broken() */
    int64_t directory_version;      /* the version that the database is known to have */
    uint64_t serial;                /* of the last transaction */
    atomic_ullong batches, changes; /* committed so far */
    struct commit_watch *watches;   /* notified of each commit with events */
    struct arena arena;             /* of one batch */
    /* The heads of chains that this node wrote last, by domain; on a shared database only. */
    struct {
        int64_t domain_id, seq;
    } heads[HEADS_NOTED];
    struct {
        unsigned char bytes[64][EVENT_SALT_SIZE];
        size_t left;
    } salts; /* drawn many at a time */
};

/* For lane_options of the write lane; the worker is the struct writer. */
void writer_run(struct lane *lane, void *worker, struct lane_job *first);
void writer_idle(void *worker);

#endif
