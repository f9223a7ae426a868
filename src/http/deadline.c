#include "http/deadline.h"

static const struct state_limits {
    int64_t milliseconds;
    int64_t rate;
} state_limits[HTTP_CLOSED] = {
#define STATE(name, milliseconds, rate) [HTTP_##name] = {milliseconds, rate},
    HTTP_STATES(STATE)
#undef STATE
};

static void timer_fired(uv_timer_t *timer);

static int64_t loop_now(const struct deadlines *deadlines)
{
    return (int64_t)uv_now(deadlines->timer.loop);
}

static void arm(struct deadlines *deadlines, int64_t at)
{
    int64_t wait = at - loop_now(deadlines);
    deadlines->armed = at;
    /* Fails only on a timer that is being closed; then nothing is to be watched any more. */
    (void)uv_timer_start(&deadlines->timer, timer_fired, wait > 0 ? (uint64_t)wait : 0, 0);
}

static void timer_fired(uv_timer_t *timer)
{
    struct deadlines *deadlines = timer->data;
    int64_t now = loop_now(deadlines);
    int64_t next = INT64_MAX;

    /* What is armed while entries move would be too early or just right: look again at the end. */
    deadlines->armed = INT64_MIN;
    for (size_t i = 0; i < HTTP_CLOSED; i++) {
        struct deadline_list *list = &deadlines->lists[i];
        if (deadlines->periods[i] == 0)
            continue;
        while (list->first != NULL && list->first->at <= now)
            deadlines->expired(list->first);
    }
    for (size_t i = 0; i < HTTP_CLOSED; i++) {
        const struct deadline *first = deadlines->lists[i].first;
        if (deadlines->periods[i] > 0 && first != NULL && first->at < next)
            next = first->at;
    }
    deadlines->armed = INT64_MAX;
    if (next < INT64_MAX)
        arm(deadlines, next);
}

void deadlines_init(struct deadlines *deadlines, uv_loop_t *loop,
                    void (*expired)(struct deadline *entry))
{
    *deadlines = (struct deadlines){.armed = INT64_MAX, .expired = expired};
    (void)uv_timer_init(loop, &deadlines->timer); /* cannot fail */
    deadlines->timer.data = deadlines;
    deadlines_scale(deadlines, 100);
}

void deadlines_scale(struct deadlines *deadlines, int percent)
{
    for (size_t i = 0; i < HTTP_CLOSED; i++) {
        int64_t period = state_limits[i].milliseconds * percent / 100;
        deadlines->periods[i] = state_limits[i].milliseconds > 0 && period == 0 ? 1 : period;
    }
}

void deadline_leave(struct deadlines *deadlines, struct deadline *entry)
{
    if (entry->state == HTTP_CLOSED)
        return;
    struct deadline_list *list = &deadlines->lists[entry->state];
    *(entry->previous != NULL ? &entry->previous->next : &list->first) = entry->next;
    *(entry->next != NULL ? &entry->next->previous : &list->last) = entry->previous;
    entry->previous = entry->next = NULL;
    entry->state = HTTP_CLOSED;
}

void deadline_enter(struct deadlines *deadlines, struct deadline *entry, enum http_state state)
{
    deadline_leave(deadlines, entry);
    struct deadline_list *list = &deadlines->lists[state];
    entry->state = state;
    entry->at = loop_now(deadlines) + deadlines->periods[state];
    entry->previous = list->last;
    *(list->last != NULL ? &list->last->next : &list->first) = entry;
    list->last = entry;
    if (deadlines->periods[state] > 0 && entry->at < deadlines->armed)
        arm(deadlines, entry->at);
}

struct deadline *deadline_oldest(const struct deadlines *deadlines, enum http_state state)
{
    return deadlines->lists[state].first;
}

uint64_t deadline_bytes(const struct deadlines *deadlines, enum http_state state)
{
    return (uint64_t)(state_limits[state].rate * deadlines->periods[state] / 1000);
}
