/*
 * What a webhook has to deliver, and when. Deliveries go out one at a time, in the order of their
 * events. One that fails is tried again after 5 s and after 5 min, and those after it wait for it,
 * since mostly the receiver is down. Then it steps aside, up to QUEUE_ASIDE_MAX of them, and is tried
 * again at longer and longer intervals while others go on: so an event that a receiver cannot bear
 * does not hold up the rest. Tests go before everything, also while the webhook is paused. Pure.
 */
#ifndef BZCTRL_HOOK_QUEUE_H
#define BZCTRL_HOOK_QUEUE_H

#include "store/webhook_delivery.h"

enum {
    QUEUE_MAX = 32,       /* in memory; what does not fit is read when there is room */
    QUEUE_AHEAD = 16,     /* events that are taken from the feed at a time */
    QUEUE_IN_FRONT = 3,   /* attempts before it steps aside */
    QUEUE_ASIDE_MAX = 10, /* at a time; then the others wait */
};

struct queued {
    int64_t id, attempts, due_at;
    bool test;
};

struct hook_queue {
    struct queued items[QUEUE_MAX]; /* tests first, then by id */
    size_t n;
    bool more; /* there are more in the store */
};

void queue_fill(struct hook_queue *queue, const struct delivery_list *deliveries);

/* Adds one after all others. There must be room. */
void queue_add(struct hook_queue *queue, int64_t id);

/* The next one to send, or NULL; then *ret_due is when to look again (INT64_MAX: not by time). */
const struct queued *queue_next(const struct hook_queue *queue, bool paused, int64_t now,
                                int64_t *ret_due);

/* Is it there, after so many attempts? Not if it has been asked for again, and the queue filled, since. */
bool queue_has(struct hook_queue *queue, int64_t id, int64_t attempts);

/* Takes one out that is done, or notes when it is due again. */
void queue_remove(struct hook_queue *queue, int64_t id);
void queue_again(struct hook_queue *queue, int64_t id, int64_t attempts, int64_t due_at);

/* May events be taken from the feed? Or should the store be read again, since nothing waits in memory
 * but what has stepped aside? */
bool queue_wants(const struct hook_queue *queue);
bool queue_runs_out(const struct hook_queue *queue);

/* How long to wait after so many attempts, in milliseconds, with jitter; at least what the receiver has
 * asked for (0: nothing). -1: it is given up. */
int64_t queue_wait(int64_t attempts, int64_t retry_after);

#endif
