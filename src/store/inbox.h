/* What people have answered to the records in their inboxes, as it is stored (sql/0030). */
#ifndef BZCTRL_STORE_INBOX_H
#define BZCTRL_STORE_INBOX_H

#include "db/db.h"
#include "model/comment.h"
#include "model/inbox.h"
#include "store/task.h"

struct inbox_marks {
    const struct inbox_mark *items; /* ordered by task_id */
    size_t n;
};

/* All that count now: what was put off until before op->now does not. */
enum err store_inbox_marks(struct db *db, struct op *op, int64_t account_id,
                           struct inbox_marks *ret_marks) MUST_CHECK;

/* The records that such marks answer, with an id above `after`, in that order, at most `limit`: of
 * each only what an inbox looks at. */
enum err store_inbox_answered(struct db *db, struct op *op, int64_t account_id, int64_t after,
                              int64_t limit, struct task_list *ret_tasks) MUST_CHECK;

/* How many there are of other records than this one. */
enum err store_inbox_mark_count(struct db *db, struct op *op, int64_t account_id, int64_t task_id,
                                int64_t *ret_count) MUST_CHECK;

/* In place of the one that was there; or none. */
enum err store_inbox_mark_put(struct db *db, struct op *op, int64_t account_id,
                              const struct inbox_mark *mark) MUST_CHECK;
enum err store_inbox_mark_drop(struct db *db, struct op *op, int64_t account_id,
                               int64_t task_id) MUST_CHECK;

/* The unanswered mentions of a person, ordered by task_id: the newest one of each record, of the
 * newest INBOX_MENTIONS_MAX. */
struct inbox_mentions {
    struct inbox_mention *items;
    size_t n;
};
enum err store_inbox_mentions(struct db *db, struct op *op, int64_t account_id,
                              struct inbox_mentions *ret_mentions) MUST_CHECK;

/* The person has answered those on a record, up to a comment; or takes that answer back, which a record that
 * is put off has not got. */
enum err store_mentions_answer(struct db *db, struct op *op, int64_t account_id, int64_t task_id,
                               int64_t comment_id) MUST_CHECK;
enum err store_mentions_reopen(struct db *db, struct op *op, int64_t account_id,
                               int64_t task_id) MUST_CHECK;

/* Keeps the mentions of a comment as it is now; what is answered stays so. */
enum err store_mentions_put(struct db *db, struct op *op, const struct comment *comment) MUST_CHECK;

/* Everybody's of a record that is closed: closed records are in no inbox. All of a person, mentions too. */
enum err store_inbox_marks_drop(struct db *db, struct op *op, int64_t task_id) MUST_CHECK;
enum err store_inbox_erase(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

#endif
