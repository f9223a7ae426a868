/*
 * Comments as they are stored (sql/0023). A comment is never deleted as a row: its text goes, and
 * the row stays as a tombstone.
 */
#ifndef BZCTRL_STORE_COMMENT_H
#define BZCTRL_STORE_COMMENT_H

#include "db/db.h"
#include "model/comment.h"

struct comment_list {
    const struct comment *items;
    size_t n;
};

enum err store_comment_add(struct db *db, struct op *op, const struct comment *comment) MUST_CHECK;

/* Replaces what can change of the comment with the same id, whose version is one less; ERR_RETRY when
 * another node has changed it since it was read. */
enum err store_comment_put(struct db *db, struct op *op, const struct comment *comment) MUST_CHECK;

/* One comment, of that record; or of any. ERR_NOT_FOUND. */
enum err store_comment_get(struct db *db, struct op *op, int64_t task_id, int64_t id,
                           struct comment *ret_comment) MUST_CHECK;
enum err store_comment_get_by_id(struct db *db, struct op *op, int64_t id,
                                 struct comment *ret_comment) MUST_CHECK;

/* A record's comments that are older than the one with the id `before`, newest first, at most
 * `limit`; internal ones only with `internal`. */
enum err store_comments_before(struct db *db, struct op *op, int64_t task_id, int64_t before,
                               bool internal, int64_t limit,
                               struct comment_list *ret_comments) MUST_CHECK;

/* Comments of all records with an id above `after`, in that order, at most `limit`. */
enum err store_comments_after(struct db *db, struct op *op, int64_t after, int64_t limit,
                              struct comment_list *ret_comments) MUST_CHECK;

#endif
