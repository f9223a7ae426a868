#include "store/follower.h"

enum err store_followers(struct db *db, struct op *op, struct task *task)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op, "SELECT account_id FROM task_follower WHERE task_id = $1 ORDER BY account_id",
        DB_ARGS(db_i64(task->id)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n != (size_t)task->follower_count)
        return op_fail(op, ERR_CORRUPT, "a record's followers are not as many as it says");
    int64_t *followers = ARENA_ARRAY(op->arena, int64_t, rows.n);
    if (followers == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        followers[i] = db_get_i64(&rows, i, 0);
    task->followers = followers;
    return ERR_OK;
}

enum err store_followers_put(struct db *db, struct op *op, const struct task *task)
{
    enum err err =
        db_run(db, op, "DELETE FROM task_follower WHERE task_id = $1", DB_ARGS(db_i64(task->id)));
    for (int64_t i = 0; i < task->follower_count && err == ERR_OK; i++)
        err = db_run(db, op, "INSERT INTO task_follower (task_id, account_id) VALUES ($1, $2)",
                     DB_ARGS(db_i64(task->id), db_i64(task->followers[i])));
    return err;
}
