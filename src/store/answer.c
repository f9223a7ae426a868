#include "store/answer.h"

#include "base/buf.h"

#include <string.h>

enum { HEADERS_MAX = 4096 };

/* "Name: value" lines, in the arena. */
static enum err headers_write(struct op *op, const struct answer *answer, struct str *ret_text)
{
    struct buf buf;
    buf_init(&buf, HEADERS_MAX);
    for (size_t i = 0; i < answer->header_count; i++) {
        buf_add(&buf, answer->headers[i].name);
        BUF_LIT(&buf, ": ");
        buf_add(&buf, answer->headers[i].value);
        buf_char(&buf, '\n');
    }
    enum err err = buf_err(&buf);
    struct str text = STR("");
    if (err == ERR_OK && answer->header_count > 0) {
        text = arena_str(op->arena, buf_str(&buf));
        if (text.p == NULL)
            err = ERR_MEMORY;
    }
    buf_finish(&buf);
    if (err == ERR_OK)
        *ret_text = text;
    return err;
}

static enum err headers_read(struct op *op, struct str text, struct answer *answer)
{
    answer->header_count = 0;
    while (text.n > 0) {
        struct str value = str_cut(&text, '\n');
        struct str name = str_cut(&value, ':');
        if (value.n == 0 || answer->header_count == ANSWER_HEADERS_MAX)
            return op_fail(op, ERR_CORRUPT, "the headers of a stored answer are damaged");
        answer->headers[answer->header_count++] = (struct answer_header){name, str_from(value, 1)};
    }
    return ERR_OK;
}

enum err store_answer_add(struct db *db, struct op *op, const struct stored_answer *stored)
{
    struct str headers;
    enum err err = headers_write(op, &stored->answer, &headers);
    if (err != ERR_OK)
        return err;
    return db_run(db, op,
                  "INSERT INTO answer (id, digest, request, status, headers, body)"
                  " VALUES ($1, $2, $3, $4, $5, $6)",
                  DB_ARGS(db_i64(stored->id), db_blob(stored->digest, ANSWER_DIGEST_SIZE),
                          db_blob(stored->request, ANSWER_DIGEST_SIZE),
                          db_i64(stored->answer.status), db_text(headers),
                          db_blob(stored->answer.body.p, stored->answer.body.n)));
}

/* Copies a digest out of a cell. */
static enum err digest_read(struct op *op, struct str cell,
                            unsigned char ret_digest[ANSWER_DIGEST_SIZE])
{
    if (cell.n != ANSWER_DIGEST_SIZE)
        return op_fail(op, ERR_CORRUPT, "the digest of a stored answer is damaged");
    memcpy(ret_digest, cell.p, ANSWER_DIGEST_SIZE);
    return ERR_OK;
}

enum err store_answer_get(struct db *db, struct op *op, int64_t id,
                          struct stored_answer *ret_answer)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT digest, request, status, headers, body FROM answer"
                            " WHERE id = $1",
                            DB_ARGS(db_i64(id)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    struct stored_answer stored = {.id = id, .answer = {.id = id}};
    err = digest_read(op, db_get_str(&rows, 0, 0), stored.digest);
    if (err == ERR_OK)
        err = digest_read(op, db_get_str(&rows, 0, 1), stored.request);
    stored.answer.status = (int)db_get_i64(&rows, 0, 2);
    stored.answer.body = db_get_str(&rows, 0, 4);
    if (err == ERR_OK)
        err = headers_read(op, db_get_str(&rows, 0, 3), &stored.answer);
    if (err == ERR_OK)
        *ret_answer = stored;
    return err;
}

enum err store_answer_put(struct db *db, struct op *op, const struct answer *answer)
{
    struct str headers;
    enum err err = headers_write(op, answer, &headers);
    return err == ERR_OK
               ? db_run(db, op,
                        "UPDATE answer SET status = $2, headers = $3, body = $4"
                        " WHERE id = $1",
                        DB_ARGS(db_i64(answer->id), db_i64(answer->status), db_text(headers),
                                db_blob(answer->body.p, answer->body.n)))
               : err;
}

enum err store_answer_put_body(struct db *db, struct op *op, int64_t id, struct str body)
{
    return db_run(db, op, "UPDATE answer SET body = $2 WHERE id = $1",
                  DB_ARGS(db_i64(id), db_blob(body.p, body.n)));
}

enum err store_answers_find(struct db *db, struct op *op, struct str digests, size_t n,
                            const int64_t **ret_ids)
{
    /* One statement for any number of digests, which looks each up by itself: no plan can prefer
     * to read the whole table. */
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "WITH RECURSIVE wanted (i) AS"
                            " (SELECT 0 UNION ALL SELECT i + 1 FROM wanted WHERE i + 1 < $2)"
                            " SELECT i, (SELECT a.id FROM answer a"
                            " WHERE a.digest = SUBSTR($1, i * 16 + 1, 16)) FROM wanted",
                            DB_ARGS(db_blob(digests.p, digests.n), db_i64((int64_t)n)), &rows);
    if (err != ERR_OK)
        return err;
    int64_t *ids = ARENA_ARRAY(op->arena, int64_t, n);
    if (ids == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n && i < n; i++)
        ids[db_get_i64(&rows, i, 0)] = db_get_i64(&rows, i, 1);
    *ret_ids = ids;
    return ERR_OK;
}

enum err store_answer_digests(struct db *db, struct op *op, int64_t after, int64_t limit,
                              const struct stored_answer **ret_answers, size_t *ret_n)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT id, digest FROM answer WHERE id > $1 ORDER BY id LIMIT $2",
                 DB_ARGS(db_i64(after), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    struct stored_answer *answers = ARENA_ARRAY(op->arena, struct stored_answer, rows.n);
    if (answers == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n && err == ERR_OK; i++) {
        answers[i].id = db_get_i64(&rows, i, 0);
        err = digest_read(op, db_get_str(&rows, i, 1), answers[i].digest);
    }
    if (err != ERR_OK)
        return err;
    *ret_answers = answers;
    *ret_n = rows.n;
    return ERR_OK;
}

enum err store_answers_drop(struct db *db, struct op *op, int64_t last, int64_t limit,
                            bool *ret_dropped)
{
    /* The id that a bounded delete may go up to. */
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT MAX(id) FROM"
                            " (SELECT id FROM answer WHERE id <= $1 ORDER BY id LIMIT $2) oldest",
                            DB_ARGS(db_i64(last), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    bool some = !db_is_null(&rows, 0, 0);
    if (some)
        err = db_run(db, op, "DELETE FROM answer WHERE id <= $1",
                     DB_ARGS(db_i64(db_get_i64(&rows, 0, 0))));
    if (err == ERR_OK)
        *ret_dropped = some;
    return err;
}

enum err store_answer_newest(struct db *db, struct op *op, int64_t *ret_answer,
                             int64_t *ret_generation)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT (SELECT MAX(id) FROM answer),"
                            " (SELECT MAX(id) FROM answer_generation)",
                            DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    *ret_answer = db_get_i64(&rows, 0, 0);
    *ret_generation = db_get_i64(&rows, 0, 1);
    return ERR_OK;
}

enum err store_generations(struct db *db, struct op *op, const struct generation **ret_generations,
                           size_t *ret_n)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT id, last_answer, closed_at FROM answer_generation ORDER BY id",
                 DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct generation *generations = ARENA_ARRAY(op->arena, struct generation, rows.n);
    if (generations == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        generations[i] = (struct generation){.id = db_get_i64(&rows, i, 0),
                                             .last_answer = db_get_i64(&rows, i, 1),
                                             .closed_at = db_get_i64(&rows, i, 2)};
    *ret_generations = generations;
    *ret_n = rows.n;
    return ERR_OK;
}

enum err store_generation_filter(struct db *db, struct op *op, int64_t id, struct str *ret_filter)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT filter FROM answer_generation WHERE id = $1",
                            DB_ARGS(db_i64(id)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    *ret_filter = db_get_str(&rows, 0, 0);
    return ERR_OK;
}

enum err store_generation_add(struct db *db, struct op *op, const struct generation *generation,
                              struct str filter)
{
    return db_run(db, op,
                  "INSERT INTO answer_generation (id, last_answer, closed_at, filter)"
                  " VALUES ($1, $2, $3, $4)",
                  DB_ARGS(db_i64(generation->id), db_i64(generation->last_answer),
                          db_i64(generation->closed_at), db_blob(filter.p, filter.n)));
}

/* A bucket's row number. */
static int64_t bucket_place(int64_t generation, unsigned bucket)
{
    return generation * GENERATION_BUCKETS + bucket;
}

enum err store_bucket_add(struct db *db, struct op *op, int64_t generation, unsigned bucket,
                          struct str entries)
{
    return db_run(db, op, "INSERT INTO answer_bucket (place, entries) VALUES ($1, $2)",
                  DB_ARGS(db_i64(bucket_place(generation, bucket)), db_blob(entries.p, entries.n)));
}

enum err store_bucket_get(struct db *db, struct op *op, int64_t generation, unsigned bucket,
                          struct str *ret_entries)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT entries FROM answer_bucket WHERE place = $1",
                            DB_ARGS(db_i64(bucket_place(generation, bucket))), &rows);
    if (err != ERR_OK)
        return err;
    *ret_entries = rows.n == 0 ? STR("") : db_get_str(&rows, 0, 0);
    return ERR_OK;
}

enum err store_generation_drop(struct db *db, struct op *op, int64_t id)
{
    enum err err = db_run(
        db, op, "DELETE FROM answer_bucket WHERE place BETWEEN $1 AND $2",
        DB_ARGS(db_i64(bucket_place(id, 0)), db_i64(bucket_place(id, GENERATION_BUCKETS - 1))));
    if (err != ERR_OK)
        return err;
    return db_run(db, op, "DELETE FROM answer_generation WHERE id = $1", DB_ARGS(db_i64(id)));
}
