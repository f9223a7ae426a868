#include "store/health.h"

#include "store/job.h"

enum { KINDS_MAX = 64 };

/* Each by an index, and counted up to JOBS_COUNTED. */
static enum err job_kind_read(struct db *db, struct op *op, struct job_kind_health *job)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE kind = $1 LIMIT $3) a),"
        " (SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE kind = $1 AND lease_until > 0"
        " AND lease_until >= $2 LIMIT $3) w),"
        " (SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE kind = $1 AND reason IS NOT NULL"
        " AND dead = 0 LIMIT $3) f),"
        " (SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE kind = $1 AND dead = 1 LIMIT $3) d),"
        " COALESCE((SELECT MIN(due_at) FROM job WHERE kind = $1 AND dead = 0),"
        " (SELECT MIN(due_at) FROM job WHERE kind = $1 AND dead = 1)),"
        " (SELECT reason FROM job WHERE kind = $1 AND reason IS NOT NULL LIMIT 1)",
        DB_ARGS(db_text(job->kind), db_i64(op->now), db_i64(JOBS_COUNTED)), &rows);
    if (err != ERR_OK)
        return err;
    job->count = db_get_i64(&rows, 0, 0);
    job->running = db_get_i64(&rows, 0, 1);
    job->failing = db_get_i64(&rows, 0, 2);
    job->dead = db_get_i64(&rows, 0, 3);
    job->next_at = db_get_i64(&rows, 0, 4);
    job->reason = db_get_str(&rows, 0, 5);
    return ERR_OK;
}

static enum err jobs_read(struct db *db, struct op *op, struct store_health *health)
{
    struct job_kind_health *jobs = ARENA_ARRAY(op->arena, struct job_kind_health, KINDS_MAX);
    struct str kind = STR("");
    enum err err = jobs == NULL ? ERR_MEMORY : ERR_OK;
    health->jobs = jobs;
    for (size_t n = 0; n < KINDS_MAX && err == ERR_OK; n++) {
        err = store_job_kind_after(db, op, kind, &kind);
        if (err != ERR_OK)
            break;
        jobs[n].kind = kind;
        err = job_kind_read(db, op, &jobs[n]);
        health->job_count = n + 1;
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err nodes_read(struct db *db, struct op *op, struct store_health *health)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT id, lease_until FROM node WHERE lease_until >= $1 ORDER BY id",
                 DB_ARGS(db_i64(op->now)), &rows);
    if (err != ERR_OK)
        return err;
    struct node_health *nodes = ARENA_ARRAY(op->arena, struct node_health, rows.n);
    if (nodes == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        nodes[i] = (struct node_health){db_get_i64(&rows, i, 0), db_get_i64(&rows, i, 1)};
    health->nodes = nodes;
    health->node_count = rows.n;
    return ERR_OK;
}

enum err store_health_get(struct db *db, struct op *op, struct store_health *ret_health)
{
    struct db_rows rows;
    struct store_health health = {0};
    enum err err = db_query(db, op, "SELECT MAX(number) FROM schema_migration", DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        health.schema = db_get_i64(&rows, 0, 0);
    if (err == ERR_OK)
        err = jobs_read(db, op, &health);
    if (err == ERR_OK)
        err = nodes_read(db, op, &health);
    if (err == ERR_OK)
        *ret_health = health;
    return err;
}
