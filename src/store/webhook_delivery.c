#include "store/webhook_delivery.h"

#include "base/id.h"
#include "model/date.h"

#define COLUMNS                                                                                    \
    "id, webhook_id, ordinal, seq, type, key, state, attempts, due_at, sent_at, ms, status,"       \
    " error, answer"

static struct delivery delivery_of(const struct db_rows *rows, size_t i)
{
    return (struct delivery){
        .id = db_get_i64(rows, i, 0),
        .webhook_id = db_get_i64(rows, i, 1),
        .ordinal = db_get_i64(rows, i, 2),
        .seq = db_get_i64(rows, i, 3),
        .type = db_get_str(rows, i, 4),
        .key = db_get_str(rows, i, 5),
        .state = (enum delivery_state)db_get_i64(rows, i, 6),
        .attempts = db_get_i64(rows, i, 7),
        .due_at = db_get_i64(rows, i, 8),
        .sent_at = db_is_null(rows, i, 9) ? TIME_NONE : db_get_i64(rows, i, 9),
        .ms = db_get_i64(rows, i, 10),
        .status = db_get_i64(rows, i, 11),
        .error = db_get_str(rows, i, 12),
        .answer = db_get_str(rows, i, 13),
        .request = rows->columns > 14 ? db_get_str(rows, i, 14) : STR_NONE,
    };
}

static enum err list_of(struct op *op, const struct db_rows *rows, struct delivery_list *ret_list)
{
    struct delivery *items = ARENA_ARRAY(op->arena, struct delivery, rows->n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++)
        items[i] = delivery_of(rows, i);
    *ret_list = (struct delivery_list){items, rows->n};
    return ERR_OK;
}

enum err store_delivery_add(struct db *db, struct op *op, const struct delivery *d)
{
    return db_run(db, op,
                  "INSERT INTO webhook_delivery (id, webhook_id, ordinal, seq, type, key, state,"
                  " attempts, due_at, request)"
                  " SELECT CAST($1 AS BIGINT), id, CAST($3 AS BIGINT), CAST($4 AS BIGINT),"
                  " CAST($5 AS TEXT), CAST($6 AS TEXT), 0, 0, CAST($7 AS BIGINT), CAST($8 AS TEXT)"
                  " FROM webhook WHERE id = $2 AND pause <> 5",
                  DB_ARGS(db_i64(d->id), db_i64(d->webhook_id), db_i64(d->ordinal), db_i64(d->seq),
                          db_text(d->type), db_text(d->key), db_i64(d->due_at),
                          db_text(d->request)));
}

enum err store_delivery_newest(struct db *db, struct op *op, int64_t *ret_id)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT MAX(id) FROM webhook_delivery", DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_id = db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_tests_since(struct db *db, struct op *op, int64_t webhook_id, int64_t since,
                           int64_t *ret_n, int64_t *ret_oldest)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT COUNT(*), MIN(id) FROM webhook_delivery WHERE webhook_id = $1"
                            " AND ordinal = 0 AND (state = 0 OR id >= $2)",
                            DB_ARGS(db_i64(webhook_id), db_i64(id_at(since))), &rows);
    if (err != ERR_OK)
        return err;
    *ret_n = db_get_i64(&rows, 0, 0);
    *ret_oldest = id_time(db_get_i64(&rows, 0, 1));
    return ERR_OK;
}

enum err store_tests_drop(struct db *db, struct op *op, int64_t webhook_id)
{
    return db_run(
        db, op,
        "DELETE FROM webhook_delivery WHERE webhook_id = $1 AND ordinal = 0 AND state <> 0"
        " AND id <= (SELECT id FROM webhook_delivery WHERE webhook_id = $1 AND ordinal = 0"
        " ORDER BY id DESC LIMIT 1 OFFSET $2)",
        DB_ARGS(db_i64(webhook_id), db_i64(DELIVERY_TESTS_KEPT)));
}

enum err store_delivery_end(struct db *db, struct op *op, const struct delivery *d)
{
    return db_run(db, op,
                  "UPDATE webhook_delivery SET state = $2, attempts = $3, due_at = $4,"
                  " sent_at = $5, ms = $6, status = $7, error = $8, answer = $9"
                  " WHERE id = $1 AND attempts = $3 - 1",
                  DB_ARGS(db_i64(d->id), db_i64(d->state), db_i64(d->attempts), db_i64(d->due_at),
                          db_i64(d->sent_at), db_i64(d->ms),
                          d->status == 0 ? db_null() : db_i64(d->status), db_text(d->error),
                          db_text(d->answer)));
}

enum err store_delivery_by_id(struct db *db, struct op *op, int64_t id,
                              struct delivery *ret_delivery)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT " COLUMNS ", request FROM webhook_delivery WHERE id = $1",
                 DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_delivery = delivery_of(&rows, 0);
    return err;
}

enum err store_delivery_get(struct db *db, struct op *op, int64_t webhook_id, int64_t id,
                            struct delivery *ret_delivery)
{
    enum err err = store_delivery_by_id(db, op, id, ret_delivery);
    return err == ERR_OK && ret_delivery->webhook_id != webhook_id ? ERR_NOT_FOUND : err;
}

enum err store_deliveries_before(struct db *db, struct op *op, int64_t webhook_id, int64_t before,
                                 int64_t limit, struct delivery_list *ret_deliveries)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT " COLUMNS " FROM webhook_delivery"
        " WHERE webhook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        DB_ARGS(db_i64(webhook_id), db_i64(before == 0 ? INT64_MAX : before), db_i64(limit)),
        &rows);
    return err == ERR_OK ? list_of(op, &rows, ret_deliveries) : err;
}

enum err store_deliveries_waiting(struct db *db, struct op *op, int64_t webhook_id, int64_t limit,
                                  struct delivery_list *ret_deliveries)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT " COLUMNS " FROM webhook_delivery WHERE webhook_id = $1 AND state = 0"
                 " ORDER BY CASE WHEN ordinal = 0 THEN 0 ELSE 1 END, id LIMIT $2",
                 DB_ARGS(db_i64(webhook_id), db_i64(limit)), &rows);
    return err == ERR_OK ? list_of(op, &rows, ret_deliveries) : err;
}

enum err store_deliveries_waiting_count(struct db *db, struct op *op, int64_t webhook_id,
                                        int64_t *ret_count)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op, "SELECT COUNT(*) FROM webhook_delivery WHERE webhook_id = $1 AND state = 0",
        DB_ARGS(db_i64(webhook_id)), &rows);
    if (err == ERR_OK)
        *ret_count = db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_delivery_record(struct db *db, struct op *op, int64_t webhook_id,
                               struct str *ret_key)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT COALESCE((SELECT key FROM webhook_delivery WHERE webhook_id = $1 AND state = 0"
        " AND ordinal > 0 ORDER BY id LIMIT 1), (SELECT key FROM webhook_delivery"
        " WHERE webhook_id = $1 AND ordinal > 0 ORDER BY id DESC LIMIT 1))",
        DB_ARGS(db_i64(webhook_id)), &rows);
    if (err == ERR_OK)
        *ret_key = db_get_str(&rows, 0, 0);
    return err;
}

#define AGAIN "UPDATE webhook_delivery SET state = 0, attempts = 0, due_at = 0 WHERE "

enum err store_delivery_again(struct db *db, struct op *op, int64_t webhook_id, int64_t id,
                              size_t *ret_n)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, AGAIN "id = $2 AND webhook_id = $1 AND request IS NOT NULL RETURNING id",
                 DB_ARGS(db_i64(webhook_id), db_i64(id)), &rows);
    if (err == ERR_OK)
        *ret_n = rows.n;
    return err;
}

enum err store_deliveries_again(struct db *db, struct op *op, int64_t webhook_id, int64_t since,
                                size_t *ret_n)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        AGAIN "id IN (SELECT id FROM webhook_delivery WHERE webhook_id = $1 AND id >= $2"
              " AND ordinal > 0 AND request IS NOT NULL ORDER BY id LIMIT $3) RETURNING id",
        DB_ARGS(db_i64(webhook_id), db_i64(id_at(since)), db_i64(DELIVERIES_AGAIN_MAX)), &rows);
    if (err == ERR_OK)
        *ret_n = rows.n;
    return err;
}

enum err store_deliveries_drop(struct db *db, struct op *op, int64_t now, int64_t limit,
                               size_t *ret_n)
{
    static const char *const drops[] = {
        "DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery WHERE id < $1"
        " AND state <> 0 ORDER BY id LIMIT $2) RETURNING id",
        "DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery"
        " WHERE webhook_id = (SELECT w.id FROM webhook w WHERE w.pause = 5 AND EXISTS"
        " (SELECT 1 FROM webhook_delivery d WHERE d.webhook_id = w.id) ORDER BY w.id LIMIT 1)"
        " AND CAST($1 AS BIGINT) > 0 LIMIT $2) RETURNING id",
    };
    struct db_args args =
        DB_ARGS(db_i64(id_at(now - DELIVERIES_KEPT_DAYS * INT64_C(86400000))), db_i64(limit));
    struct db_rows rows;
    size_t n = 0;
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof drops / sizeof drops[0] && err == ERR_OK; i++) {
        err = db_query(db, op, drops[i], args, &rows);
        n += err == ERR_OK ? rows.n : 0;
    }
    if (err == ERR_OK)
        *ret_n = n;
    return err;
}

enum err store_delivery_texts_put(struct db *db, struct op *op, int64_t id, struct str request,
                                  struct str answer, struct str error)
{
    return db_run(db, op,
                  "UPDATE webhook_delivery SET request = $2, answer = $3, error = $4 WHERE id = $1",
                  DB_ARGS(db_i64(id), db_text(request), db_text(answer), db_text(error)));
}
