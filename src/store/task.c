#include "store/task.h"

#include "model/task_field.h"
#include "store/list.h"

/* The id and one for each field of model/task.def; of a new record, without those that come
 * later. */
#define CREATED                                                                                    \
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,"   \
    " $21, $22, $23, $24, $25, $26, $27, $28, $29, $30"
#define PARAMETERS CREATED ", $31, $32, $33"
enum { CREATED_COLUMNS = 30, COLUMNS = 33 };
_Static_assert(CREATED_COLUMNS == 1 + TASK_FIELD_AT_comment_count, "as many as a create writes");
_Static_assert(COLUMNS == 1 + TASK_FIELDS, "as many parameters as columns");

/* The columns are named as the fields of the table are, so a new field is in every statement. */
static const char insert_sql[] = "INSERT INTO task (id"
#define FIELD(field, kind, member) ", " #field
#define LATER(field, kind, member)
#include "model/task.def"
                                 ") VALUES (" CREATED ")";

static const char update_sql[] = "UPDATE task SET (id"
/* NOLINTNEXTLINE(readability-duplicate-include) */
#include "model/task.def"
                                 ") = (" PARAMETERS ") WHERE id = $1";

static const char select_by_number_sql[] = "SELECT id"
/* NOLINTNEXTLINE(readability-duplicate-include) */
#include "model/task.def"
                                           " FROM task WHERE workspace_id = $1 AND number = $2";

static const char select_by_id_sql[] = "SELECT id"
/* NOLINTNEXTLINE(readability-duplicate-include) */
#include "model/task.def"
                                       " FROM task WHERE id = $1";
#undef FIELD

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
                            " (SELECT MAX(id) FROM request), (SELECT MAX(id) FROM comment),"
                            " (SELECT MAX(id) FROM content), (SELECT MAX(id) FROM attachment)",
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

static struct db_value number_or_null(int64_t number, int64_t none)
{
    return number == none ? db_null() : db_i64(number);
}

static int64_t get_or_none(const struct db_rows *rows, size_t row, size_t column, int64_t none)
{
    return db_is_null(rows, row, column) ? none : db_get_i64(rows, row, column);
}

/* ---- a row ---- */

/* What means "none" in a struct is NULL in a row. */
static enum err field_write(struct op *op, const struct task *task, const struct task_field *field,
                            struct db_value *ret_value)
{
    const void *value = task_field_get(task, field);
    struct str text;
    enum err err;
    switch (field->kind) {
    case TASK_FIELD_NUMBER:
    case TASK_FIELD_COUNT:
    case TASK_FIELD_WORKSPACE:
    case TASK_FIELD_ACCOUNT:
        *ret_value = db_i64(*(const int64_t *)value);
        break;
    case TASK_FIELD_TYPE:
        *ret_value = db_i64(*(const enum task_type *)value);
        break;
    case TASK_FIELD_STATUS:
        *ret_value = db_i64(*(const enum task_status *)value);
        break;
    case TASK_FIELD_LEVEL:
        *ret_value = db_i64(*(const enum level *)value);
        break;
    case TASK_FIELD_MONEY:
    case TASK_FIELD_TIME:
        *ret_value = number_or_null(*(const int64_t *)value,
                                    field->kind == TASK_FIELD_MONEY ? CENTS_NONE : TIME_NONE);
        break;
    case TASK_FIELD_DATE:
        *ret_value = number_or_null(*(const int32_t *)value, DATE_NONE);
        break;
    case TASK_FIELD_NAME:
    case TASK_FIELD_TEXT:
    case TASK_FIELD_OBJECT:
        *ret_value = db_text(*(const struct str *)value);
        break;
    case TASK_FIELD_TEXTS:
        err = list_write(op, *(const struct str_list *)value, &text);
        if (err != ERR_OK)
            return err;
        *ret_value = db_text(text);
        break;
    }
    return ERR_OK;
}

static enum err field_read(struct op *op, const struct db_rows *rows, size_t column,
                           const struct task_field *field, struct task *task)
{
    void *value = task_field_of(task, field);
    switch (field->kind) {
    case TASK_FIELD_NUMBER:
    case TASK_FIELD_COUNT:
    case TASK_FIELD_WORKSPACE:
    case TASK_FIELD_ACCOUNT:
        *(int64_t *)value = db_get_i64(rows, 0, column);
        break;
    case TASK_FIELD_TYPE:
        *(enum task_type *)value = (enum task_type)db_get_i64(rows, 0, column);
        break;
    case TASK_FIELD_STATUS:
        *(enum task_status *)value = (enum task_status)db_get_i64(rows, 0, column);
        break;
    case TASK_FIELD_LEVEL:
        *(enum level *)value = (enum level)db_get_i64(rows, 0, column);
        break;
    case TASK_FIELD_MONEY:
    case TASK_FIELD_TIME:
        *(int64_t *)value =
            get_or_none(rows, 0, column, field->kind == TASK_FIELD_MONEY ? CENTS_NONE : TIME_NONE);
        break;
    case TASK_FIELD_DATE:
        *(int32_t *)value = (int32_t)get_or_none(rows, 0, column, DATE_NONE);
        break;
    case TASK_FIELD_NAME:
    case TASK_FIELD_TEXT:
    case TASK_FIELD_OBJECT:
        *(struct str *)value = db_get_str(rows, 0, column);
        break;
    case TASK_FIELD_TEXTS:
        return list_read(op, db_get_str(rows, 0, column), value);
    }
    return ERR_OK;
}

static enum err row_write(struct db *db, struct op *op, const char *sql, size_t columns,
                          const struct task *task)
{
    struct db_value values[COLUMNS] = {db_i64(task->id)};
    for (size_t i = 0; 1 + i < columns; i++) {
        enum err err = field_write(op, task, &task_fields[i], &values[1 + i]);
        if (err != ERR_OK)
            return err;
    }
    return db_run(db, op, sql, (struct db_args){values, columns});
}

/* The one record that a query for all columns found. */
static enum err row_read(struct op *op, const struct db_rows *rows, struct task *ret_task)
{
    if (rows->n == 0)
        return ERR_NOT_FOUND;
    struct task task = {.id = db_get_i64(rows, 0, 0)};
    for (size_t i = 0; i < TASK_FIELDS; i++) {
        enum err err = field_read(op, rows, 1 + i, &task_fields[i], &task);
        if (err != ERR_OK)
            return err;
    }
    *ret_task = task;
    return ERR_OK;
}

enum err store_task_add(struct db *db, struct op *op, const struct task *task)
{
    return row_write(db, op, insert_sql, CREATED_COLUMNS, task);
}

enum err store_task_put(struct db *db, struct op *op, const struct task *task)
{
    return row_write(db, op, update_sql, COLUMNS, task);
}

enum err store_task_get(struct db *db, struct op *op, int64_t workspace_id, int64_t number,
                        struct task *ret_task)
{
    struct db_rows rows;
    enum err err = db_query(db, op, select_by_number_sql,
                            DB_ARGS(db_i64(workspace_id), db_i64(number)), &rows);
    return err == ERR_OK ? row_read(op, &rows, ret_task) : err;
}

enum err store_task_get_by_id(struct db *db, struct op *op, int64_t id, struct task *ret_task)
{
    struct db_rows rows;
    enum err err = db_query(db, op, select_by_id_sql, DB_ARGS(db_i64(id)), &rows);
    return err == ERR_OK ? row_read(op, &rows, ret_task) : err;
}

enum err store_task_count(struct db *db, struct op *op, int64_t id, int64_t seq, int64_t at,
                          const struct task_counts *more)
{
    return db_run(db, op,
                  "UPDATE task SET version = version + 1, last_seq = $2, updated_at = $3,"
                  " comment_count = comment_count + $4, internal_count = internal_count + $5,"
                  " attachment_count = attachment_count + $6 WHERE id = $1",
                  DB_ARGS(db_i64(id), db_i64(seq), db_i64(at), db_i64(more->comments),
                          db_i64(more->internal), db_i64(more->attachments)));
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
        enum err err = lists ? list_read(op, db_get_str(rows, i, 11), &task->category) : ERR_OK;
        if (err == ERR_OK && lists)
            err = list_read(op, db_get_str(rows, i, 12), &task->tags);
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
