#include "store/calendar.h"

enum err store_calendar_put(struct db *db, struct op *op, int64_t account_id,
                            const struct sha256 *hash)
{
    return db_run(
        db, op,
        "INSERT INTO calendar_link (account_id, hash, created_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash,"
        " created_at = excluded.created_at",
        DB_ARGS(db_i64(account_id), db_blob(hash->bytes, sizeof hash->bytes), db_i64(op->now)));
}

enum err store_calendar_drop(struct db *db, struct op *op, int64_t account_id)
{
    return db_run(db, op, "DELETE FROM calendar_link WHERE account_id = $1",
                  DB_ARGS(db_i64(account_id)));
}

static enum err number_of(enum err err, const struct db_rows *rows, int64_t *ret_number)
{
    if (err == ERR_OK && rows->n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_number = db_get_i64(rows, 0, 0);
    return err;
}

enum err store_calendar_get(struct db *db, struct op *op, int64_t account_id,
                            int64_t *ret_created_at)
{
    struct db_rows rows = {0};
    enum err err = db_query(db, op, "SELECT created_at FROM calendar_link WHERE account_id = $1",
                            DB_ARGS(db_i64(account_id)), &rows);
    return number_of(err, &rows, ret_created_at);
}

enum err store_calendar_owner(struct db *db, struct op *op, const struct sha256 *hash,
                              int64_t *ret_account_id)
{
    struct db_rows rows = {0};
    enum err err = db_query(db, op, "SELECT account_id FROM calendar_link WHERE hash = $1",
                            DB_ARGS(db_blob(hash->bytes, sizeof hash->bytes)), &rows);
    return number_of(err, &rows, ret_account_id);
}
