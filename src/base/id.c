#include "base/id.h"

#include "base/clock.h"

#include <stdatomic.h>

/* 2020-01-01T00:00:00Z */
static const int64_t EPOCH = 1577836800000;

enum { NODE_BITS = 10, COUNTER_BITS = 12 };

/* The last identifier without its node bits: milliseconds, then counter. */
static _Atomic int64_t last;
static _Atomic unsigned node_number;

int64_t id_next(void)
{
    int64_t now = clock_now();
    int64_t floor = now < EPOCH ? 0 : (now - EPOCH) << COUNTER_BITS;
    int64_t before = atomic_load(&last);
    int64_t next;
    do
        next = before >= floor ? before + 1 : floor;
    while (!atomic_compare_exchange_weak(&last, &before, next));

    int64_t millis = next >> COUNTER_BITS, counter = next & ((1 << COUNTER_BITS) - 1);
    return millis << (NODE_BITS + COUNTER_BITS) | (int64_t)node_number << COUNTER_BITS | counter;
}

void id_seen(int64_t id)
{
    if (id < 0)
        return;
    int64_t millis = id >> (NODE_BITS + COUNTER_BITS), counter = id & ((1 << COUNTER_BITS) - 1);
    int64_t node = id >> COUNTER_BITS & ((1 << NODE_BITS) - 1), own = node_number;
    int64_t seen = millis << COUNTER_BITS;
    if (node == own)
        seen |= counter;
    else if (node > own) /* of this millisecond ours would all be smaller */
        seen |= (1 << COUNTER_BITS) - 1;
    int64_t before = atomic_load(&last);
    while (before < seen && !atomic_compare_exchange_weak(&last, &before, seen))
        ;
}

int64_t id_time(int64_t id)
{
    return (id >> (NODE_BITS + COUNTER_BITS)) + EPOCH;
}

int64_t id_at(int64_t time)
{
    static const int64_t LAST = INT64_MAX >> (NODE_BITS + COUNTER_BITS);
    int64_t millis = time < EPOCH ? 0 : time - EPOCH;
    return (millis > LAST ? LAST : millis) << (NODE_BITS + COUNTER_BITS);
}

void id_set_node(unsigned node)
{
    node_number = node & ((1U << NODE_BITS) - 1);
}
