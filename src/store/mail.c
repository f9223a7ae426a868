#include "store/mail.h"

#include "model/date.h"
#include "store/time.h"

enum err store_mail_add(struct db *db, struct op *op, int64_t id, int64_t account_id,
                        int64_t due_at)
{
    /* One that is there is locked: another node that ends it then waits, and sees what this one is for. */
    return db_run(db, op,
                  "INSERT INTO mail (id, account_id, due_at, up_to, lease_until, attempts)"
                  " VALUES ($1, $2, $3, 0, 0, 0)"
                  " ON CONFLICT (account_id) DO UPDATE SET account_id = excluded.account_id",
                  DB_ARGS(db_i64(id), db_i64(account_id), db_i64(due_at)));
}

enum err store_mail_claim(struct db *db, struct op *op, int64_t lease_until,
                          struct mail_row *ret_mail)
{
    /* The second look at the lease is for a node that has waited for another one's claim. */
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "UPDATE mail SET lease_until = $2, attempts = attempts + 1, up_to = CASE WHEN up_to > 0"
        " THEN up_to ELSE (SELECT COALESCE(MAX(n.id), 1) FROM notification n"
        " WHERE n.account_id = mail.account_id AND n.mail = 1) END"
        " WHERE id = (SELECT id FROM mail WHERE due_at <= $1 AND lease_until < $1 ORDER BY due_at"
        " LIMIT 1) AND lease_until < $1 RETURNING id, account_id, up_to, attempts, failing_since",
        DB_ARGS(db_i64(op->now), db_i64(lease_until)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    *ret_mail = (struct mail_row){.id = db_get_i64(&rows, 0, 0),
                                  .account_id = db_get_i64(&rows, 0, 1),
                                  .up_to = db_get_i64(&rows, 0, 2),
                                  .attempts = db_get_i64(&rows, 0, 3),
                                  .failing_since = time_or_none(&rows, 0, 4)};
    return ERR_OK;
}

enum err store_mail_put_off(struct db *db, struct op *op, const struct mail_row *mail,
                            int64_t due_at, bool tried, struct str reason)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "UPDATE mail SET due_at = $3, lease_until = 0, reason = $4,"
                 " up_to = CASE WHEN attempts = 1 AND $5 = 0 THEN 0 ELSE up_to END,"
                 " attempts = attempts - 1 + $5, failing_since = COALESCE(failing_since, $6)"
                 " WHERE id = $1 AND attempts = $2 AND lease_until > 0 RETURNING id",
                 DB_ARGS(db_i64(mail->id), db_i64(mail->attempts), db_i64(due_at), db_text(reason),
                         db_i64(tried), reason.p == NULL ? db_null() : db_i64(op->now)),
                 &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_NOT_FOUND : err;
}

enum err store_mail_drop(struct db *db, struct op *op, const struct mail_row *mail)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "DELETE FROM mail WHERE id = $1 AND attempts = $2 RETURNING id",
                            DB_ARGS(db_i64(mail->id), db_i64(mail->attempts)), &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    return err == ERR_OK
               ? db_run(db, op,
                        "INSERT INTO mail_address (account_id, mailed_to) VALUES ($1, $2)"
                        " ON CONFLICT (account_id) DO UPDATE SET mailed_to = excluded.mailed_to"
                        " WHERE mail_address.mailed_to < excluded.mailed_to",
                        DB_ARGS(db_i64(mail->account_id), db_i64(mail->up_to)))
               : err;
}

enum err store_mail_next(struct db *db, struct op *op, int64_t *ret_due_at)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT MIN(CASE WHEN due_at > lease_until THEN due_at"
                            " ELSE lease_until + 1 END) FROM mail",
                            DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_due_at = db_is_null(&rows, 0, 0) ? INT64_MAX : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_mail_wanted(struct db *db, struct op *op, int64_t account_id, bool *ret_wanted)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT 1 FROM notification WHERE account_id = $1 AND mail = 1"
                            " AND id > COALESCE((SELECT mailed_to FROM mail_address"
                            " WHERE account_id = $1), 0) AND read_at IS NULL LIMIT 1",
                            DB_ARGS(db_i64(account_id)), &rows);
    if (err == ERR_OK)
        *ret_wanted = rows.n > 0;
    return err;
}

enum err store_mail_of(struct db *db, struct op *op, int64_t account_id, int64_t *ret_id)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT id FROM mail WHERE account_id = $1 AND up_to = 0",
                            DB_ARGS(db_i64(account_id)), &rows);
    if (err == ERR_OK)
        *ret_id = rows.n == 0 ? 0 : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_mail_due(struct db *db, struct op *op, int64_t account_id, int64_t due_at)
{
    return db_run(db, op, "UPDATE mail SET due_at = $2 WHERE account_id = $1 AND up_to = 0",
                  DB_ARGS(db_i64(account_id), db_i64(due_at)));
}

/* ---- addresses ---- */

enum err store_mail_address(struct db *db, struct op *op, int64_t account_id,
                            struct mail_address *ret_address)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT sent_at, suspended_at, given_up_at, reason FROM mail_address WHERE account_id = $1",
        DB_ARGS(db_i64(account_id)), &rows);
    if (err != ERR_OK)
        return err;
    *ret_address = rows.n == 0
                       ? (struct mail_address){TIME_NONE, TIME_NONE, TIME_NONE, STR_NONE}
                       : (struct mail_address){time_or_none(&rows, 0, 0), time_or_none(&rows, 0, 1),
                                               time_or_none(&rows, 0, 2), db_get_str(&rows, 0, 3)};
    return ERR_OK;
}

enum err store_mail_sent(struct db *db, struct op *op, int64_t account_id)
{
    return db_run(db, op,
                  "INSERT INTO mail_address (account_id, sent_at) VALUES ($1, $2)"
                  " ON CONFLICT (account_id) DO UPDATE SET sent_at = excluded.sent_at,"
                  " given_up_at = NULL,"
                  " reason = CASE WHEN mail_address.suspended_at IS NULL THEN NULL"
                  " ELSE mail_address.reason END",
                  DB_ARGS(db_i64(account_id), db_i64(op->now)));
}

enum err store_mail_give_up(struct db *db, struct op *op, int64_t account_id, struct str reason)
{
    return db_run(db, op,
                  "INSERT INTO mail_address (account_id, given_up_at, reason) VALUES ($1, $2, $3)"
                  " ON CONFLICT (account_id) DO UPDATE SET given_up_at = excluded.given_up_at,"
                  " reason = excluded.reason",
                  DB_ARGS(db_i64(account_id), db_i64(op->now), db_text(reason)));
}

enum err store_mail_sent_since(struct db *db, struct op *op, int64_t since, int64_t account_id,
                               bool *ret_sent)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op, "SELECT 1 FROM mail_address WHERE sent_at >= $1 AND account_id <> $2 LIMIT 1",
        DB_ARGS(db_i64(since), db_i64(account_id)), &rows);
    if (err == ERR_OK)
        *ret_sent = rows.n > 0;
    return err;
}

enum err store_mail_suspend(struct db *db, struct op *op, int64_t account_id, struct str reason)
{
    return db_run(db, op,
                  "INSERT INTO mail_address (account_id, suspended_at, reason) VALUES ($1, $2, $3)"
                  " ON CONFLICT (account_id) DO UPDATE SET suspended_at = excluded.suspended_at,"
                  " reason = excluded.reason",
                  DB_ARGS(db_i64(account_id), db_i64(op->now), db_text(reason)));
}

enum err store_mail_resume(struct db *db, struct op *op, int64_t account_id)
{
    return db_run(db, op,
                  "UPDATE mail_address SET suspended_at = NULL, given_up_at = NULL, reason = NULL"
                  " WHERE account_id = $1",
                  DB_ARGS(db_i64(account_id)));
}

/* ---- for the operator ---- */

enum err store_mail_late(struct db *db, struct op *op, int64_t *ret_since)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT (SELECT MIN(failing_since) FROM mail WHERE failing_since IS"
                            " NOT NULL), (SELECT MIN(due_at) FROM mail)",
                            DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    int64_t failing = time_or_none(&rows, 0, 0), due = time_or_none(&rows, 0, 1);
    *ret_since = failing;
    if (due != TIME_NONE && due <= op->now && (failing == TIME_NONE || due < failing))
        *ret_since = due;
    return ERR_OK;
}

enum err store_mail_queue(struct db *db, struct op *op, struct mail_queue *ret_queue)
{
    struct db_rows rows;
    struct mail_queue queue = {.late_since = TIME_NONE};
    enum err err = db_query(
        db, op,
        "SELECT COUNT(*), COUNT(CASE WHEN due_at <= $1 OR failing_since IS NOT NULL THEN 1 END)"
        " FROM mail",
        DB_ARGS(db_i64(op->now)), &rows);
    if (err == ERR_OK)
        err = store_mail_late(db, op, &queue.late_since);
    if (err != ERR_OK)
        return err;
    queue.waiting = db_get_i64(&rows, 0, 0);
    queue.late = db_get_i64(&rows, 0, 1);
    *ret_queue = queue;
    return ERR_OK;
}

enum err store_mail_failing(struct db *db, struct op *op, int64_t limit,
                            struct mail_failing_list *ret_list)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT account_id, attempts, failing_since, due_at, reason FROM mail"
                            " WHERE failing_since IS NOT NULL ORDER BY failing_since, id LIMIT $1",
                            DB_ARGS(db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    struct mail_failing *items = ARENA_ARRAY(op->arena, struct mail_failing, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct mail_failing){.account_id = db_get_i64(&rows, i, 0),
                                         .attempts = db_get_i64(&rows, i, 1),
                                         .failing_since = db_get_i64(&rows, i, 2),
                                         .due_at = db_get_i64(&rows, i, 3),
                                         .reason = db_get_str(&rows, i, 4)};
    *ret_list = (struct mail_failing_list){items, rows.n};
    return ERR_OK;
}

enum err store_mail_troubles(struct db *db, struct op *op, int64_t after, int64_t limit,
                             struct mail_trouble_list *ret_list)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT account_id, sent_at, suspended_at, given_up_at, reason FROM mail_address"
                 " WHERE (suspended_at IS NOT NULL OR given_up_at IS NOT NULL) AND account_id > $1"
                 " ORDER BY account_id LIMIT $2",
                 DB_ARGS(db_i64(after), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    struct mail_trouble *items = ARENA_ARRAY(op->arena, struct mail_trouble, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct mail_trouble){db_get_i64(&rows, i, 0),
                                         {time_or_none(&rows, i, 1), time_or_none(&rows, i, 2),
                                          time_or_none(&rows, i, 3), db_get_str(&rows, i, 4)}};
    *ret_list = (struct mail_trouble_list){items, rows.n};
    return ERR_OK;
}

enum err store_mail_erase(struct db *db, struct op *op, int64_t account_id)
{
    enum err err =
        db_run(db, op, "DELETE FROM mail WHERE account_id = $1", DB_ARGS(db_i64(account_id)));
    return err == ERR_OK ? db_run(db, op, "DELETE FROM mail_address WHERE account_id = $1",
                                  DB_ARGS(db_i64(account_id)))
                         : err;
}
