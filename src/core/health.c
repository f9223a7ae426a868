#include "core/health.h"

#include "core/task_index.h"
#include "store/task_index.h"

/* The positions are read before the chains, so the difference is never less than it is. */
enum err core_index_health(struct task_index *index, struct db *db, struct op *op, bool *ret_ready,
                           int64_t *ret_behind)
{
    struct db *reader;
    struct index_positions positions;
    struct chain_heads heads;
    enum err err = task_index_take(index, db, op, &reader);
    *ret_ready = false;
    *ret_behind = 0;
    if (err == ERR_UNAVAILABLE)
        return ERR_OK;
    if (err != ERR_OK)
        return err;
    err = store_index_positions(reader, op, &positions);
    task_index_give(index, reader, err);
    if (err == ERR_OK)
        err = store_chain_heads(db, op, &heads);
    if (err != ERR_OK)
        return err;

    size_t at = 0;
    for (size_t i = 0; i < heads.n; i++) {
        while (at < positions.n && positions.items[at].ordinal < heads.items[i].ordinal)
            at++;
        bool known = at < positions.n && positions.items[at].ordinal == heads.items[i].ordinal;
        int64_t behind = heads.items[i].seq - (known ? positions.items[at].seq : 0);
        *ret_behind += behind > 0 ? behind : 0;
    }
    *ret_ready = true;
    return ERR_OK;
}

enum err core_health(struct core *core, struct db *db, struct op *op, struct health *ret_health)
{
    struct health health = {0};
    enum err err =
        core_index_health(core_task_index(core), db, op, &health.index_ready, &health.index_behind);
    if (err == ERR_OK)
        err = db_describe(db, op, &health.engine, &health.size);
    if (err == ERR_OK)
        err = store_health_get(db, op, &health.store);
    if (err == ERR_OK)
        *ret_health = health;
    return err;
}
