/*
 * The reads for verifying the history (core/history.c), each bounded: how events, records and
 * counters are linked.
 */
#ifndef BZCTRL_STORE_HISTORY_H
#define BZCTRL_STORE_HISTORY_H

#include "store/event.h"

/* A chain's head and its newest stored event, read at one moment. */
struct chain_end {
    struct chain head;
    struct str domain_key;
    int64_t last_seq;
};

/* All chains. */
enum err store_chain_ends(struct db *db, struct op *op, const struct chain_end **ret_ends,
                          size_t *ret_n) MUST_CHECK;

/* The row number of the first event outside any chain; 0 if there is none. */
enum err store_event_orphan(struct db *db, struct op *op, int64_t *ret_place) MUST_CHECK;

/* What the history must say about a record. */
struct history_record {
    int64_t id, number, last_seq;
    int64_t domain_id; /* of its workspace */
    struct str workspace_key;
    int64_t last_task_id; /* of the event at last_seq; 0: that event is missing */
    bool miscounted;      /* its counts differ from the comments and attachments that it has */
};

/* Is it a key of the record, the one that it has, or one that it had before it was moved? */
enum err store_record_has_key(struct db *db, struct op *op, const struct history_record *record,
                              struct str key, bool *ret_has) MUST_CHECK;

/* One record without the last two members. ERR_NOT_FOUND. */
enum err store_record_get(struct db *db, struct op *op, int64_t task_id,
                          struct history_record *ret_record) MUST_CHECK;

/* Records with an id above `after`, in that order, at most `limit`. */
enum err store_records_after(struct db *db, struct op *op, int64_t after, int64_t limit,
                             const struct history_record **ret_records, size_t *ret_n) MUST_CHECK;

/* The newest event of each record with an id above `after` and up to `last`, in the order of ids. */
enum err store_events_newest(struct db *db, struct op *op, int64_t after, int64_t last,
                             struct event_list *ret_events) MUST_CHECK;

/* The address of an account; absent when there is none. */
enum err store_account_email(struct db *db, struct op *op, int64_t id,
                             struct str *ret_email) MUST_CHECK;

/* A workspace's counter and the greatest number that a record has or had there. */
struct workspace_counter {
    int64_t workspace_id, number, greatest;
    struct str workspace_key;
};

enum err store_counters(struct db *db, struct op *op, const struct workspace_counter **ret_counters,
                        size_t *ret_n) MUST_CHECK;

/* Numbers used in a workspace, by its records and by those that were moved away, above `after`, in order, at most `limit`. */
enum err store_numbers_after(struct db *db, struct op *op, int64_t workspace_id, int64_t after,
                             int64_t limit, const int64_t **ret_numbers, size_t *ret_n) MUST_CHECK;

#endif
