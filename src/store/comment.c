#include "store/comment.h"

#include "store/list.h"
#include "store/time.h"

#define COLUMNS                                                                                    \
    "id, task_id, seq, last_seq, version, author_id, created_at, edited_at, deleted_at, internal," \
    " mentions, text"

static enum err mentions_write(struct op *op, struct id_array mentions, struct str *ret_text)
{
    struct str *texts = ARENA_ARRAY(op->arena, struct str, mentions.n);
    if (texts == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < mentions.n; i++) {
        texts[i] = arena_printf(op->arena, "%lld", (long long)mentions.items[i]);
        if (texts[i].p == NULL)
            return ERR_MEMORY;
    }
    return list_write(op, (struct str_list){texts, mentions.n}, ret_text);
}

static enum err mentions_read(struct op *op, struct str text, struct id_array *ret_mentions)
{
    struct str_list texts;
    enum err err = list_read(op, text, &texts);
    if (err != ERR_OK)
        return err;
    int64_t *ids = ARENA_ARRAY(op->arena, int64_t, texts.n);
    if (ids == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < texts.n; i++) {
        uint64_t id;
        if (!str_to_u64(texts.items[i], INT64_MAX, &id))
            return op_fail(op, ERR_CORRUPT, "a comment mentions what is not an account");
        ids[i] = (int64_t)id;
    }
    *ret_mentions = (struct id_array){ids, texts.n};
    return ERR_OK;
}

static enum err rows_read(struct op *op, const struct db_rows *rows,
                          struct comment_list *ret_comments)
{
    struct comment *comments = ARENA_ARRAY(op->arena, struct comment, rows->n);
    if (comments == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++) {
        comments[i] = (struct comment){
            .id = db_get_i64(rows, i, 0),
            .task_id = db_get_i64(rows, i, 1),
            .seq = db_get_i64(rows, i, 2),
            .last_seq = db_get_i64(rows, i, 3),
            .version = db_get_i64(rows, i, 4),
            .author_id = db_get_i64(rows, i, 5),
            .created_at = db_get_i64(rows, i, 6),
            .edited_at = time_or_none(rows, i, 7),
            .deleted_at = time_or_none(rows, i, 8),
            .internal = db_get_i64(rows, i, 9) != 0,
            .text = db_get_str(rows, i, 11),
        };
        enum err err = mentions_read(op, db_get_str(rows, i, 10), &comments[i].mentions);
        if (err != ERR_OK)
            return err;
    }
    *ret_comments = (struct comment_list){comments, rows->n};
    return ERR_OK;
}

enum err store_comment_add(struct db *db, struct op *op, const struct comment *comment)
{
    struct str mentions;
    enum err err = mentions_write(op, comment->mentions, &mentions);
    if (err != ERR_OK)
        return err;
    return db_run(db, op,
                  "INSERT INTO comment (" COLUMNS
                  ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                  DB_ARGS(db_i64(comment->id), db_i64(comment->task_id), db_i64(comment->seq),
                          db_i64(comment->last_seq), db_i64(comment->version),
                          db_i64(comment->author_id), db_i64(comment->created_at),
                          time_or_null(comment->edited_at), time_or_null(comment->deleted_at),
                          db_i64(comment->internal), db_text(mentions), db_text(comment->text)));
}

enum err store_comment_put(struct db *db, struct op *op, const struct comment *comment)
{
    struct str mentions;
    struct db_rows rows;
    enum err err = mentions_write(op, comment->mentions, &mentions);
    if (err == ERR_OK)
        err = db_query(
            db, op,
            "UPDATE comment SET last_seq = $2, version = $3, edited_at = $4, deleted_at = $5,"
            " mentions = $6, text = $7 WHERE id = $1 AND version = $3 - 1 RETURNING id",
            DB_ARGS(db_i64(comment->id), db_i64(comment->last_seq), db_i64(comment->version),
                    time_or_null(comment->edited_at), time_or_null(comment->deleted_at),
                    db_text(mentions), db_text(comment->text)),
            &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_RETRY : err;
}

/* The one that a query found. */
static enum err row_read(struct op *op, enum err err, const struct db_rows *rows,
                         struct comment *ret_comment)
{
    struct comment_list found;
    if (err == ERR_OK)
        err = rows_read(op, rows, &found);
    if (err != ERR_OK)
        return err;
    if (found.n == 0)
        return ERR_NOT_FOUND;
    *ret_comment = found.items[0];
    return ERR_OK;
}

enum err store_comment_get(struct db *db, struct op *op, int64_t task_id, int64_t id,
                           struct comment *ret_comment)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT " COLUMNS " FROM comment WHERE id = $1 AND task_id = $2",
                 DB_ARGS(db_i64(id), db_i64(task_id)), &rows);
    return row_read(op, err, &rows, ret_comment);
}

enum err store_comment_get_by_id(struct db *db, struct op *op, int64_t id,
                                 struct comment *ret_comment)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT " COLUMNS " FROM comment WHERE id = $1",
                            DB_ARGS(db_i64(id)), &rows);
    return row_read(op, err, &rows, ret_comment);
}

enum err store_comments_before(struct db *db, struct op *op, int64_t task_id, int64_t before,
                               bool internal, int64_t limit, struct comment_list *ret_comments)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT " COLUMNS " FROM comment WHERE task_id = $1 AND id < $2"
                 " AND internal <= $3 ORDER BY id DESC LIMIT $4",
                 DB_ARGS(db_i64(task_id), db_i64(before), db_i64(internal), db_i64(limit)), &rows);
    return err == ERR_OK ? rows_read(op, &rows, ret_comments) : err;
}

enum err store_comments_after(struct db *db, struct op *op, int64_t after, int64_t limit,
                              struct comment_list *ret_comments)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT " COLUMNS " FROM comment WHERE id > $1 ORDER BY id LIMIT $2",
                 DB_ARGS(db_i64(after), db_i64(limit)), &rows);
    return err == ERR_OK ? rows_read(op, &rows, ret_comments) : err;
}
