#include "core/link.h"

#include "base/container.h"
#include "store/link.h"

enum err core_link_original(struct db *db, struct op *op, int64_t id, int64_t original)
{
    enum err err = ERR_OK;
    for (int steps = 0; original != 0 && err == ERR_OK; steps++) {
        if (original == id || steps == LINK_CHAIN_MAX)
            return ERR_CONFLICT;
        err = store_link_original(db, op, original, &original);
    }
    return err;
}

/* One side of it, after the event that says it. */
static enum err side_write(const struct task_change *change, const struct task_change *other,
                           struct db *db)
{
    struct link side = {
        .task_id = change->before->id,
        .other_id = other->before->id,
        .kind = change->link,
        .seq = change->written.seq,
        .ended_seq = change->written.seq,
    };
    return change->link_removes ? store_link_end(db, change->op, &side)
                                : store_link_add(db, change->op, &side);
}

/* A link raises the versions of both records: while these are as they were judged by, so are all
 * links between the two. Only a circle can come about elsewhere. */
static enum err link_apply(struct change *job, struct batch *batch)
{
    struct link_change *link = container_of(job, struct link_change, change);
    struct task_change *here = link->here, *there = link->there;
    struct db *db = batch_db(batch);
    struct op *op = job->op;
    enum err err = batch_hold_domain(batch, op, job->domain_id);
    if (err == ERR_OK)
        err = core_task_change_expect(here, batch);
    if (err == ERR_OK)
        err = core_task_change_expect(there, batch);
    if (err == ERR_OK && here->link == LINK_DUPLICATES && !here->link_removes)
        err = core_link_original(db, op, here->before->id, there->before->id);
    if (err != ERR_OK)
        return err == ERR_CONFLICT ? ERR_OUTDATED : err;

    batch_writes(batch, job);
    if (here->event.payload.p != NULL)
        err = core_task_change_write(here, batch);
    if (err == ERR_OK && there->event.payload.p != NULL)
        err = core_task_change_write(there, batch);
    if (err != ERR_OK || here->link == LINK_NONE)
        return err;
    err = side_write(here, there, db);
    return err == ERR_OK ? side_write(there, here, db) : err;
}

enum err core_link_change(struct core *core, struct link_change *link)
{
    struct task_change *here = link->here, *there = link->there;
    there->link = here->link == LINK_NONE ? LINK_NONE : link_kind_inverse(here->link);
    there->link_removes = here->link_removes;
    here->link_key = task_change_key(there);
    there->link_key = task_change_key(here);
    enum err err = here->link_key.p == NULL ? ERR_MEMORY : core_task_change_prepare(here);
    if (err == ERR_OK)
        err = core_task_change_prepare(there);
    if (err != ERR_OK || (here->event.payload.p == NULL && there->event.payload.p == NULL))
        return err;
    link->change =
        (struct change){.op = here->op, .domain_id = here->event.domain_id, .apply = link_apply};
    return core_change_wait(core, &link->change);
}
