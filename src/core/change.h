/*
 * A change: one unit of work on the write lane. The lane takes all that wait, opens one
 * transaction, applies each, commits once, and only then do the answers wake: the group commit.
 *
 * `apply` may read what it likes, must refuse before its first write (by returning an error), and
 * then writes. An error after a write, or of the commit, rolls the whole batch back; it is then run
 * one by one, so that one bad change harms only itself. `apply` can therefore run more than once
 * and must start afresh each time (the core rewinds nothing in op->arena).
 *
 * A change that may be lost must not take others with it, say because it was what filled the disk:
 * it is `apart`, in a transaction of its own behind those that it came with.
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
    const struct idempotency_key *key; /* those that apply will look up; NULL: none */
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

/* The same, and waits for the end, whether or not somebody empties the core's mailbox. `done`,
 * which may be NULL, runs on the calling thread. Returns the outcome. Never on the network thread.
 */
enum err core_change_wait(struct core *core, struct change *change) MUST_CHECK;

/* Whether what ended with ERR_OUTDATED is judged once more, by the directory that is now in force;
 * op->detail is then empty. Each such end is the success of another change, so any number that come
 * at once are all made in the end; there is only a bound in time, for one that others keep
 * overtaking. Start from a zeroed struct, and again after each success. */
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

/* A number that no other transaction of this process has: what was read under another one must be
 * read again. */
uint64_t batch_serial(const struct batch *batch);

/* The version of the directory as this transaction sees it. */
enum err batch_directory_version(struct batch *batch, struct op *op,
                                 int64_t *ret_version) MUST_CHECK;

/* What a change of the directory begins with: ERR_OUTDATED unless the one that it was judged by is
 * the one that this transaction sees, changes before it in the same batch included. */
enum err batch_directory_expect(struct batch *batch, struct op *op,
                                const struct directory *judged_by) MUST_CHECK;

/* The same as the transaction found it. What does not change the directory is judged by this one:
 * it is then as if it had come before a change in its own transaction, so that a run of such
 * changes holds no report up. */
enum err batch_directory_found(struct batch *batch, struct op *op, int64_t *ret_version) MUST_CHECK;

/* Says that this change alters the directory: its version is raised in the same transaction, and
 * the new snapshot is in force before `done` is called. The snapshot before is patched by the rows
 * that the change has marked (sql/0012: accounts with all that they hold, forms, domains,
 * workspaces), so a change marks whatever it touches. */
enum err batch_directory_patched(struct batch *batch, struct op *op) MUST_CHECK;

/* The next number of a workspace; the counter is read once per batch and written back once. Whoever
 * calls this or batch_append_event() first locks the domain against other nodes. */
enum err batch_next_number(struct batch *batch, struct op *op, const struct workspace *workspace,
                           int64_t *ret_number) MUST_CHECK;

/* Locks a domain against other nodes: what is read of its records now is so until the commit. */
enum err batch_hold_domain(struct batch *batch, struct op *op, int64_t domain_id) MUST_CHECK;

/* Appends an event to its domain's chain: fills in seq, at (not before the chain's last), salt and
 * hashes, and writes it. event->domain_id, actor_id, action, key, task_id, previous_seq and payload
 * are the caller's. */
enum err batch_append_event(struct batch *batch, struct op *op, struct event *event) MUST_CHECK;

#endif
