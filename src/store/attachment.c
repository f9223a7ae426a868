#include "store/attachment.h"

#include <string.h>

/* ---- contents ---- */

enum err store_content_add(struct db *db, struct op *op, int64_t id, int64_t size,
                           const struct sha256 *sha256, int64_t drop_at)
{
    return db_run(
        db, op, "INSERT INTO content (id, size, sha256, drop_at) VALUES ($1, $2, $3, $4)",
        DB_ARGS(db_i64(id), db_i64(size), db_blob(sha256->bytes, SHA256_SIZE), db_i64(drop_at)));
}

enum err store_chunk_add(struct db *db, struct op *op, int64_t content_id, int64_t n,
                         struct str bytes)
{
    return db_run(db, op, "INSERT INTO content_chunk (content_id, n, bytes) VALUES ($1, $2, $3)",
                  DB_ARGS(db_i64(content_id), db_i64(n), db_blob(bytes.p, bytes.n)));
}

enum err store_content_keep(struct db *db, struct op *op, int64_t id)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "UPDATE content SET drop_at = NULL WHERE id = $1"
                            " AND (drop_at IS NULL OR drop_at > $2) RETURNING id",
                            DB_ARGS(db_i64(id), db_i64(op->now)), &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_NOT_FOUND : err;
}

enum err store_content_let_go(struct db *db, struct op *op, int64_t id, int64_t now)
{
    return db_run(db, op,
                  "UPDATE content SET drop_at = $2 WHERE id = $1 AND NOT EXISTS"
                  " (SELECT 1 FROM attachment WHERE content_id = $1)",
                  DB_ARGS(db_i64(id), db_i64(now)));
}

/* The content that has been due for longest; 0 when there is none. */
static enum err content_due(struct db *db, struct op *op, int64_t now, int64_t *ret_id)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT id FROM content WHERE drop_at IS NOT NULL AND drop_at <= $1"
                            " ORDER BY drop_at LIMIT 1",
                            DB_ARGS(db_i64(now)), &rows);
    if (err == ERR_OK)
        *ret_id = rows.n == 0 ? 0 : db_get_i64(&rows, 0, 0);
    return err;
}

/* An attachment may be about to keep it, on another node: the first to write the row has it, whatever
 * the clock of the other one says. */
enum err store_contents_drop(struct db *db, struct op *op, int64_t now, int64_t limit,
                             bool *ret_more)
{
    struct db_rows rows;
    int64_t id = 0;
    enum err err = content_due(db, op, now, &id);
    *ret_more = id != 0;
    if (err == ERR_OK && id != 0)
        err = db_query(db, op,
                       "UPDATE content SET drop_at = 0 WHERE id = $1 AND drop_at <= $2"
                       " RETURNING id",
                       DB_ARGS(db_i64(id), db_i64(now)), &rows);
    if (err != ERR_OK || id == 0 || rows.n == 0)
        return err;
    err = db_query(db, op,
                   "DELETE FROM content_chunk WHERE content_id = $1 AND n >= (SELECT MAX(n)"
                   " FROM content_chunk WHERE content_id = $1) - $2 RETURNING n",
                   DB_ARGS(db_i64(id), db_i64(limit - 1)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = db_run(db, op, "DELETE FROM content WHERE id = $1", DB_ARGS(db_i64(id)));
    return err;
}

enum err store_chunk_get(struct db *db, struct op *op, int64_t content_id, int64_t n,
                         struct str *ret_bytes)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT bytes FROM content_chunk WHERE content_id = $1 AND n = $2",
                 DB_ARGS(db_i64(content_id), db_i64(n)), &rows);
    if (err == ERR_OK)
        *ret_bytes = rows.n == 0 ? STR_NONE : db_get_str(&rows, 0, 0);
    return err;
}

/* ---- attachments ---- */

#define COLUMNS                                                                                    \
    "id, task_id, seq, last_seq, author_id, created_at, deleted_at, content_id, size, sha256,"     \
    " image, type, name"

static enum err rows_read(struct op *op, const struct db_rows *rows,
                          struct attachment_list *ret_list)
{
    struct attachment *items = ARENA_ARRAY(op->arena, struct attachment, rows->n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++) {
        struct str sha256 = db_get_str(rows, i, 9);
        items[i] = (struct attachment){
            .id = db_get_i64(rows, i, 0),
            .task_id = db_get_i64(rows, i, 1),
            .seq = db_get_i64(rows, i, 2),
            .last_seq = db_get_i64(rows, i, 3),
            .author_id = db_get_i64(rows, i, 4),
            .created_at = db_get_i64(rows, i, 5),
            .deleted_at = db_is_null(rows, i, 6) ? TIME_NONE : db_get_i64(rows, i, 6),
            .content_id = db_get_i64(rows, i, 7),
            .size = db_get_i64(rows, i, 8),
            .image = db_get_i64(rows, i, 10) != 0,
            .type = db_get_str(rows, i, 11),
            .name = db_get_str(rows, i, 12),
        };
        if (sha256.n != SHA256_SIZE)
            return op_fail(op, ERR_CORRUPT, "the hash of attachment %lld is damaged",
                           (long long)items[i].id);
        memcpy(items[i].sha256.bytes, sha256.p, SHA256_SIZE);
    }
    *ret_list = (struct attachment_list){items, rows->n};
    return ERR_OK;
}

/* The one that a query found. */
static enum err row_read(struct op *op, enum err err, const struct db_rows *rows,
                         struct attachment *ret_attachment)
{
    struct attachment_list found;
    if (err == ERR_OK)
        err = rows_read(op, rows, &found);
    if (err != ERR_OK)
        return err;
    if (found.n == 0)
        return ERR_NOT_FOUND;
    *ret_attachment = found.items[0];
    return ERR_OK;
}

enum err store_attachment_add(struct db *db, struct op *op, const struct attachment *a)
{
    return db_run(db, op,
                  "INSERT INTO attachment (" COLUMNS
                  ") VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8, $9, $10, $11, $12)",
                  DB_ARGS(db_i64(a->id), db_i64(a->task_id), db_i64(a->seq), db_i64(a->last_seq),
                          db_i64(a->author_id), db_i64(a->created_at), db_i64(a->content_id),
                          db_i64(a->size), db_blob(a->sha256.bytes, SHA256_SIZE), db_i64(a->image),
                          db_text(a->type), db_text(a->name)));
}

enum err store_attachment_delete(struct db *db, struct op *op, const struct attachment *attachment)
{
    return db_run(db, op,
                  "UPDATE attachment SET last_seq = $2, deleted_at = $3, content_id = NULL"
                  " WHERE id = $1",
                  DB_ARGS(db_i64(attachment->id), db_i64(attachment->last_seq),
                          db_i64(attachment->deleted_at)));
}

enum err store_attachment_rename(struct db *db, struct op *op, int64_t id, struct str name)
{
    return db_run(db, op, "UPDATE attachment SET name = $2 WHERE id = $1",
                  DB_ARGS(db_i64(id), db_text(name)));
}

enum err store_attachment_get(struct db *db, struct op *op, int64_t task_id, int64_t id,
                              struct attachment *ret_attachment)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT " COLUMNS " FROM attachment WHERE id = $1 AND task_id = $2",
                 DB_ARGS(db_i64(id), db_i64(task_id)), &rows);
    return row_read(op, err, &rows, ret_attachment);
}

enum err store_attachment_get_by_id(struct db *db, struct op *op, int64_t id,
                                    struct attachment *ret_attachment)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT " COLUMNS " FROM attachment WHERE id = $1",
                            DB_ARGS(db_i64(id)), &rows);
    return row_read(op, err, &rows, ret_attachment);
}

enum err store_attachment_find(struct db *db, struct op *op, int64_t task_id,
                               const struct sha256 *sha256, struct str name,
                               struct attachment *ret_attachment)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT " COLUMNS " FROM attachment WHERE task_id = $1 AND sha256 = $2"
        " AND deleted_at IS NULL ORDER BY CASE WHEN name = $3 THEN 0 ELSE 1 END, id LIMIT 1",
        DB_ARGS(db_i64(task_id), db_blob(sha256->bytes, SHA256_SIZE), db_text(name)), &rows);
    return row_read(op, err, &rows, ret_attachment);
}

enum err store_attachments_before(struct db *db, struct op *op, int64_t task_id, int64_t before,
                                  int64_t limit, struct attachment_list *ret_list)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT " COLUMNS " FROM attachment WHERE task_id = $1 AND id < $2"
                            " AND deleted_at IS NULL ORDER BY id DESC LIMIT $3",
                            DB_ARGS(db_i64(task_id), db_i64(before), db_i64(limit)), &rows);
    return err == ERR_OK ? rows_read(op, &rows, ret_list) : err;
}

enum err store_attachments_after(struct db *db, struct op *op, int64_t after, int64_t limit,
                                 struct attachment_list *ret_list)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT " COLUMNS " FROM attachment WHERE id > $1 ORDER BY id LIMIT $2",
                 DB_ARGS(db_i64(after), db_i64(limit)), &rows);
    return err == ERR_OK ? rows_read(op, &rows, ret_list) : err;
}
