/*
 * A change: one unit of work on the write lane. The lane takes all waiting changes, opens one
 * transaction, applies each, and commits once; only then are the answers sent. This is a group
 * commit.
 *
 * `apply` may read anything. To refuse, it returns an error before its first write. An error after
 * a write, or in the commit, rolls back the whole batch; its changes are then run one by one, so
 * that a bad change harms only itself. `apply` can therefore run more than once and must start from
 * scratch each time (the core does not rewind op->arena).
 *
 * A change that may be lost must not make others fail, for example because it fills the disk. It is
 * `apart`: it gets its own transaction, after the changes that it arrived with. So is one that locks rows of all
 * domains, where nodes share the database: it would hold them while its batch waits for a domain.
 *
 * After `done`, err is ERR_OK only when the transaction is on stable storage.
 */
#ifndef BZCTRL_CORE_CHANGE_H
#define BZCTRL_CORE_CHANGE_H

#include "core/core.h"
#include "model/event.h"

struct batch;
struct idempotency;

struct change;
typedef enum err change_apply_fn(struct change *change, struct batch *batch);
typedef void change_done_fn(struct change *change);

struct change {
    struct lane_job job; /* the core's */
    struct op *op;
    int64_t domain_id; /* a batch is sorted by it, so nodes lock in one order; 0: none */
    const struct idempotency_key *key; /* the keys that `apply` will look up; NULL: none */
    bool apart; /* domain_id is 0, and no other change is in its transaction */
    change_apply_fn *apply;
    change_done_fn *done; /* on the mailbox's thread */
    enum err err;
    size_t arrival; /* the core's: in its batch */
    bool wrote;     /* the core's: apply has written */
};

/* Hands a change to the write lane. ERR_BUSY when too much is waiting, ERR_UNAVAILABLE when the
 * core is broken (core.h): then `done` is not called. */
enum err core_change(struct core *core, struct change *change) MUST_CHECK;

/* The same, but waits for the outcome, whether or not anything empties the core's mailbox.
 * `done`, which may be NULL, runs on the calling thread. Returns the outcome. Never on the
 * network thread. */
enum err core_change_wait(struct core *core, struct change *change) MUST_CHECK;

/* Whether to judge again what ended with ERR_OUTDATED, by the directory now in force; op->detail
 * is then empty. Each such outcome means that another change succeeded, so any number of
 * concurrent changes all succeed in the end. There is only a time limit, for a change that
 * others keep overtaking. Start with a zeroed struct, and zero it after each success. */
struct judging {
    int64_t until; /* clock_ticks(); 0: nothing has been lost yet */
};
bool judge_again(struct judging *judging, struct op *op, enum err err);

/* ---- for apply ---- */

/* The connection, inside the batch's transaction. */
struct db *batch_db(struct batch *batch);

/* Must be called before the first write of a change; everything before it may refuse. */
void batch_writes(struct batch *batch, struct change *change);

/* The change that is being applied. */
const struct change *batch_current(const struct batch *batch);

/* The memory of idempotency keys (core/idempotency.h) that belongs to this connection. */
struct idempotency *batch_idempotency(struct batch *batch);

/* A number unique to this transaction within the process: anything read under another number
 * must be read again. */
uint64_t batch_serial(const struct batch *batch);

/* The version of the directory as this transaction sees it. */
enum err batch_directory_version(struct batch *batch, struct op *op,
                                 int64_t *ret_version) MUST_CHECK;

/* The first step of a change to the directory: ERR_OUTDATED unless it was judged by the
 * directory that this transaction sees, including earlier changes of the same batch. */
enum err batch_directory_expect(struct batch *batch, struct op *op,
                                const struct directory *judged_by) MUST_CHECK;

/* The same of a change that leaves the directory alone: ERR_OUTDATED unless it was judged by the
 * directory at the start of the transaction, as if it came before any directory change in that; so
 * a series of directory changes does not delay reports. */
enum err batch_directory_expect_begun(struct batch *batch, struct op *op,
                                      const struct directory *judged_by) MUST_CHECK;

/* Says that this change alters the directory: its version is raised in the same transaction, and
 * the new snapshot is in force before `done` is called. The previous snapshot is patched with
 * the rows that the change has marked (sql/0012: accounts with everything they hold, forms,
 * domains, workspaces), so a change must mark every row that it touches. */
enum err batch_directory_patched(struct batch *batch, struct op *op) MUST_CHECK;

/* The next number of a workspace; the counter is read once per batch and written back once. The
 * first call of this or of batch_append_event() locks the domain against other nodes. */
enum err batch_next_number(struct batch *batch, struct op *op, const struct workspace *workspace,
                           int64_t *ret_number) MUST_CHECK;

/* Locks a domain against other nodes: its records cannot change until the commit. That is not a write:
 * a change may still refuse after it. */
enum err batch_hold_domain(struct batch *batch, struct op *op, int64_t domain_id) MUST_CHECK;

/* Appends an event to its domain's chain: fills in seq, at (not before the chain's last), salt and
 * hashes, and writes it. event->domain_id, actor_id, action, key, task_id, previous_seq and payload
 * are the caller's. */
enum err batch_append_event(struct batch *batch, struct op *op, struct event *event) MUST_CHECK;

#endif
