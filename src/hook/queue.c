#include "hook/queue.h"

#include "base/random.h"

static struct queued queued_of(const struct delivery *delivery)
{
    return (struct queued){.id = delivery->id,
                           .attempts = delivery->attempts,
                           .due_at = delivery->due_at,
                           .test = delivery->ordinal == 0};
}

void queue_fill(struct hook_queue *queue, const struct delivery_list *deliveries)
{
    queue->n = deliveries->n < QUEUE_MAX ? deliveries->n : QUEUE_MAX;
    queue->more = deliveries->n >= QUEUE_MAX;
    for (size_t i = 0; i < queue->n; i++)
        queue->items[i] = queued_of(&deliveries->items[i]);
}

void queue_add(struct hook_queue *queue, int64_t id)
{
    queue->items[queue->n++] = (struct queued){.id = id};
}

/* The first that the others wait for; NULL: there is none. */
static const struct queued *front(const struct hook_queue *queue)
{
    size_t aside = 0;
    for (size_t i = 0; i < queue->n; i++) {
        const struct queued *each = &queue->items[i];
        if (!each->test && (each->attempts < QUEUE_IN_FRONT || ++aside > QUEUE_ASIDE_MAX))
            return each;
    }
    return NULL;
}

const struct queued *queue_next(const struct hook_queue *queue, bool paused, int64_t now,
                                int64_t *ret_due)
{
    const struct queued *first = front(queue);
    *ret_due = INT64_MAX;
    for (size_t i = 0; i < queue->n; i++) {
        const struct queued *each = &queue->items[i];
        bool may = each->test || (!paused && (each == first || each->attempts >= QUEUE_IN_FRONT));
        if (!may)
            continue;
        if (each->due_at <= now)
            return each;
        *ret_due = each->due_at < *ret_due ? each->due_at : *ret_due;
    }
    return NULL;
}

static struct queued *find(struct hook_queue *queue, int64_t id)
{
    for (size_t i = 0; i < queue->n; i++)
        if (queue->items[i].id == id)
            return &queue->items[i];
    return NULL;
}

bool queue_has(struct hook_queue *queue, int64_t id, int64_t attempts)
{
    const struct queued *one = find(queue, id);
    return one != NULL && one->attempts == attempts;
}

void queue_remove(struct hook_queue *queue, int64_t id)
{
    struct queued *one = find(queue, id);
    if (one == NULL)
        return;
    for (size_t i = (size_t)(one - queue->items) + 1; i < queue->n; i++)
        queue->items[i - 1] = queue->items[i];
    queue->n--;
}

void queue_again(struct hook_queue *queue, int64_t id, int64_t attempts, int64_t due_at)
{
    struct queued *one = find(queue, id);
    if (one == NULL)
        return;
    one->attempts = attempts;
    one->due_at = due_at;
}

bool queue_wants(const struct hook_queue *queue)
{
    return front(queue) == NULL && !queue->more && queue->n + QUEUE_AHEAD <= QUEUE_MAX;
}

bool queue_runs_out(const struct hook_queue *queue)
{
    return front(queue) == NULL && queue->more;
}

int64_t queue_wait(int64_t attempts, int64_t retry_after)
{
    static const int64_t minutes = 60 * INT64_C(1000), hours = 60 * minutes;
    const int64_t waits[] = {5 * INT64_C(1000), 5 * minutes, 30 * minutes, 2 * hours, 5 * hours,
                             10 * hours,        14 * hours,  20 * hours,   24 * hours};
    if (attempts > (int64_t)(sizeof waits / sizeof waits[0]))
        return -1;
    int64_t wait = waits[attempts - 1];
    if (retry_after > wait)
        wait = retry_after;
    /* A fifth more at most, and never less, so that a receiver's wish is kept. */
    return wait + (int64_t)random_below((uint32_t)(wait / 5));
}
