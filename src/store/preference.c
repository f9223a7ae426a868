#include "store/preference.h"

#include "store/list.h"

/* Of a row, which may be missing. */
static enum err preference_read(struct op *op, const struct db_rows *rows,
                                struct preference *ret_preference)
{
    *ret_preference = (struct preference){0};
    if (rows->n == 0)
        return ERR_OK;
    enum err err = list_read(op, db_get_str(rows, 0, 0), &ret_preference->pins);
    return err == ERR_OK ? list_read(op, db_get_str(rows, 0, 1), &ret_preference->seen) : err;
}

enum err store_preference_get(struct db *db, struct op *op, int64_t account_id,
                              struct preference *ret_preference)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT pins, seen FROM preference WHERE account_id = $1",
                            DB_ARGS(db_i64(account_id)), &rows);
    return err == ERR_OK ? preference_read(op, &rows, ret_preference) : err;
}

/* The database merges, so that another node's change of the other list stays. */
enum err store_preference_merge(struct db *db, struct op *op, int64_t account_id,
                                const struct preference *sent, struct preference *ret_now)
{
    struct str pins = STR_NONE, seen = STR_NONE;
    struct db_rows rows;
    enum err err = ERR_OK;
    if (sent->pins.items != NULL)
        err = list_write(op, sent->pins, &pins);
    if (err == ERR_OK && sent->seen.items != NULL)
        err = list_write(op, sent->seen, &seen);
    if (err == ERR_OK)
        err = db_query(db, op,
                       "INSERT INTO preference (account_id, pins, seen)"
                       " VALUES ($1, COALESCE($2, '[]'), COALESCE($3, '[]'))"
                       " ON CONFLICT (account_id) DO UPDATE SET"
                       " pins = COALESCE($2, preference.pins),"
                       " seen = COALESCE($3, preference.seen) RETURNING pins, seen",
                       DB_ARGS(db_i64(account_id), db_text(pins), db_text(seen)), &rows);
    return err == ERR_OK ? preference_read(op, &rows, ret_now) : err;
}

enum err store_preference_drop(struct db *db, struct op *op, int64_t account_id)
{
    return db_run(db, op, "DELETE FROM preference WHERE account_id = $1",
                  DB_ARGS(db_i64(account_id)));
}
