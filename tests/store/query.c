#include "query.h"

struct statement {
    struct change change;
    struct op op;
    const char *sql;
    struct db_args args;
    struct db_rows rows;
};

static enum err statement_apply(struct change *change, struct batch *batch)
{
    struct statement *statement = (struct statement *)(void *)change;
    batch_writes(batch, change);
    return db_query(batch_db(batch), change->op, statement->sql, statement->args, &statement->rows);
}

struct db_rows world_query(struct world *world, const char *sql, struct db_args args)
{
    struct statement statement = {.op = {.arena = &world->arena}, .sql = sql, .args = args};
    statement.change = (struct change){.op = &statement.op, .apply = statement_apply};
    enum err err = core_change_wait(world->core, &statement.change);
    if (err != ERR_OK)
        fail_msg("%s: %s: %s", sql, err_name(err), statement.op.detail);
    return statement.rows;
}

bool holds_up_somebody(struct db *db, struct op *op)
{
    struct db_rows rows;
    assert_int_equal(db_query(db, op,
                              "SELECT 1 FROM pg_locks WHERE NOT granted"
                              " AND pg_backend_pid() = ANY(pg_blocking_pids(pid)) LIMIT 1",
                              DB_NO_ARGS, &rows),
                     ERR_OK);
    return rows.n > 0;
}

void world_wait_for(struct world *world, const bool *done)
{
    while (!*done) {
        mailbox_wait(world->mailbox);
        mailbox_deliver(world->mailbox);
    }
}
