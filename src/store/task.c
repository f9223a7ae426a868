#include "store/task.h"

#include "store/list.h"

/* In the order that task_read() reads them. */
#define COLUMNS                                                                                    \
    "id, workspace_id, number, version, last_seq, created_at, updated_at, type, status, impact,"   \
    " likelihood, priority, reporter_id, assignee_id, source_id, financial_impact, due_date,"      \
    " reminder_date, occurred_at, category, tags, sub_category, order_id, lrn, form,"              \
    " form_version, title, extra, result, description"

enum err store_counter_load(struct db *db, struct op *op, int64_t workspace_id, int64_t *ret_number)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT number FROM counter WHERE workspace_id = $1",
                            DB_ARGS(db_i64(workspace_id)), &rows);
    if (err == ERR_OK)
        *ret_number = rows.n == 0 ? 0 : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_counter_save(struct db *db, struct op *op, int64_t workspace_id, int64_t number)
{
    return db_run(db, op,
                  "INSERT INTO counter (workspace_id, number) VALUES ($1, $2)"
                  " ON CONFLICT (workspace_id) DO UPDATE SET number = excluded.number",
                  DB_ARGS(db_i64(workspace_id), db_i64(number)));
}

enum err store_greatest_id(struct db *db, struct op *op, int64_t *ret_id)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT (SELECT MAX(id) FROM task), (SELECT MAX(id) FROM answer),"
                            " (SELECT MAX(id) FROM request)",
                            DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    int64_t greatest = 0;
    for (size_t column = 0; column < rows.columns; column++)
        if (db_get_i64(&rows, 0, column) > greatest)
            greatest = db_get_i64(&rows, 0, column);
    *ret_id = greatest;
    return ERR_OK;
}

/* What stands for "none" in a struct is NULL in a row, both ways. */
static struct db_value number_or_null(int64_t number, int64_t none)
{
    return number == none ? db_null() : db_i64(number);
}

static int64_t get_or_none(const struct db_rows *rows, size_t row, size_t column, int64_t none)
{
    return db_is_null(rows, row, column) ? none : db_get_i64(rows, row, column);
}

/* category, tags, subCategory and orderID as they are stored. */
static enum err lists_write(struct op *op, const struct task *task, struct str ret_texts[4])
{
    const struct str_list lists[] = {task->category, task->tags, task->sub_category,
                                     task->order_id};
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof lists / sizeof *lists && err == ERR_OK; i++)
        err = list_write(op, lists[i], &ret_texts[i]);
    return err;
}

enum err store_task_add(struct db *db, struct op *op, const struct task *task)
{
    struct str texts[4];
    enum err err = lists_write(op, task, texts);
    if (err != ERR_OK)
        return err;
    return db_run(
        db, op,
        "INSERT INTO task (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
        " $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,"
        " $28, $29, $30)",
        DB_ARGS(db_i64(task->id), db_i64(task->workspace_id), db_i64(task->number),
                db_i64(task->version), db_i64(task->last_seq), db_i64(task->created_at),
                db_i64(task->updated_at), db_i64(task->type), db_i64(task->status),
                db_i64(task->impact), db_i64(task->likelihood), db_i64(task->priority),
                db_i64(task->reporter_id), db_i64(task->assignee_id), db_i64(task->source_id),
                number_or_null(task->financial_impact, CENTS_NONE),
                number_or_null(task->due_date, DATE_NONE),
                number_or_null(task->reminder_date, DATE_NONE),
                number_or_null(task->occurred_at, TIME_NONE), db_text(texts[0]), db_text(texts[1]),
                db_text(texts[2]), db_text(texts[3]), db_text(task->lrn), db_text(task->form),
                db_i64(task->form_version), db_text(task->title), db_text(task->extra),
                db_text(task->result), db_text(task->description)));
}

enum err store_task_texts_put(struct db *db, struct op *op, const struct task *task)
{
    struct str texts[4];
    enum err err = lists_write(op, task, texts);
    if (err != ERR_OK)
        return err;
    return db_run(db, op,
                  "UPDATE task SET category = $2, tags = $3, sub_category = $4, order_id = $5,"
                  " lrn = $6, title = $7, extra = $8, result = $9, description = $10,"
                  " version = version + 1 WHERE id = $1",
                  DB_ARGS(db_i64(task->id), db_text(texts[0]), db_text(texts[1]), db_text(texts[2]),
                          db_text(texts[3]), db_text(task->lrn), db_text(task->title),
                          db_text(task->extra), db_text(task->result), db_text(task->description)));
}

/* Reads the lists that stand in `n` columns from `column` on. */
static enum err lists_read(struct op *op, const struct db_rows *rows, size_t row, size_t column,
                           struct str_list *const *lists, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        enum err err = list_read(op, db_get_str(rows, row, column + i), lists[i]);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

/* The one record that a query for COLUMNS found. */
static enum err task_read(struct op *op, const struct db_rows *rows, struct task *ret_task)
{
    if (rows->n == 0)
        return ERR_NOT_FOUND;
    struct task task = {
        .id = db_get_i64(rows, 0, 0),
        .workspace_id = db_get_i64(rows, 0, 1),
        .number = db_get_i64(rows, 0, 2),
        .version = db_get_i64(rows, 0, 3),
        .last_seq = db_get_i64(rows, 0, 4),
        .created_at = db_get_i64(rows, 0, 5),
        .updated_at = db_get_i64(rows, 0, 6),
        .type = (enum task_type)db_get_i64(rows, 0, 7),
        .status = (enum task_status)db_get_i64(rows, 0, 8),
        .impact = (enum level)db_get_i64(rows, 0, 9),
        .likelihood = (enum level)db_get_i64(rows, 0, 10),
        .priority = (enum level)db_get_i64(rows, 0, 11),
        .reporter_id = db_get_i64(rows, 0, 12),
        .assignee_id = db_get_i64(rows, 0, 13),
        .source_id = db_get_i64(rows, 0, 14),
        .financial_impact = get_or_none(rows, 0, 15, CENTS_NONE),
        .due_date = (int32_t)get_or_none(rows, 0, 16, DATE_NONE),
        .reminder_date = (int32_t)get_or_none(rows, 0, 17, DATE_NONE),
        .occurred_at = get_or_none(rows, 0, 18, TIME_NONE),
        .lrn = db_get_str(rows, 0, 23),
        .form = db_get_str(rows, 0, 24),
        .form_version = db_get_i64(rows, 0, 25),
        .title = db_get_str(rows, 0, 26),
        .extra = db_get_str(rows, 0, 27),
        .result = db_get_str(rows, 0, 28),
        .description = db_get_str(rows, 0, 29),
    };
    struct str_list *const lists[] = {&task.category, &task.tags, &task.sub_category,
                                      &task.order_id};
    enum err err = lists_read(op, rows, 0, 19, lists, 4);
    if (err == ERR_OK)
        *ret_task = task;
    return err;
}

enum err store_task_get(struct db *db, struct op *op, int64_t workspace_id, int64_t number,
                        struct task *ret_task)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT " COLUMNS " FROM task WHERE workspace_id = $1 AND number = $2",
                 DB_ARGS(db_i64(workspace_id), db_i64(number)), &rows);
    return err == ERR_OK ? task_read(op, &rows, ret_task) : err;
}

enum err store_task_get_by_id(struct db *db, struct op *op, int64_t id, struct task *ret_task)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT " COLUMNS " FROM task WHERE id = $1", DB_ARGS(db_i64(id)), &rows);
    return err == ERR_OK ? task_read(op, &rows, ret_task) : err;
}

enum err store_task_touch(struct db *db, struct op *op, int64_t id, int64_t seq, int64_t at,
                          int64_t *ret_version)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "UPDATE task SET version = version + 1, last_seq = $2, updated_at = $3"
                            " WHERE id = $1 RETURNING version",
                            DB_ARGS(db_i64(id), db_i64(seq), db_i64(at)), &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_version = db_get_i64(&rows, 0, 0);
    return err;
}

/* The shapes of a scan: [of all][with lists][oldest first]. $1 is the workspace, if any. */
#define SCAN_COLUMNS                                                                               \
    "id, workspace_id, number, created_at, type, status, priority, reporter_id, assignee_id,"      \
    " source_id, due_date"
#define SCAN_OF_WORKSPACE(lists, order)                                                            \
    "SELECT " SCAN_COLUMNS lists " FROM task WHERE workspace_id = $1 AND number > $2"              \
    " AND number < $3 ORDER BY number " order " LIMIT $4"
#define SCAN_OF_ALL(lists, order)                                                                  \
    "SELECT " SCAN_COLUMNS lists " FROM task WHERE id > $1 AND id < $2"                            \
    " ORDER BY id " order " LIMIT $3"

static const char *const scans[2][2][2] = {
    {{SCAN_OF_WORKSPACE("", "DESC"), SCAN_OF_WORKSPACE("", "ASC")},
     {SCAN_OF_WORKSPACE(", category, tags", "DESC"), SCAN_OF_WORKSPACE(", category, tags", "ASC")}},
    {{SCAN_OF_ALL("", "DESC"), SCAN_OF_ALL("", "ASC")},
     {SCAN_OF_ALL(", category, tags", "DESC"), SCAN_OF_ALL(", category, tags", "ASC")}},
};

static enum err scan_read(struct op *op, const struct db_rows *rows, bool lists,
                          struct task_list *ret_tasks)
{
    struct task *tasks = ARENA_ARRAY(op->arena, struct task, rows->n);
    if (tasks == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++) {
        struct task *task = &tasks[i];
        task->id = db_get_i64(rows, i, 0);
        task->workspace_id = db_get_i64(rows, i, 1);
        task->number = db_get_i64(rows, i, 2);
        task->created_at = db_get_i64(rows, i, 3);
        task->type = (enum task_type)db_get_i64(rows, i, 4);
        task->status = (enum task_status)db_get_i64(rows, i, 5);
        task->priority = (enum level)db_get_i64(rows, i, 6);
        task->reporter_id = db_get_i64(rows, i, 7);
        task->assignee_id = db_get_i64(rows, i, 8);
        task->source_id = db_get_i64(rows, i, 9);
        task->due_date = (int32_t)get_or_none(rows, i, 10, DATE_NONE);
        struct str_list *const both[] = {&task->category, &task->tags};
        enum err err = lists ? lists_read(op, rows, i, 11, both, 2) : ERR_OK;
        if (err != ERR_OK)
            return err;
    }
    *ret_tasks = (struct task_list){tasks, rows->n};
    return ERR_OK;
}

enum err store_task_scan(struct db *db, struct op *op, const struct task_scan *scan,
                         struct task_list *ret_tasks)
{
    struct db_rows rows;
    bool all = scan->workspace_id == 0;
    const char *sql = scans[all][scan->lists][scan->oldest_first];
    struct db_value above = db_i64(scan->above), below = db_i64(scan->below);
    struct db_value limit = db_i64(scan->limit);
    enum err err = all ? db_query(db, op, sql, DB_ARGS(above, below, limit), &rows)
                       : db_query(db, op, sql,
                                  DB_ARGS(db_i64(scan->workspace_id), above, below, limit), &rows);
    return err == ERR_OK ? scan_read(op, &rows, scan->lists, ret_tasks) : err;
}

enum err store_task_number_below(struct db *db, struct op *op, int64_t workspace_id, int64_t id,
                                 int64_t *ret_number)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT MAX(number) FROM task WHERE workspace_id = $1",
                            DB_ARGS(db_i64(workspace_id)), &rows);
    if (err != ERR_OK)
        return err;
    /* Halving: numbers up to `low` have ids below, those above `high` do not. */
    int64_t low = 0, high = db_get_i64(&rows, 0, 0);
    while (low < high) {
        int64_t middle = low + (high - low + 1) / 2;
        err = db_query(db, op,
                       "SELECT number, id FROM task WHERE workspace_id = $1 AND number >= $2"
                       " ORDER BY number LIMIT 1",
                       DB_ARGS(db_i64(workspace_id), db_i64(middle)), &rows);
        if (err != ERR_OK)
            return err;
        if (rows.n == 1 && db_get_i64(&rows, 0, 1) < id)
            low = db_get_i64(&rows, 0, 0);
        else
            high = middle - 1;
    }
    *ret_number = low;
    return ERR_OK;
}
