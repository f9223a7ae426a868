/*
 * The newest requests not yet stored, in memory: a bounded number, each of bounded size. When it is
 * full, the oldest request of the account that has most is dropped, so that no account pushes out
 * the few requests of another. Belongs to one thread.
 */
#ifndef BZCTRL_CORE_REQUEST_RING_H
#define BZCTRL_CORE_REQUEST_RING_H

#include "base/buf.h"
#include "model/request.h"

enum {
    REQUEST_RING_MAX = 256,            /* requests */
    REQUEST_RING_TEXT_MAX = 16 * 1024, /* bytes of the texts of one */
};

/* A waiting request, with its texts. */
struct ring_entry {
    struct ring_entry *next; /* younger, of the same account */
    uint64_t order;          /* how many were put in before */
    struct logged_request request;
    struct buf texts;
};

struct request_ring {
    struct ring_account {
        int64_t id;
        size_t n;
        struct ring_entry *first, *last;
    } accounts[REQUEST_RING_MAX]; /* that have any */
    size_t account_count, n;
    uint64_t added; /* ever */
};

/* Starts zeroed. Frees what is left. */
void request_ring_finish(struct request_ring *ring);

/* Puts a copy in. One that is too large, or for which there is no memory, is dropped. */
void request_ring_add(struct request_ring *ring, const struct logged_request *request);

/* Removes all entries and returns them as a list, in order within each account. NULL if there
 * are none. */
struct ring_entry *request_ring_take(struct request_ring *ring) MUST_CHECK;

/* Frees a list. */
void ring_entries_free(struct ring_entry *first);

#endif
