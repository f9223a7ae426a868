/*
 * What the chains say of a stand-up's records: events of part of a chain, `after` exclusive and
 * `last` inclusive, in order.
 */
#ifndef BZCTRL_STORE_MEETING_HISTORY_H
#define BZCTRL_STORE_MEETING_HISTORY_H

#include "model/meeting_session.h"
#include "store/event.h"

/* How many records were created there, by workspace. */
struct meeting_created {
    int64_t workspace_id, count;
};
enum err store_meeting_created_count(struct db *db, struct op *op, const struct chain *chain,
                                     int64_t after, int64_t last,
                                     const struct meeting_created **ret_created,
                                     size_t *ret_n) MUST_CHECK;

/* Those records, the newest first: created by an event up to `last`, at most `limit`. */
struct meeting_creation {
    int64_t seq;
    struct meeting_record record;
};
enum err store_meeting_created_back(struct db *db, struct op *op, const struct chain *chain,
                                    int64_t after, int64_t last, int64_t limit,
                                    struct meeting_creation *items, size_t *ret_n) MUST_CHECK;

/* A change of a record that was there before. */
struct meeting_change {
    int64_t seq, at, actor_id;
    struct str action, payload; /* the payload is absent once it is erased */
    struct meeting_record record;
};
struct meeting_changes {
    const struct meeting_change *items;
    size_t n;
};

/* With `due`, only those that close a record or change its due date. */
enum err store_meeting_changes_after(struct db *db, struct op *op, const struct chain *chain,
                                     int64_t after, int64_t last, bool due, int64_t limit,
                                     struct meeting_changes *ret_changes) MUST_CHECK;

/* The newest event of a chain that is not later than `time`: its seq; 0: none. */
enum err store_meeting_seq_at(struct db *db, struct op *op, const struct chain *chain, int64_t time,
                              int64_t *ret_seq) MUST_CHECK;

/* What a stand-up shows of a record as it is now. ERR_NOT_FOUND. */
struct meeting_status {
    struct meeting_record record;
    int64_t status, cents; /* cents: CENTS_NONE */
    int64_t assignee_id;
    int32_t due_date; /* DATE_NONE */
};
enum err store_meeting_status(struct db *db, struct op *op, int64_t task_id,
                              struct meeting_status *ret_status) MUST_CHECK;

#endif
