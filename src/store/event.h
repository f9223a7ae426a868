/*
 * The history as it is stored: one chain of events per domain, appended to and never changed (but
 * for erasing a payload). sql/0002_task.sql explains the layout of the rows.
 *
 * A chain has a small ordinal, and an event's place in the table is its chain's ordinal and its
 * seq in one number, so that each chain grows at one end and is read in order. A record's own
 * events are a linked list through previous_seq, starting from task.last_seq; no index is needed.
 */
#ifndef BZCTRL_STORE_EVENT_H
#define BZCTRL_STORE_EVENT_H

#include "db/db.h"
#include "model/event.h"

/* The head of a domain's chain. */
struct chain {
    int64_t domain_id, ordinal;
    int64_t seq, at;    /* of the newest event; 0 while there is none */
    struct sha256 hash; /* of the newest event, or the genesis hash */
};

/* Locks a domain's head for this transaction and reads it; creates it, with the genesis hash, if
 * there is none. ERR_NOT_FOUND when there is no such domain. */
enum err store_chain_take(struct db *db, struct op *op, int64_t domain_id,
                          struct chain *ret_chain) MUST_CHECK;

/* Reads a domain's head without locking it. ERR_NOT_FOUND when the domain has no events. */
enum err store_chain_get(struct db *db, struct op *op, int64_t domain_id,
                         struct chain *ret_chain) MUST_CHECK;

/* The time of the newest event of all chains; 0: there is none. */
enum err store_chain_newest(struct db *db, struct op *op, int64_t *ret_at) MUST_CHECK;

/* Writes the head back; once per transaction, after its last event. */
enum err store_chain_save(struct db *db, struct op *op, const struct chain *chain) MUST_CHECK;

/* Appends a complete event (seq, at, salt, hashes set) to `chain`. */
enum err store_event_add(struct db *db, struct op *op, const struct chain *chain,
                         const struct event *event) MUST_CHECK;

struct event_list {
    const struct event *items;
    size_t n;
};

/* One event of a domain's chain. ERR_NOT_FOUND. */
enum err store_event_get(struct db *db, struct op *op, int64_t domain_id, int64_t seq,
                         struct event *ret_event) MUST_CHECK;

/* Events of a chain after seq `after`, oldest first, at most `limit`. */
enum err store_events_after(struct db *db, struct op *op, const struct chain *chain, int64_t after,
                            int64_t limit, struct event_list *ret_events) MUST_CHECK;

/* A record's events, newest first: from `seq` down its linked list, at most `limit`. */
enum err store_events_back(struct db *db, struct op *op, int64_t domain_id, int64_t seq,
                           int64_t limit, struct event_list *ret_events) MUST_CHECK;

/* The seq of a record's newest event up to `until`, from that of its newest, by their links alone; 0: its first one is
 * later. ERR_NOT_FOUND: an event on the way is missing, or its link leads forwards. */
enum err store_event_until(struct db *db, struct op *op, int64_t domain_id, int64_t last_seq,
                           int64_t until, int64_t *ret_seq) MUST_CHECK;

/* The seq of a record's first event, from that of its newest. ERR_NOT_FOUND. */
enum err store_event_first(struct db *db, struct op *op, int64_t domain_id, int64_t last_seq,
                           int64_t *ret_seq) MUST_CHECK;

#endif
