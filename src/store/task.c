#include "store/task.h"

#include "model/link.h"
#include "model/task_field.h"
#include "store/follower.h"
#include "store/list.h"

/* The id and one for each field of model/task.def: those of a create, and then those of changes. */
#define PARAMETERS_CREATED                                                                         \
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,"   \
    " $21, $22, $23, $24, $25, $26, $27, $28, $29, $30"
#define PARAMETERS                                                                                 \
    PARAMETERS_CREATED ", $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44"
enum { COLUMNS_CREATED = 30, COLUMNS = 44 };
_Static_assert(COLUMNS_CREATED == 1 + TASK_FIELDS_CREATED, "as many parameters as columns");
_Static_assert(COLUMNS == 1 + TASK_FIELDS, "as many parameters as columns");

/* The columns are named as the fields of the table are, so a new field is in every statement. */
static const char insert_sql[] = "INSERT INTO task (id"
#define FIELD(field, kind, member) ", " #field
#define LATER(field, kind, member)
#include "model/task.def"
                                 ") VALUES (" PARAMETERS_CREATED ")";

static const char update_sql[] = "UPDATE task SET (id"
/* NOLINTNEXTLINE(readability-duplicate-include) */
#include "model/task.def"
                                 ") = (" PARAMETERS ") WHERE id = $1 AND version = $3 - 1"
                                 " RETURNING id";

static const char select_by_number_sql[] = "SELECT id"
/* NOLINTNEXTLINE(readability-duplicate-include) */
#include "model/task.def"
                                           " FROM task WHERE workspace_id = $1 AND number = $2";

static const char select_by_id_sql[] = "SELECT id"
/* NOLINTNEXTLINE(readability-duplicate-include) */
#include "model/task.def"
                                       " FROM task WHERE id = $1";

static const char select_each_sql[] =
    "SELECT id"
/* NOLINTNEXTLINE(readability-duplicate-include) */
#include "model/task.def"
    " FROM task WHERE id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
    " $11, $12, $13, $14, $15, $16)";

static const char select_range_sql[] = "SELECT id"
/* NOLINTNEXTLINE(readability-duplicate-include) */
#include "model/task.def"
                                       " FROM task WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3";
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
    enum err err =
        db_query(db, op,
                 "SELECT (SELECT MAX(id) FROM task), (SELECT MAX(id) FROM answer),"
                 " (SELECT MAX(id) FROM request), (SELECT MAX(id) FROM comment),"
                 " (SELECT MAX(id) FROM content), (SELECT MAX(id) FROM attachment),"
                 " (SELECT MAX(id) FROM bulk_change), (SELECT MAX(id) FROM bulk_verdict),"
                 " (SELECT MAX(id) FROM meeting), (SELECT MAX(id) FROM meeting_session),"
                 " (SELECT MAX(id) FROM meeting_note)",
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

/* ---- a row ---- */

/* How a kind of field is kept in a struct task, and which number means "none": NULL in a row. Texts
 * that are absent are NULL too. */
enum keeping { KEPT_I64, KEPT_I32, KEPT_TEXT, KEPT_TEXTS };

static const struct kept {
    enum keeping as;
    bool optional;
    int64_t none;
} kinds[] = {
    [TASK_FIELD_NUMBER] = {KEPT_I64},
    [TASK_FIELD_TYPE] = {KEPT_I32},
    [TASK_FIELD_STATUS] = {KEPT_I32},
    [TASK_FIELD_LEVEL] = {KEPT_I32},
    [TASK_FIELD_WORKSPACE] = {KEPT_I64},
    [TASK_FIELD_ACCOUNT] = {KEPT_I64, true, 0},
    [TASK_FIELD_RECORD] = {KEPT_I64, true, 0},
    [TASK_FIELD_MONEY] = {KEPT_I64, true, CENTS_NONE},
    [TASK_FIELD_DATE] = {KEPT_I32, true, DATE_NONE},
    [TASK_FIELD_TIME] = {KEPT_I64, true, TIME_NONE},
    [TASK_FIELD_NAME] = {KEPT_TEXT},
    [TASK_FIELD_TEXT] = {KEPT_TEXT},
    [TASK_FIELD_OBJECT] = {KEPT_TEXT},
    [TASK_FIELD_TEXTS] = {KEPT_TEXTS},
};
_Static_assert(sizeof(enum task_type) == sizeof(int32_t) &&
                   sizeof(enum task_status) == sizeof(int32_t) &&
                   sizeof(enum level) == sizeof(int32_t),
               "an enumeration is kept in 32 bits");

static enum err field_write(struct op *op, const struct task *task, const struct task_field *field,
                            struct db_value *ret_value)
{
    const void *value = task_field_get(task, field);
    const struct kept *kept = &kinds[field->kind];
    struct str text = STR_NONE;
    int64_t number = 0;
    enum err err = ERR_OK;
    switch (kept->as) {
    case KEPT_I64:
        number = *(const int64_t *)value;
        break;
    case KEPT_I32:
        number = *(const int32_t *)value;
        break;
    case KEPT_TEXT:
        *ret_value = db_text(*(const struct str *)value);
        return ERR_OK;
    case KEPT_TEXTS:
        err = list_write(op, *(const struct str_list *)value, &text);
        *ret_value = db_text(text);
        return err;
    }
    *ret_value = kept->optional && number == kept->none ? db_null() : db_i64(number);
    return ERR_OK;
}

static enum err field_read(struct op *op, const struct db_rows *rows, size_t row, size_t column,
                           const struct task_field *field, struct task *task)
{
    void *value = task_field_of(task, field);
    const struct kept *kept = &kinds[field->kind];
    bool none = kept->optional && db_is_null(rows, row, column);
    switch (kept->as) {
    case KEPT_I64:
        *(int64_t *)value = none ? kept->none : db_get_i64(rows, row, column);
        break;
    case KEPT_I32:
        *(int32_t *)value = (int32_t)(none ? kept->none : db_get_i64(rows, row, column));
        break;
    case KEPT_TEXT:
        *(struct str *)value = db_get_str(rows, row, column);
        break;
    case KEPT_TEXTS:
        return list_read(op, db_get_str(rows, row, column), value);
    }
    return ERR_OK;
}

/* The values of the first `n` columns. */
static enum err row_values(struct op *op, const struct task *task, struct db_value *values,
                           size_t n)
{
    values[0] = db_i64(task->id);
    enum err err = ERR_OK;
    for (size_t i = 1; i < n && err == ERR_OK; i++)
        err = field_write(op, task, &task_fields[i - 1], &values[i]);
    return err;
}

/* What a record shows of other rows: the keys of its parent and of what it is proposed to be a
 * duplicate of, and who follows it. */
static enum err row_read_along(struct db *db, struct op *op, struct task *task)
{
    struct db_rows rows;
    if (task->parent_id != 0) {
        enum err err = db_query(db, op, "SELECT workspace_id, number FROM task WHERE id = $1",
                                DB_ARGS(db_i64(task->parent_id)), &rows);
        if (err != ERR_OK)
            return err;
        if (rows.n == 0)
            return op_fail(op, ERR_CORRUPT, "the parent of a record is gone");
        task->parent_workspace_id = db_get_i64(&rows, 0, 0);
        task->parent_number = db_get_i64(&rows, 0, 1);
    }
    if (task->proposed_by != 0) {
        enum err err = db_query(
            db, op,
            "SELECT o.workspace_id, o.number FROM task_link l JOIN task o ON o.id = l.other_id"
            " WHERE l.task_id = $1 AND l.kind = $2 AND l.ended_seq IS NULL",
            DB_ARGS(db_i64(task->id), db_i64(LINK_DUPLICATES)), &rows);
        if (err != ERR_OK)
            return err;
        if (rows.n > 0) {
            task->original_workspace_id = db_get_i64(&rows, 0, 0);
            task->original_number = db_get_i64(&rows, 0, 1);
        }
    }
    return task->follower_count == 0 ? ERR_OK : store_followers(db, op, task);
}

/* A record that a query for all columns found. */
static enum err row_read(struct db *db, struct op *op, const struct db_rows *rows, size_t row,
                         struct task *ret_task)
{
    if (rows->n == row)
        return ERR_NOT_FOUND;
    struct task task = {.id = db_get_i64(rows, row, 0)};
    for (size_t i = 0; i < TASK_FIELDS; i++) {
        enum err err = field_read(op, rows, row, 1 + i, &task_fields[i], &task);
        if (err != ERR_OK)
            return err;
    }
    enum err err = row_read_along(db, op, &task);
    if (err == ERR_OK)
        *ret_task = task;
    return err;
}

enum err store_task_add(struct db *db, struct op *op, const struct task *task)
{
    struct db_value values[COLUMNS_CREATED];
    enum err err = row_values(op, task, values, COLUMNS_CREATED);
    return err == ERR_OK ? db_run(db, op, insert_sql, (struct db_args){values, COLUMNS_CREATED})
                         : err;
}

enum err store_task_put(struct db *db, struct op *op, const struct task *task)
{
    struct db_value values[COLUMNS];
    struct db_rows rows;
    enum err err = row_values(op, task, values, COLUMNS);
    if (err == ERR_OK)
        err = db_query(db, op, update_sql, (struct db_args){values, COLUMNS}, &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_RETRY : err;
}

enum err store_task_get(struct db *db, struct op *op, int64_t workspace_id, int64_t number,
                        struct task *ret_task)
{
    struct db_rows rows;
    enum err err = db_query(db, op, select_by_number_sql,
                            DB_ARGS(db_i64(workspace_id), db_i64(number)), &rows);
    return err == ERR_OK ? row_read(db, op, &rows, 0, ret_task) : err;
}

enum err store_task_get_by_id(struct db *db, struct op *op, int64_t id, struct task *ret_task)
{
    struct db_rows rows;
    enum err err = db_query(db, op, select_by_id_sql, DB_ARGS(db_i64(id)), &rows);
    return err == ERR_OK ? row_read(db, op, &rows, 0, ret_task) : err;
}

enum err store_task_id(struct db *db, struct op *op, int64_t workspace_id, int64_t number,
                       int64_t *ret_id)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT id FROM task WHERE workspace_id = $1 AND number = $2",
                            DB_ARGS(db_i64(workspace_id), db_i64(number)), &rows);
    if (err == ERR_OK)
        *ret_id = rows.n == 0 ? 0 : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_task_counts_at(struct db *db, struct op *op, int64_t id, int64_t seq,
                              struct task *task)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT (SELECT COUNT(*) FROM comment WHERE task_id = $1 AND seq <= $2 AND internal = 0"
        " AND (deleted_at IS NULL OR last_seq > $2)),"
        " (SELECT COUNT(*) FROM comment WHERE task_id = $1 AND seq <= $2 AND internal = 1"
        " AND (deleted_at IS NULL OR last_seq > $2)),"
        " (SELECT COUNT(*) FROM attachment WHERE task_id = $1 AND seq <= $2"
        " AND (deleted_at IS NULL OR last_seq > $2))",
        DB_ARGS(db_i64(id), db_i64(seq)), &rows);
    if (err != ERR_OK)
        return err;
    task->comment_count = db_get_i64(&rows, 0, 0);
    task->internal_count = db_get_i64(&rows, 0, 1);
    task->attachment_count = db_get_i64(&rows, 0, 2);
    return ERR_OK;
}

static enum err rows_read(struct db *db, struct op *op, const struct db_rows *rows,
                          struct task_list *ret_tasks)
{
    struct task *tasks = ARENA_ARRAY(op->arena, struct task, rows->n);
    enum err err = tasks == NULL ? ERR_MEMORY : ERR_OK;
    for (size_t i = 0; i < rows->n && err == ERR_OK; i++)
        err = row_read(db, op, rows, i, &tasks[i]);
    *ret_tasks = (struct task_list){tasks, rows->n};
    return err;
}

enum err store_task_get_each(struct db *db, struct op *op, const int64_t *ids, size_t n,
                             struct task_list *ret_tasks)
{
    struct db_rows rows;
    struct db_value values[TASKS_AT_ONCE];
    /* One statement for any number of ids: the last one fills it up. */
    for (size_t i = 0; i < TASKS_AT_ONCE; i++)
        values[i] = db_i64(ids[i < n ? i : n - 1]);
    enum err err =
        db_query(db, op, select_each_sql, (struct db_args){values, TASKS_AT_ONCE}, &rows);
    return err == ERR_OK ? rows_read(db, op, &rows, ret_tasks) : err;
}

enum err store_task_range(struct db *db, struct op *op, int64_t above, int64_t last, int64_t limit,
                          struct task_list *ret_tasks)
{
    struct db_rows rows;
    enum err err = db_query(db, op, select_range_sql,
                            DB_ARGS(db_i64(above), db_i64(last), db_i64(limit)), &rows);
    return err == ERR_OK ? rows_read(db, op, &rows, ret_tasks) : err;
}

enum err store_task_place(struct db *db, struct op *op, int64_t id, int64_t *ret_workspace_id,
                          int64_t *ret_source_id)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT workspace_id, source_id FROM task WHERE id = $1",
                            DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK) {
        *ret_workspace_id = db_get_i64(&rows, 0, 0);
        *ret_source_id = db_get_i64(&rows, 0, 1);
    }
    return err;
}

enum err store_task_version(struct db *db, struct op *op, int64_t id, int64_t *ret_version,
                            int64_t *ret_parent_id)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT version, parent_id FROM task WHERE id = $1",
                            DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK) {
        *ret_version = db_get_i64(&rows, 0, 0);
        *ret_parent_id = db_get_i64(&rows, 0, 1);
    }
    return err;
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

/* The shapes of a scan: [of all][oldest first]. $1 is the workspace, if any. */
#define SCAN_COLUMNS                                                                               \
    "id, workspace_id, number, created_at, type, status, priority, reporter_id, assignee_id,"      \
    " source_id, due_date"
#define SCAN_OF_WORKSPACE(order)                                                                   \
    "SELECT " SCAN_COLUMNS " FROM task WHERE workspace_id = $1 AND number > $2"                    \
    " AND number < $3 ORDER BY number " order " LIMIT $4"
#define SCAN_OF_ALL(order)                                                                         \
    "SELECT " SCAN_COLUMNS " FROM task WHERE id > $1 AND id < $2 ORDER BY id " order " LIMIT $3"

static const char *const scans[2][2] = {
    {SCAN_OF_WORKSPACE("DESC"), SCAN_OF_WORKSPACE("ASC")},
    {SCAN_OF_ALL("DESC"), SCAN_OF_ALL("ASC")},
};

static enum err scan_read(struct op *op, const struct db_rows *rows, struct task_list *ret_tasks)
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
        task->due_date = db_is_null(rows, i, 10) ? DATE_NONE : (int32_t)db_get_i64(rows, i, 10);
    }
    *ret_tasks = (struct task_list){tasks, rows->n};
    return ERR_OK;
}

enum err store_task_scan(struct db *db, struct op *op, const struct task_scan *scan,
                         struct task_list *ret_tasks)
{
    struct db_rows rows;
    bool all = scan->workspace_id == 0;
    const char *sql = scans[all][scan->oldest_first];
    struct db_value above = db_i64(scan->above), below = db_i64(scan->below);
    struct db_value limit = db_i64(scan->limit);
    enum err err = all ? db_query(db, op, sql, DB_ARGS(above, below, limit), &rows)
                       : db_query(db, op, sql,
                                  DB_ARGS(db_i64(scan->workspace_id), above, below, limit), &rows);
    return err == ERR_OK ? scan_read(op, &rows, ret_tasks) : err;
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
