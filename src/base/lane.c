#include "base/lane.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

struct queue {
    struct lane_job *first, **last;
    size_t n;
};

struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct queue queue;
    void (*wake)(void *arg);
    void *arg;
};

struct lane {
    struct lane_options options;
    pthread_mutex_t lock;
    pthread_cond_t work;    /* something is queued, or the lane ends */
    pthread_cond_t settled; /* a thread has started, or has nothing to do */
    struct queue queue;
    unsigned started, running, busy;
    enum err start_err;
    bool ending;
    pthread_t threads[];
};

static void queue_init(struct queue *queue)
{
    *queue = (struct queue){.last = &queue->first};
}

static void queue_push(struct queue *queue, struct lane_job *job)
{
    job->next = NULL;
    *queue->last = job;
    queue->last = &job->next;
    queue->n++;
}

/* Takes up to `max` jobs as a list that ends with NULL. */
static struct lane_job *queue_take(struct queue *queue, size_t max)
{
    struct lane_job *first = queue->first, **end = &queue->first;
    for (; max > 0 && *end != NULL; max--) {
        end = &(*end)->next;
        queue->n--;
    }
    queue->first = *end;
    *end = NULL;
    if (queue->first == NULL)
        queue->last = &queue->first;
    if (end == &queue->first)
        return NULL;
    return first;
}

enum err mailbox_create(void (*wake)(void *arg), void *arg, struct mailbox **ret_mailbox)
{
    struct mailbox *mailbox = calloc(1, sizeof *mailbox);
    if (mailbox == NULL)
        return ERR_MEMORY;
    pthread_mutex_init(&mailbox->lock, NULL);
    pthread_cond_init(&mailbox->filled, NULL);
    queue_init(&mailbox->queue);
    mailbox->wake = wake;
    mailbox->arg = arg;
    *ret_mailbox = mailbox;
    return ERR_OK;
}

void mailbox_destroy(struct mailbox *mailbox)
{
    if (mailbox == NULL)
        return;
    pthread_cond_destroy(&mailbox->filled);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

static void mailbox_post(struct mailbox *mailbox, struct lane_job *list)
{
    pthread_mutex_lock(&mailbox->lock);
    bool was_empty = mailbox->queue.first == NULL;
    while (list != NULL) {
        struct lane_job *job = list;
        list = job->next;
        queue_push(&mailbox->queue, job);
    }
    pthread_cond_signal(&mailbox->filled);
    /* Under the lock, so that the owner cannot destroy the mailbox between the two. */
    if (was_empty && mailbox->wake != NULL)
        mailbox->wake(mailbox->arg);
    pthread_mutex_unlock(&mailbox->lock);
}

size_t mailbox_deliver(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    struct lane_job *list = queue_take(&mailbox->queue, mailbox->queue.n);
    pthread_mutex_unlock(&mailbox->lock);
    size_t count = 0;
    while (list != NULL) {
        struct lane_job *job = list;
        list = job->next;
        job->done(job);
        count++;
    }
    return count;
}

void mailbox_wait(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    while (mailbox->queue.first == NULL)
        pthread_cond_wait(&mailbox->filled, &mailbox->lock);
    pthread_mutex_unlock(&mailbox->lock);
}

/* Posts each job to its own mailbox or, most of them in one go, to the lane's. */
static void lane_post(const struct lane_options *options, struct lane_job *list)
{
    struct queue usual;
    queue_init(&usual);
    while (list != NULL) {
        struct lane_job *job = list;
        list = job->next;
        if (job->mailbox == NULL) {
            queue_push(&usual, job);
        } else {
            job->next = NULL;
            mailbox_post(job->mailbox, job);
        }
    }
    if (usual.first != NULL)
        mailbox_post(options->mailbox, usual.first);
}

/* A thread of the lane has taken these. */
static void count_taken(const struct lane *lane, const struct lane_job *first)
{
    int64_t now = clock_micros(), n = 0;
    for (const struct lane_job *job = first; job != NULL; job = job->next, n++)
        metric_observe(METRIC_LANE_WAIT, lane->options.metric, now - job->submitted);
    metric_add(METRIC_LANE_WAITING, lane->options.metric, 0, -n);
    metric_add(METRIC_LANE_RUNNING, lane->options.metric, 0, n);
}

/* They have run, with those that lane_join() has added. */
static void count_run(const struct lane *lane, const struct lane_job *first)
{
    int64_t n = 0;
    for (const struct lane_job *job = first; job != NULL; job = job->next)
        n++;
    metric_add(METRIC_LANE_RUNNING, lane->options.metric, 0, -n);
}

static void run_each(struct lane *lane, void *worker, struct lane_job *first)
{
    (void)lane;
    for (struct lane_job *job = first; job != NULL; job = job->next)
        job->run(job, worker);
}

/* Waits for work and calls `idle` while waiting. Returns NULL when the lane ends and all is done.
 * Called and returns with the lock held. */
static struct lane_job *lane_next(struct lane *lane, void *worker)
{
    const struct lane_options *o = &lane->options;
    while (lane->queue.first == NULL && !lane->ending) {
        if (o->idle == NULL) {
            pthread_cond_wait(&lane->work, &lane->lock);
            continue;
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += o->idle_ms / 1000;
        until.tv_nsec += (long)(o->idle_ms % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        if (pthread_cond_timedwait(&lane->work, &lane->lock, &until) == ETIMEDOUT &&
            lane->queue.first == NULL) {
            pthread_mutex_unlock(&lane->lock);
            o->idle(worker);
            pthread_mutex_lock(&lane->lock);
        }
    }
    return queue_take(&lane->queue, o->batch_max);
}

static void *lane_thread(void *arg)
{
    struct lane *lane = arg;
    const struct lane_options *o = &lane->options;
    void *worker = NULL;
    enum err err = o->start == NULL ? ERR_OK : o->start(o->arg, &worker);

    pthread_mutex_lock(&lane->lock);
    lane->started++;
    if (err != ERR_OK)
        lane->start_err = err;
    pthread_cond_broadcast(&lane->settled);
    struct lane_job *list;
    while (err == ERR_OK && (list = lane_next(lane, worker)) != NULL) {
        lane->busy++;
        pthread_mutex_unlock(&lane->lock);
        count_taken(lane, list);
        o->run_batch(lane, worker, list);
        count_run(lane, list);
        lane_post(o, list);
        pthread_mutex_lock(&lane->lock);
        lane->busy--;
        if (lane->queue.first == NULL && lane->busy == 0)
            pthread_cond_broadcast(&lane->settled);
        if (lane->queue.first == NULL && o->idle != NULL && !lane->ending) {
            pthread_mutex_unlock(&lane->lock);
            o->idle(worker);
            pthread_mutex_lock(&lane->lock);
        }
    }
    pthread_mutex_unlock(&lane->lock);
    if (err == ERR_OK && o->stop != NULL)
        o->stop(worker);
    return NULL;
}

enum err lane_create(const struct lane_options *options, struct lane **ret_lane)
{
    struct lane *lane = calloc(1, sizeof *lane + options->threads * sizeof lane->threads[0]);
    if (lane == NULL)
        return ERR_MEMORY;
    lane->options = *options;
    if (lane->options.run_batch == NULL) {
        lane->options.run_batch = run_each;
        lane->options.batch_max = 1;
    }
    pthread_mutex_init(&lane->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&lane->work, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_cond_init(&lane->settled, NULL);
    queue_init(&lane->queue);

    /* Signals belong to the thread that has the loop. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (lane->running < options->threads &&
           pthread_create(&lane->threads[lane->running], NULL, lane_thread, lane) == 0)
        pthread_setname_np(lane->threads[lane->running++], options->name);
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    pthread_mutex_lock(&lane->lock);
    while (lane->started < lane->running)
        pthread_cond_wait(&lane->settled, &lane->lock);
    enum err err = lane->running < options->threads ? ERR_MEMORY : lane->start_err;
    pthread_mutex_unlock(&lane->lock);
    if (err != ERR_OK) {
        lane_destroy(lane);
        return err;
    }
    *ret_lane = lane;
    return ERR_OK;
}

void lane_destroy(struct lane *lane)
{
    if (lane == NULL)
        return;
    pthread_mutex_lock(&lane->lock);
    lane->ending = true;
    pthread_cond_broadcast(&lane->work);
    pthread_mutex_unlock(&lane->lock);
    for (unsigned i = 0; i < lane->running; i++)
        pthread_join(lane->threads[i], NULL);
    pthread_cond_destroy(&lane->settled);
    pthread_cond_destroy(&lane->work);
    pthread_mutex_destroy(&lane->lock);
    free(lane);
}

enum err lane_submit(struct lane *lane, struct lane_job *job)
{
    pthread_mutex_lock(&lane->lock);
    bool full = lane->queue.n >= lane->options.queue_max;
    if (!full) {
        job->submitted = clock_micros();
        metric_add(METRIC_LANE_WAITING, lane->options.metric, 0, 1);
        queue_push(&lane->queue, job);
        pthread_cond_signal(&lane->work);
    }
    pthread_mutex_unlock(&lane->lock);
    if (full)
        metric_add(METRIC_LANE_REFUSED, lane->options.metric, 0, 1);
    return full ? ERR_BUSY : ERR_OK;
}

enum err lane_submit_wait(struct lane *lane, struct lane_job *job)
{
    enum err err = mailbox_create(NULL, NULL, &job->mailbox);
    if (err != ERR_OK)
        return err;
    struct mailbox *mailbox = job->mailbox;
    err = lane_submit(lane, job);
    if (err == ERR_OK) {
        mailbox_wait(mailbox);
        mailbox_deliver(mailbox);
    }
    mailbox_destroy(mailbox);
    return err;
}

struct lane_job *lane_join(struct lane *lane, struct lane_job *last, size_t max,
                           bool (*wanted)(struct lane_job *job, void *arg), void *arg)
{
    if (lane == NULL)
        return NULL;
    struct queue joined, left;
    queue_init(&joined);
    queue_init(&left);
    pthread_mutex_lock(&lane->lock);
    for (struct lane_job *job = lane->queue.first, *next; job != NULL; job = next) {
        next = job->next;
        queue_push(joined.n < max && wanted(job, arg) ? &joined : &left, job);
    }
    lane->queue = left;
    if (left.first == NULL)
        lane->queue.last = &lane->queue.first;
    pthread_mutex_unlock(&lane->lock);
    count_taken(lane, joined.first);
    last->next = joined.first;
    return joined.first;
}

void lane_flush(struct lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    while (lane->queue.first != NULL || lane->busy > 0)
        pthread_cond_wait(&lane->settled, &lane->lock);
    pthread_mutex_unlock(&lane->lock);
}
