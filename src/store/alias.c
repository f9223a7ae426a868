#include "store/alias.h"

#include "store/task.h"

enum err store_alias_add(struct db *db, struct op *op, int64_t workspace_id, int64_t number,
                         int64_t task_id)
{
    return db_run(db, op,
                  "INSERT INTO task_alias (workspace_id, number, task_id) VALUES ($1, $2, $3)",
                  DB_ARGS(db_i64(workspace_id), db_i64(number), db_i64(task_id)));
}

enum err store_task_get_moved(struct db *db, struct op *op, int64_t workspace_id, int64_t number,
                              struct task *ret_task)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT task_id FROM task_alias WHERE workspace_id = $1 AND number = $2",
                 DB_ARGS(db_i64(workspace_id), db_i64(number)), &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    return err == ERR_OK ? store_task_get_by_id(db, op, db_get_i64(&rows, 0, 0), ret_task) : err;
}

enum err store_alias_find(struct db *db, struct op *op, struct str workspace_key, int64_t number,
                          int64_t *ret_task_id)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT a.task_id FROM task_alias a"
                            " JOIN workspace w ON w.id = a.workspace_id"
                            " WHERE w.key = $1 AND a.number = $2",
                            DB_ARGS(db_text(workspace_key), db_i64(number)), &rows);
    if (err == ERR_OK)
        *ret_task_id = rows.n == 0 ? 0 : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_alias_any(struct db *db, struct op *op, bool *ret_any)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT 1 FROM task_alias LIMIT 1", DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_any = rows.n > 0;
    return err;
}
