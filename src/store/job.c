#include "store/job.h"

enum err store_job_next(struct db *db, struct op *op, struct str kind, int64_t *ret_due_at)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT MIN(due_at) FROM job WHERE kind = $1 AND dead = 0"
                            " AND lease_until < $2",
                            DB_ARGS(db_text(kind), db_i64(op->now)), &rows);
    if (err == ERR_OK)
        *ret_due_at = db_is_null(&rows, 0, 0) ? INT64_MAX : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_job_claim(struct db *db, struct op *op, struct str kind, int64_t lease_until,
                         struct job *ret_job)
{
    /* The second look at the lease is for a node that has waited for another one's claim. */
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "UPDATE job SET lease_until = $3, attempts = attempts + 1, due_at = $2"
                 " WHERE id = (SELECT id FROM job WHERE kind = $1 AND dead = 0 AND due_at <= $2"
                 " AND lease_until < $2 ORDER BY due_at LIMIT 1) AND lease_until < $2"
                 " RETURNING id, attempts",
                 DB_ARGS(db_text(kind), db_i64(op->now), db_i64(lease_until)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    *ret_job = (struct job){
        .id = db_get_i64(&rows, 0, 0),
        .kind = kind,
        .attempts = db_get_i64(&rows, 0, 1),
        .due_at = op->now,
        .lease_until = lease_until,
    };
    return ERR_OK;
}

enum err store_job_wake(struct db *db, struct op *op, struct str kind)
{
    /* No claim leaves this time, so that the end of one sees that it was woken. */
    return db_run(db, op, "UPDATE job SET due_at = 0 WHERE kind = $1", DB_ARGS(db_text(kind)));
}

enum err store_job_hasten(struct db *db, struct op *op, struct str kind, int64_t due_at)
{
    /* Also where it changes nothing: the row's lock keeps a claim from beginning and ending before this commits. */
    return db_run(
        db, op,
        "UPDATE job SET due_at = CASE WHEN lease_until > 0 THEN 0 WHEN due_at > $2 THEN $2"
        " ELSE due_at END WHERE kind = $1",
        DB_ARGS(db_text(kind), db_i64(due_at)));
}

enum err store_job_put_off(struct db *db, struct op *op, const struct job *job, int64_t due_at,
                           int64_t attempts, struct str reason)
{
    /* By its lease, which no later claim has: attempts are counted from one again. */
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "UPDATE job SET due_at = CASE WHEN due_at = $6 THEN $3 ELSE due_at END,"
                            " attempts = $4, reason = $5, lease_until = 0"
                            " WHERE id = $1 AND lease_until = $2 RETURNING id",
                            DB_ARGS(db_i64(job->id), db_i64(job->lease_until), db_i64(due_at),
                                    db_i64(attempts), db_text(reason), db_i64(job->due_at)),
                            &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_NOT_FOUND : err;
}

/* ---- how long the queues are ---- */

static enum err queue_read(struct db *db, struct op *op, struct job_queue *queue)
{
    struct db_rows due, given_up;
    enum err err = store_job_next(db, op, queue->kind, &queue->due_at);
    if (err == ERR_OK)
        err = db_query(db, op,
                       "SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE kind = $1 AND dead = 0"
                       " AND due_at <= $2 LIMIT $3) counted",
                       DB_ARGS(db_text(queue->kind), db_i64(op->now), db_i64(JOBS_COUNTED)), &due);
    if (err == ERR_OK)
        err = db_query(db, op,
                       "SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE kind = $1 AND dead = 1 LIMIT "
                       "$2) counted",
                       DB_ARGS(db_text(queue->kind), db_i64(JOBS_COUNTED)), &given_up);
    if (err != ERR_OK)
        return err;
    queue->due = db_get_i64(&due, 0, 0);
    queue->given_up = db_get_i64(&given_up, 0, 0);
    return ERR_OK;
}

enum err store_job_kind_after(struct db *db, struct op *op, struct str after, struct str *ret_kind)
{
    struct db_rows next;
    enum err err = db_query(db, op, "SELECT MIN(kind) FROM job WHERE kind > $1",
                            DB_ARGS(db_text(after)), &next);
    if (err == ERR_OK && db_is_null(&next, 0, 0))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_kind = db_get_str(&next, 0, 0);
    return err;
}

enum err store_job_queues(struct db *db, struct op *op, size_t max, struct job_queues *ret_queues)
{
    struct job_queue *queues = ARENA_ARRAY(op->arena, struct job_queue, max);
    struct str kind = STR("");
    enum err err = queues == NULL ? ERR_MEMORY : ERR_OK;
    size_t n = 0;
    while (n < max && err == ERR_OK) {
        err = store_job_kind_after(db, op, kind, &kind);
        if (err != ERR_OK)
            break;
        queues[n].kind = kind;
        err = queue_read(db, op, &queues[n++]);
    }
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    *ret_queues = (struct job_queues){queues, n};
    return ERR_OK;
}
