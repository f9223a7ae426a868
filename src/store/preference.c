#include "store/preference.h"

#include "store/list.h"

enum err store_preference_get(struct db *db, struct op *op, int64_t account_id,
                              struct preference *ret_preference)
{
    struct db_rows rows;
    *ret_preference = (struct preference){0};
    enum err err = db_query(db, op, "SELECT pins, seen FROM preference WHERE account_id = $1",
                            DB_ARGS(db_i64(account_id)), &rows);
    if (err != ERR_OK || rows.n == 0)
        return err;
    err = list_read(op, db_get_str(&rows, 0, 0), &ret_preference->pins);
    return err == ERR_OK ? list_read(op, db_get_str(&rows, 0, 1), &ret_preference->seen) : err;
}

enum err store_preference_put(struct db *db, struct op *op, int64_t account_id,
                              const struct preference *preference)
{
    struct str pins, seen;
    enum err err = list_write(op, preference->pins, &pins);
    if (err == ERR_OK)
        err = list_write(op, preference->seen, &seen);
    return err == ERR_OK
               ? db_run(db, op,
                        "INSERT INTO preference (account_id, pins, seen) VALUES ($1, $2, $3)"
                        " ON CONFLICT (account_id) DO UPDATE SET pins = excluded.pins,"
                        " seen = excluded.seen",
                        DB_ARGS(db_i64(account_id), db_text(pins), db_text(seen)))
               : err;
}

enum err store_preference_drop(struct db *db, struct op *op, int64_t account_id)
{
    return db_run(db, op, "DELETE FROM preference WHERE account_id = $1",
                  DB_ARGS(db_i64(account_id)));
}
