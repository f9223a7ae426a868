#include "store/first_run.h"

enum err store_first_run_put(struct db *db, struct op *op, const struct sha256 *hash,
                             int64_t expires_at)
{
    return db_run(db, op,
                  "INSERT INTO first_run (id, hash, expires_at) VALUES (1, $1, $2)"
                  " ON CONFLICT (id) DO UPDATE SET hash = excluded.hash,"
                  " expires_at = excluded.expires_at",
                  DB_ARGS(db_blob(hash->bytes, sizeof hash->bytes), db_i64(expires_at)));
}

enum err store_first_run_expect(struct db *db, struct op *op, const struct sha256 *hash)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT id FROM first_run WHERE hash = $1 AND expires_at > $2",
                 DB_ARGS(db_blob(hash->bytes, sizeof hash->bytes), db_i64(op->now)), &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_NOT_FOUND : err;
}

enum err store_first_run_drop(struct db *db, struct op *op)
{
    return db_run(db, op, "DELETE FROM first_run", DB_NO_ARGS);
}
