#include "store/dedup.h"

enum err store_dedup_find(struct db *db, struct op *op, const struct sha256 *digest,
                          int64_t *ret_task_id)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT task_id FROM task_dedup WHERE digest = $1",
                            DB_ARGS(db_blob(digest->bytes, SHA256_SIZE)), &rows);
    if (err == ERR_OK)
        *ret_task_id = rows.n == 0 ? 0 : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_dedup_add(struct db *db, struct op *op, int64_t task_id, const struct sha256 *digest)
{
    return db_run(db, op, "INSERT INTO task_dedup (task_id, digest) VALUES ($1, $2)",
                  DB_ARGS(db_i64(task_id), db_blob(digest->bytes, SHA256_SIZE)));
}

enum err store_dedup_free(struct db *db, struct op *op, int64_t task_id)
{
    return db_run(db, op, "DELETE FROM task_dedup WHERE task_id = $1", DB_ARGS(db_i64(task_id)));
}
