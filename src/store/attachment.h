/*
 * Attachments as they are stored (sql/0024), and the contents with their bytes. A content comes and
 * goes in pieces: until an attachment has it, and once none has it any more, it is due to be
 * dropped.
 */
#ifndef BZCTRL_STORE_ATTACHMENT_H
#define BZCTRL_STORE_ATTACHMENT_H

#include "db/db.h"
#include "model/attachment.h"

enum { CONTENT_CHUNK = 64 * 1024 }; /* bytes in a row: a piece of an answer (api/stream.h) */

/* ---- contents ---- */

/* Begins a content that is dropped at `drop_at` unless it is kept before; and adds chunk `n`. */
enum err store_content_add(struct db *db, struct op *op, int64_t id, int64_t size,
                           const struct sha256 *sha256, int64_t drop_at) MUST_CHECK;
enum err store_chunk_add(struct db *db, struct op *op, int64_t content_id, int64_t n,
                         struct str bytes) MUST_CHECK;

/* An attachment has it from now on. ERR_NOT_FOUND when it is being dropped already. */
enum err store_content_keep(struct db *db, struct op *op, int64_t id) MUST_CHECK;

/* Has it dropped, unless an attachment still has it. */
enum err store_content_let_go(struct db *db, struct op *op, int64_t id, int64_t now) MUST_CHECK;

/* Drops at most `limit` chunks of what is due; reports whether there may be more. */
enum err store_contents_drop(struct db *db, struct op *op, int64_t now, int64_t limit,
                             bool *ret_more) MUST_CHECK;

/* The bytes of a chunk; absent when it is not there. */
enum err store_chunk_get(struct db *db, struct op *op, int64_t content_id, int64_t n,
                         struct str *ret_bytes) MUST_CHECK;

/* ---- attachments ---- */

struct attachment_list {
    const struct attachment *items;
    size_t n;
};

enum err store_attachment_add(struct db *db, struct op *op,
                              const struct attachment *attachment) MUST_CHECK;

/* Stores that it is deleted: deleted_at and last_seq; its bytes are not its own any more. */
enum err store_attachment_delete(struct db *db, struct op *op,
                                 const struct attachment *attachment) MUST_CHECK;
enum err store_attachment_rename(struct db *db, struct op *op, int64_t id,
                                 struct str name) MUST_CHECK;

/* One attachment, of that record, deleted or not; or of any record. ERR_NOT_FOUND. */
enum err store_attachment_get(struct db *db, struct op *op, int64_t task_id, int64_t id,
                              struct attachment *ret_attachment) MUST_CHECK;
enum err store_attachment_get_by_id(struct db *db, struct op *op, int64_t id,
                                    struct attachment *ret_attachment) MUST_CHECK;

/* What the record has with these very bytes, the one with that name first. ERR_NOT_FOUND. */
enum err store_attachment_find(struct db *db, struct op *op, int64_t task_id,
                               const struct sha256 *sha256, struct str name,
                               struct attachment *ret_attachment) MUST_CHECK;

/* A record's attachments that are not deleted and older than the one with the id `before`, newest
 * first, at most `limit`. */
enum err store_attachments_before(struct db *db, struct op *op, int64_t task_id, int64_t before,
                                  int64_t limit, struct attachment_list *ret_list) MUST_CHECK;

/* Attachments of all records with an id above `after`, in that order, at most `limit`. */
enum err store_attachments_after(struct db *db, struct op *op, int64_t after, int64_t limit,
                                 struct attachment_list *ret_list) MUST_CHECK;

#endif
