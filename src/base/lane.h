/*
 * A lane: a fixed set of threads that take work from one bounded queue. The program has eight: the
 * write lane (exactly one thread, which takes all waiting jobs as one batch), the read lane, the
 * call, bulk, fetch, directory and hash lanes (api/dispatch.h), and the control lane
 * (daemon/control.h).
 * Threads that touch a database own one connection each.
 *
 * A job is embedded in the object it works for, which must stay in memory until `done` has run.
 * Between lane_submit() and `done` only the lane may touch it. `done` runs on the thread that
 * empties the mailbox, usually the network thread.
 */
#ifndef BZCTRL_BASE_LANE_H
#define BZCTRL_BASE_LANE_H

#include "base/err.h"
#include "base/metric.h"

#include <stdbool.h>
#include <stddef.h>

struct lane;
struct mailbox;

struct lane_job {
    struct lane_job *next;                           /* owned by the lane */
    void (*run)(struct lane_job *job, void *worker); /* on a thread of the lane */
    void (*done)(struct lane_job *job);              /* on the mailbox's thread */
    struct mailbox *mailbox;                         /* NULL: the lane's */
    int64_t submitted;                               /* clock_micros(); the lane's too */
};

struct lane_options {
    const char *name;       /* of its threads, at most 15 bytes */
    enum label_LANE metric; /* its metrics' label */
    unsigned threads;
    size_t queue_max; /* more jobs are refused with ERR_BUSY */
    size_t batch_max; /* most jobs that one thread takes at once; 1 unless run_batch is given */
    struct mailbox *mailbox;
    void *arg; /* for start */
    /* Makes what each thread owns (a connection); may be NULL, then workers are NULL. */
    enum err (*start)(void *arg, void **ret_worker);
    void (*stop)(void *worker);
    /* Runs a list of jobs, and those that lane_join() adds to it; NULL: each job's own `run`, one
     * after the other. */
    void (*run_batch)(struct lane *lane, void *worker, struct lane_job *first);
    /* Called when nothing is waiting, after each batch and then every `idle_ms`; may be NULL. The
     * write lane does its upkeep (checkpoints) here. */
    void (*idle)(void *worker);
    int idle_ms;
};

/* Starts the threads and waits until each is ready. Fails with what `start` answered, or
 * ERR_MEMORY. */
enum err lane_create(const struct lane_options *options, struct lane **ret_lane) MUST_CHECK;

/* Finishes what is queued, ends the threads, frees the lane. NULL-safe. */
void lane_destroy(struct lane *lane);

/* Hands a job over. ERR_BUSY when the queue is full: then nothing has happened. */
enum err lane_submit(struct lane *lane, struct lane_job *job) MUST_CHECK;

/* The same, and waits until the job has run; `done` runs on the calling thread. Never on the thread
 * that empties the lane's mailbox. ERR_BUSY as above; ERR_MEMORY. */
enum err lane_submit_wait(struct lane *lane, struct lane_job *job) MUST_CHECK;

/* For run_batch: takes at most `max` of the jobs that have been queued since and are `wanted`,
 * appends them to the list that ends with `last`, and returns the first of them; NULL: no such job,
 * or no lane. `wanted` must not wait. */
struct lane_job *lane_join(struct lane *lane, struct lane_job *last, size_t max,
                           bool (*wanted)(struct lane_job *job, void *arg), void *arg);

/* Waits until everything submitted so far has run, and `done` of each is in the mailbox. */
void lane_flush(struct lane *lane);

/*
 * The mailbox: where finished jobs come back. `wake` is called from a lane's thread when the
 * mailbox stops being empty (uv_async_send suits); the owner then calls mailbox_deliver().
 */
enum err mailbox_create(void (*wake)(void *arg), void *arg,
                        struct mailbox **ret_mailbox) MUST_CHECK;
void mailbox_destroy(struct mailbox *mailbox);

/* Runs `done` of every finished job, oldest first; returns how many there were. */
size_t mailbox_deliver(struct mailbox *mailbox);

/* Blocks until something is in the mailbox, for programs without a loop (sub-commands, tests). */
void mailbox_wait(struct mailbox *mailbox);

#endif
