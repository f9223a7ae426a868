#include "store/health.h"

static enum err jobs_read(struct db *db, struct op *op, struct store_health *health)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT kind, COUNT(*),"
                 " CAST(SUM(CASE WHEN lease_until >= $1 THEN 1 ELSE 0 END) AS BIGINT),"
                 " CAST(SUM(CASE WHEN reason IS NULL OR dead = 1 THEN 0 ELSE 1 END) AS BIGINT),"
                 " CAST(SUM(dead) AS BIGINT), MIN(due_at),"
                 " MAX(reason) FROM job GROUP BY kind ORDER BY kind",
                 DB_ARGS(db_i64(op->now)), &rows);
    struct job_kind_health *jobs =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct job_kind_health, rows.n) : NULL;
    if (err != ERR_OK)
        return err;
    if (jobs == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        jobs[i] = (struct job_kind_health){.kind = db_get_str(&rows, i, 0),
                                           .count = db_get_i64(&rows, i, 1),
                                           .running = db_get_i64(&rows, i, 2),
                                           .failing = db_get_i64(&rows, i, 3),
                                           .dead = db_get_i64(&rows, i, 4),
                                           .next_at = db_get_i64(&rows, i, 5),
                                           .reason = db_get_str(&rows, i, 6)};
    health->jobs = jobs;
    health->job_count = rows.n;
    return ERR_OK;
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
