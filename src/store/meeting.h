/* Stand-ups as they are stored (sql/0032). */
#ifndef BZCTRL_STORE_MEETING_H
#define BZCTRL_STORE_MEETING_H

#include "db/db.h"
#include "model/meeting_session.h"

/* ---- series ---- */

/* ERR_NOT_FOUND. */
enum err store_meeting_get(struct db *db, struct op *op, int64_t id,
                           struct meeting *ret_meeting) MUST_CHECK;

struct meeting_list {
    struct meeting *items;
    size_t n;
};

/* Those older than the one with the id `before` (0: all), newest first, at most `limit`; with
 * `archived` also the archived ones. */
enum err store_meetings_before(struct db *db, struct op *op, int64_t before, int64_t limit,
                               bool archived, struct meeting_list *ret_meetings) MUST_CHECK;

/* How many of a domain are not archived. */
enum err store_meeting_count(struct db *db, struct op *op, int64_t domain_id,
                             int64_t *ret_count) MUST_CHECK;

enum err store_meeting_add(struct db *db, struct op *op, const struct meeting *meeting) MUST_CHECK;

/* Replaces the one with the same id, whose version is one less; ERR_RETRY when another node has
 * changed it since it was read. */
enum err store_meeting_put(struct db *db, struct op *op, const struct meeting *meeting) MUST_CHECK;

/* ---- sessions ---- */

/* ERR_NOT_FOUND. */
enum err store_meeting_session_get(struct db *db, struct op *op, int64_t id,
                                   struct meeting_session *ret_session) MUST_CHECK;

/* The newest of a series. ERR_NOT_FOUND when it has none. */
enum err store_meeting_session_newest(struct db *db, struct op *op, int64_t meeting_id,
                                      struct meeting_session *ret_session) MUST_CHECK;

struct meeting_session_list {
    struct meeting_session *items;
    size_t n;
};

/* Of a series, without since and minutes: older than the one with the id `before` (0: all), newest
 * first, at most `limit`. */
enum err store_meeting_sessions_before(struct db *db, struct op *op, int64_t meeting_id,
                                       int64_t before, int64_t limit,
                                       struct meeting_session_list *ret_sessions) MUST_CHECK;

enum err store_meeting_session_add(struct db *db, struct op *op,
                                   const struct meeting_session *session) MUST_CHECK;

/* As store_meeting_put(). */
enum err store_meeting_session_put(struct db *db, struct op *op,
                                   const struct meeting_session *session) MUST_CHECK;

/* From four columns of a row: the record's id, its workspace, number and title. */
struct meeting_record meeting_record_of(const struct db_rows *rows, size_t row, size_t column);

/* All that a running session has in other rows; and of a closed one the ranges. */
enum err store_meeting_session_parts(struct db *db, struct op *op, int64_t session_id,
                                     struct meeting_parts *ret_parts) MUST_CHECK;

/* Deletes them when it is closed, but for the ranges and what is parked. */
enum err store_meeting_session_parts_drop(struct db *db, struct op *op,
                                          int64_t session_id) MUST_CHECK;

/* Deletes a session that runs; what is parked goes over to the session before, if there is one
 * (`previous_id` not 0). */
enum err store_meeting_session_discard(struct db *db, struct op *op, int64_t session_id,
                                       int64_t previous_id) MUST_CHECK;

enum err store_meeting_range_add(struct db *db, struct op *op, int64_t session_id,
                                 const struct meeting_range *range) MUST_CHECK;
enum err store_meeting_range_end(struct db *db, struct op *op, int64_t session_id,
                                 const struct meeting_range *range) MUST_CHECK;

enum err store_meeting_item_add(struct db *db, struct op *op, int64_t session_id, int64_t place,
                                int64_t task_id, enum meeting_reason reason) MUST_CHECK;
/* Adds to the time for which a record was talked about. */
enum err store_meeting_item_spend(struct db *db, struct op *op, int64_t session_id, int64_t task_id,
                                  int64_t ms) MUST_CHECK;

/* Does nothing if it is so already. */
enum err store_meeting_guest_add(struct db *db, struct op *op, int64_t session_id,
                                 const struct meeting_guest *guest) MUST_CHECK;
enum err store_meeting_guest_drop(struct db *db, struct op *op, int64_t session_id,
                                  int64_t account_id) MUST_CHECK;

enum err store_meeting_note_add(struct db *db, struct op *op, int64_t session_id,
                                const struct meeting_note *note) MUST_CHECK;
enum err store_meeting_note_put(struct db *db, struct op *op,
                                const struct meeting_note *note) MUST_CHECK;
enum err store_meeting_note_drop(struct db *db, struct op *op, int64_t id) MUST_CHECK;

/* What is parked in one session goes over to another. */
enum err store_meeting_notes_move(struct db *db, struct op *op, int64_t from,
                                  int64_t to) MUST_CHECK;

/* A note by its id alone, for an erasure. ERR_NOT_FOUND. */
enum err store_meeting_note_get(struct db *db, struct op *op, int64_t id,
                                struct meeting_note *ret_note) MUST_CHECK;

/* The records of a workspace whose closing awaits a second person: at most `limit` of them, and how
 * many there are. */
enum err store_meeting_proposed(struct db *db, struct op *op, int64_t workspace_id, int64_t limit,
                                struct meeting_record *items, size_t *ret_n,
                                int64_t *ret_count) MUST_CHECK;

#endif
