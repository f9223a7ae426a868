#include "store/mail.h"

#include "model/date.h"

enum err store_mail_add(struct db *db, struct op *op, int64_t id, int64_t account_id,
                        int64_t due_at)
{
    return db_run(db, op,
                  "INSERT INTO mail (id, account_id, due_at, up_to, lease_until, attempts)"
                  " VALUES ($1, $2, $3, 0, 0, 0) ON CONFLICT (account_id) DO NOTHING",
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
        " LIMIT 1) AND lease_until < $1 RETURNING id, account_id, up_to, attempts",
        DB_ARGS(db_i64(op->now), db_i64(lease_until)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    *ret_mail = (struct mail_row){.id = db_get_i64(&rows, 0, 0),
                                  .account_id = db_get_i64(&rows, 0, 1),
                                  .up_to = db_get_i64(&rows, 0, 2),
                                  .attempts = db_get_i64(&rows, 0, 3)};
    return ERR_OK;
}

enum err store_mail_put_off(struct db *db, struct op *op, const struct mail_row *mail,
                            int64_t due_at, bool tried, struct str reason)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "UPDATE mail SET due_at = $3, lease_until = 0, reason = $4,"
                            " up_to = CASE WHEN attempts = 1 AND $5 = 0 THEN 0 ELSE up_to END,"
                            " attempts = attempts - 1 + $5"
                            " WHERE id = $1 AND attempts = $2 AND lease_until > 0 RETURNING id",
                            DB_ARGS(db_i64(mail->id), db_i64(mail->attempts), db_i64(due_at),
                                    db_text(reason), db_i64(tried)),
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
    return err == ERR_OK ? db_run(db, op,
                                  "UPDATE notification SET mail = 0 WHERE account_id = $1"
                                  " AND mail = 1 AND id <= $2",
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
                            " AND read_at IS NULL LIMIT 1",
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

static int64_t time_or_none(const struct db_rows *rows, size_t column)
{
    return db_is_null(rows, 0, column) ? TIME_NONE : db_get_i64(rows, 0, column);
}

enum err store_mail_address(struct db *db, struct op *op, int64_t account_id,
                            struct mail_address *ret_address)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op, "SELECT sent_at, suspended_at, reason FROM mail_address WHERE account_id = $1",
        DB_ARGS(db_i64(account_id)), &rows);
    if (err != ERR_OK)
        return err;
    *ret_address = rows.n == 0
                       ? (struct mail_address){TIME_NONE, TIME_NONE, STR_NONE}
                       : (struct mail_address){time_or_none(&rows, 0), time_or_none(&rows, 1),
                                               db_get_str(&rows, 0, 2)};
    return ERR_OK;
}

enum err store_mail_sent(struct db *db, struct op *op, int64_t account_id)
{
    return db_run(db, op,
                  "INSERT INTO mail_address (account_id, sent_at) VALUES ($1, $2)"
                  " ON CONFLICT (account_id) DO UPDATE SET sent_at = excluded.sent_at",
                  DB_ARGS(db_i64(account_id), db_i64(op->now)));
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
                  "UPDATE mail_address SET suspended_at = NULL, reason = NULL"
                  " WHERE account_id = $1",
                  DB_ARGS(db_i64(account_id)));
}

enum err store_mail_erase(struct db *db, struct op *op, int64_t account_id)
{
    enum err err =
        db_run(db, op, "DELETE FROM mail WHERE account_id = $1", DB_ARGS(db_i64(account_id)));
    return err == ERR_OK ? db_run(db, op, "DELETE FROM mail_address WHERE account_id = $1",
                                  DB_ARGS(db_i64(account_id)))
                         : err;
}
