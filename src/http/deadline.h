/*
 * The deadlines of all connections, kept by one timer. Every connection is in the list of its state
 * (limits.h). All entries of a list have the same time-out and are appended in order of arrival, so
 * each list is sorted and its first entry expires next: entering and leaving cost a few pointers,
 * however many connections there are.
 */
#ifndef BZCTRL_HTTP_DEADLINE_H
#define BZCTRL_HTTP_DEADLINE_H

#include "http/limits.h"

#include <stdint.h>
#include <uv.h>

enum http_state {
#define STATE(name, milliseconds, rate) HTTP_##name,
    HTTP_STATES(STATE)
#undef STATE
        HTTP_CLOSED, /* in no list */
};

/* Embedded in a connection. */
struct deadline {
    struct deadline *previous, *next;
    int64_t at; /* uv_now() at which it expires */
    enum http_state state;
};

struct deadlines {
    struct deadline_list {
        struct deadline *first, *last;
    } lists[HTTP_CLOSED];
    int64_t periods[HTTP_CLOSED]; /* milliseconds; 0: no deadline */
    int64_t armed;                /* what the timer is set to */
    uv_timer_t timer;
    void (*expired)(struct deadline *entry);
};

/* Initialises it. `expired` is called for each entry whose time is over; it must move the entry
 * to another state, enter the same state again, or remove the entry. */
void deadlines_init(struct deadlines *deadlines, uv_loop_t *loop,
                    void (*expired)(struct deadline *entry));

/* Scales all time-outs to `percent` of the table. Call it only before the first entry, because
 * the lists would lose their order. */
void deadlines_scale(struct deadlines *deadlines, int percent);

/* Moves an entry to the end of a state's list, with that state's full time ahead. A new entry
 * starts as HTTP_CLOSED. */
void deadline_enter(struct deadlines *deadlines, struct deadline *entry, enum http_state state);

/* Removes it from its list; its state is then HTTP_CLOSED. */
void deadline_leave(struct deadlines *deadlines, struct deadline *entry);

/* The entry that has been in this state longest, or NULL. */
struct deadline *deadline_oldest(const struct deadlines *deadlines, enum http_state state);

/* The bytes that must move within one period of this state; 0 for a state without a rate. */
uint64_t deadline_bytes(const struct deadlines *deadlines, enum http_state state);

#endif
