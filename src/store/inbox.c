#include "store/inbox.h"

#include "model/date.h"
#include "store/time.h"

#include <stdlib.h>

static struct db_value or_null(int64_t number, int64_t none)
{
    return number == none ? db_null() : db_i64(number);
}

enum err store_inbox_marks(struct db *db, struct op *op, int64_t account_id,
                           struct inbox_marks *ret_marks)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT task_id, until, assigned_at, proposed_at, due_date, reasons, mention_id"
                 " FROM inbox_mark WHERE account_id = $1 AND (until IS NULL OR until > $2)"
                 " ORDER BY task_id",
                 DB_ARGS(db_i64(account_id), db_i64(op->now)), &rows);
    if (err != ERR_OK)
        return err;
    struct inbox_mark *items = ARENA_ARRAY(op->arena, struct inbox_mark, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct inbox_mark){
            .task_id = db_get_i64(&rows, i, 0),
            .until = time_or_none(&rows, i, 1),
            .assigned_at = db_get_i64(&rows, i, 2),
            .proposed_at = time_or_none(&rows, i, 3),
            .due_date = db_is_null(&rows, i, 4) ? DATE_NONE : (int32_t)db_get_i64(&rows, i, 4),
            .reasons = (unsigned)db_get_i64(&rows, i, 5),
            .mention_id = db_is_null(&rows, i, 6) ? 0 : db_get_i64(&rows, i, 6),
        };
    *ret_marks = (struct inbox_marks){items, rows.n};
    return ERR_OK;
}

enum err store_inbox_answered(struct db *db, struct op *op, int64_t account_id, int64_t after,
                              int64_t limit, struct task_list *ret_tasks)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT t.id, t.workspace_id, t.version, t.created_at, t.status, t.assignee_id,"
        " t.reporter_id, t.source_id, t.due_date, t.proposed_at, t.proposed_by, t.assigned_at,"
        " t.assigned_by FROM inbox_mark m JOIN task t ON t.id = m.task_id"
        " WHERE m.account_id = $1 AND (m.until IS NULL OR m.until > $2) AND m.task_id > $3"
        " ORDER BY m.task_id LIMIT $4",
        DB_ARGS(db_i64(account_id), db_i64(op->now), db_i64(after), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    struct task *tasks = ARENA_ARRAY(op->arena, struct task, rows.n);
    if (tasks == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        tasks[i] = (struct task){
            .id = db_get_i64(&rows, i, 0),
            .workspace_id = db_get_i64(&rows, i, 1),
            .version = db_get_i64(&rows, i, 2),
            .created_at = db_get_i64(&rows, i, 3),
            .status = (enum task_status)db_get_i64(&rows, i, 4),
            .assignee_id = db_get_i64(&rows, i, 5),
            .reporter_id = db_get_i64(&rows, i, 6),
            .source_id = db_get_i64(&rows, i, 7),
            .due_date = db_is_null(&rows, i, 8) ? DATE_NONE : (int32_t)db_get_i64(&rows, i, 8),
            .proposed_at = time_or_none(&rows, i, 9),
            .proposed_by = db_get_i64(&rows, i, 10), /* 0 for NULL: nobody */
            .assigned_at = time_or_none(&rows, i, 11),
            .assigned_by = db_get_i64(&rows, i, 12),
        };
    *ret_tasks = (struct task_list){tasks, rows.n};
    return ERR_OK;
}

enum err store_inbox_mark_count(struct db *db, struct op *op, int64_t account_id, int64_t task_id,
                                int64_t *ret_count)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT COUNT(*) FROM inbox_mark WHERE account_id = $1 AND task_id <> $2",
                 DB_ARGS(db_i64(account_id), db_i64(task_id)), &rows);
    if (err == ERR_OK)
        *ret_count = db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_inbox_mark_put(struct db *db, struct op *op, int64_t account_id,
                              const struct inbox_mark *mark)
{
    return db_run(db, op,
                  "INSERT INTO inbox_mark (account_id, task_id, until, assigned_at, proposed_at,"
                  " due_date, mention_id, reasons) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
                  " ON CONFLICT (account_id, task_id) DO UPDATE SET until = excluded.until,"
                  " assigned_at = excluded.assigned_at, proposed_at = excluded.proposed_at,"
                  " due_date = excluded.due_date, mention_id = excluded.mention_id,"
                  " reasons = excluded.reasons",
                  DB_ARGS(db_i64(account_id), db_i64(mark->task_id),
                          or_null(mark->until, TIME_NONE), db_i64(mark->assigned_at),
                          or_null(mark->proposed_at, TIME_NONE), or_null(mark->due_date, DATE_NONE),
                          or_null(mark->mention_id, 0), db_i64(mark->reasons)));
}

enum err store_inbox_mark_drop(struct db *db, struct op *op, int64_t account_id, int64_t task_id)
{
    return db_run(db, op, "DELETE FROM inbox_mark WHERE account_id = $1 AND task_id = $2",
                  DB_ARGS(db_i64(account_id), db_i64(task_id)));
}

enum err store_inbox_marks_drop(struct db *db, struct op *op, int64_t task_id)
{
    return db_run(db, op, "DELETE FROM inbox_mark WHERE task_id = $1", DB_ARGS(db_i64(task_id)));
}

enum err store_inbox_erase(struct db *db, struct op *op, int64_t account_id)
{
    enum err err =
        db_run(db, op, "DELETE FROM inbox_mark WHERE account_id = $1", DB_ARGS(db_i64(account_id)));
    return err == ERR_OK ? db_run(db, op, "DELETE FROM mention WHERE account_id = $1",
                                  DB_ARGS(db_i64(account_id)))
                         : err;
}

/* ---- mentions ---- */

static int mention_cmp(const void *a, const void *b)
{
    const struct inbox_mention *x = a, *y = b;
    if (x->task_id != y->task_id)
        return x->task_id < y->task_id ? -1 : 1;
    return (x->comment_id < y->comment_id) - (x->comment_id > y->comment_id);
}

enum err store_inbox_mentions(struct db *db, struct op *op, int64_t account_id,
                              struct inbox_mentions *ret_mentions)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT m.task_id, m.comment_id, c.created_at, c.author_id FROM mention m"
                 " JOIN comment c ON c.id = m.comment_id WHERE m.account_id = $1"
                 " AND m.answered = 0 ORDER BY m.comment_id DESC LIMIT $2",
                 DB_ARGS(db_i64(account_id), db_i64(INBOX_MENTIONS_MAX)), &rows);
    if (err != ERR_OK)
        return err;
    struct inbox_mention *items = ARENA_ARRAY(op->arena, struct inbox_mention, rows.n);
    size_t n = 0;
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct inbox_mention){db_get_i64(&rows, i, 0), db_get_i64(&rows, i, 1),
                                          db_get_i64(&rows, i, 2), db_get_i64(&rows, i, 3)};
    qsort(items, rows.n, sizeof *items, mention_cmp);
    for (size_t i = 0; i < rows.n; i++)
        if (n == 0 || items[n - 1].task_id != items[i].task_id)
            items[n++] = items[i];
    *ret_mentions = (struct inbox_mentions){items, n};
    return ERR_OK;
}

enum err store_mentions_answer(struct db *db, struct op *op, int64_t account_id, int64_t task_id,
                               int64_t comment_id)
{
    return db_run(db, op,
                  "UPDATE mention SET answered = 1 WHERE account_id = $1 AND task_id = $2"
                  " AND comment_id <= $3",
                  DB_ARGS(db_i64(account_id), db_i64(task_id), db_i64(comment_id)));
}

enum err store_mentions_reopen(struct db *db, struct op *op, int64_t account_id, int64_t task_id)
{
    return db_run(db, op,
                  "UPDATE mention SET answered = 0 WHERE account_id = $1 AND task_id = $2"
                  " AND NOT EXISTS (SELECT 1 FROM inbox_mark"
                  " WHERE account_id = $1 AND task_id = $2 AND until IS NOT NULL)",
                  DB_ARGS(db_i64(account_id), db_i64(task_id)));
}

static bool mentions(const struct comment *comment, int64_t account_id)
{
    bool any = false;
    for (size_t i = 0; i < comment->mentions.n && !any; i++)
        any = comment->mentions.items[i] == account_id && account_id != comment->author_id;
    return any;
}

enum err store_mentions_put(struct db *db, struct op *op, const struct comment *comment)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT account_id FROM mention WHERE comment_id = $1",
                            DB_ARGS(db_i64(comment->id)), &rows);
    for (size_t i = 0; err == ERR_OK && i < rows.n; i++)
        if (!mentions(comment, db_get_i64(&rows, i, 0)))
            err = db_run(db, op, "DELETE FROM mention WHERE comment_id = $1 AND account_id = $2",
                         DB_ARGS(db_i64(comment->id), db_i64(db_get_i64(&rows, i, 0))));
    for (size_t i = 0; i < comment->mentions.n && err == ERR_OK; i++)
        if (mentions(comment, comment->mentions.items[i]))
            err = db_run(db, op,
                         "INSERT INTO mention (comment_id, account_id, task_id, answered)"
                         " VALUES ($1, $2, $3, 0) ON CONFLICT (comment_id, account_id) DO NOTHING",
                         DB_ARGS(db_i64(comment->id), db_i64(comment->mentions.items[i]),
                                 db_i64(comment->task_id)));
    return err;
}
