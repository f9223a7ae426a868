/*
 * The core: an opened store with its lanes and the current directory. The server and every
 * sub-command open one; the difference is only who empties the mailbox.
 */
#ifndef BZCTRL_CORE_CORE_H
#define BZCTRL_CORE_CORE_H

#include "base/lane.h"
#include "base/op.h"
#include "base/watch.h"
#include "model/directory.h"

struct core;
struct db;

struct core_options {
    const char *data_dir;     /* made if it is missing, mode 0700 */
    bool existing;            /* a store that is not there, or is older, is refused, and stays so */
    const char *database_url; /* NULL: "sqlite:" + data_dir + "/bzctrl.db" */
    struct mailbox *mailbox;  /* where finished jobs go; outlives the core */
    struct watch watch;       /* how far opening is, while it migrates */
};

/* Opens the store: takes DIR/lock and the database (db/lock.h) for life, opens it, migrates it,
 * loads the directory, starts the write lane and the read lane. ERR_BUSY when another process has
 * one; with `existing`, ERR_UNAVAILABLE when there is no store and ERR_INVALID when it is not of
 * this version; whatever else fails is told in op->detail. */
enum err core_open(const struct core_options *options, struct op *op,
                   struct core **ret_core) MUST_CHECK;

/* Waits until all that the lanes have taken is finished, and in the mailbox. */
void core_flush(struct core *core);

/* Finishes what the lanes have taken, closes all. Whatever a finished job goes on to ask for needs
 * the core, so flush and deliver until nothing comes before this. NULL-safe. */
void core_close(struct core *core);

/* True once something could not be made durable. What was promised before holds, but this process
 * can promise nothing any more: every change is refused with ERR_UNAVAILABLE, and the process
 * should end, so that the next start recovers. Safe from any thread. */
bool core_is_broken(const struct core *core);

/* How many changes the write lane has committed, in how many transactions. Safe from any thread. */
void core_counts(const struct core *core, uint64_t *ret_batches, uint64_t *ret_changes);

/* A further connection for reading, for the caller's thread, who closes it with db_close() before
 * core_close(). For work that is too long for the read lane. */
enum err core_open_reader(struct core *core, struct op *op, struct db **ret_db) MUST_CHECK;

/* The URL of the database, which may hold a password; it lives as long as the core. */
struct str core_database(const struct core *core);

/* The current directory. The reference is given back with directory_release(); a snapshot that is
 * no longer current lives until its last reader is done. Both are safe from any thread. */
const struct directory *core_directory(struct core *core) MUST_CHECK;
void directory_release(const struct directory *directory);

/*
 * A read: work for the read lane. `run` has a connection inside one unchanging view (a read
 * transaction); `done` comes back on the mailbox's thread with `err` as `run` left it. `run` starts
 * afresh, with op->arena as it was, should the database ask to try again.
 */
struct core_read {
    struct lane_job job; /* the core's */
    struct op *op;
    enum err (*run)(struct core_read *read, struct db *db);
    void (*done)(struct core_read *read);
    enum err err;
};

/* ERR_BUSY when too much is waiting: then `done` is not called. */
enum err core_read(struct core *core, struct core_read *read) MUST_CHECK;

/* The same, and waits; `done` may be NULL. Never on the network thread. Returns the outcome. */
enum err core_read_wait(struct core *core, struct core_read *read) MUST_CHECK;

#endif
