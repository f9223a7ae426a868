#include "core/node.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/random.h"
#include "store/directory.h"
#include "store/task.h"

/* In milliseconds: how long a process may be silent. Idle ones renew every few seconds. */
static const int64_t LEASE = 60000;

static enum err claim_body(struct db *db, struct op *op, void *arg)
{
    return store_node_claim(db, op, arg, op->now + LEASE);
}

/* After the claim: from then on the previous holder of the number can store nothing more. */
static enum err ids_continue(struct db *db, struct op *op)
{
    int64_t greatest[2];
    enum err err = store_greatest_id(db, op, &greatest[0]);
    if (err == ERR_OK)
        err = store_directory_greatest_id(db, op, &greatest[1]);
    if (err != ERR_OK)
        return err;
    id_seen(greatest[0]);
    id_seen(greatest[1]);
    return ERR_OK;
}

enum err node_claim(struct node *node, struct db *db, struct op *op)
{
    if (db_shared(db)) {
        op->now = clock_now();
        random_bytes(node->owner, sizeof node->owner);
        enum err err = db_transact(db, op, db_begin, claim_body, node);
        if (err != ERR_OK)
            return err;
        id_set_node((unsigned)node->id);
    }
    return ids_continue(db, op);
}

enum err node_renew(const struct node *node, struct db *db, struct op *op,
                    int64_t *ret_directory_version)
{
    return store_node_renew(db, op, node, op->now + LEASE, ret_directory_version);
}

static enum err release_body(struct db *db, struct op *op, void *arg)
{
    int64_t version;
    enum err err = store_node_renew(db, op, arg, 0, &version);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

void node_release(const struct node *node, struct db *db)
{
    struct node held = *node;
    struct arena arena;
    if (!db_shared(db))
        return;
    arena_init(&arena, 64 * 1024);
    struct op op = {.arena = &arena, .now = clock_now()};
    (void)!db_transact(db, &op, db_begin, release_body, &held);
    arena_finish(&arena);
}
