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
#include "model/notification.h"

struct commits;
struct core;
struct db;

struct core_options {
    const char *data_dir;     /* created if missing, mode 0700 */
    bool existing;            /* refuse a missing or older store, and leave it alone */
    const char *database_url; /* NULL: "sqlite:" + data_dir + "/bzctrl.db" */
    struct mailbox *mailbox;  /* where finished jobs go; outlives the core */
    struct watch watch;       /* receives the progress of a migration */
    int64_t mail_gather_ms;   /* how long mail at once waits for more (core/mail.h) */
    enum language language;   /* of people who have chosen none */
};

/* Opens the store: locks DIR/lock and the database (db/lock.h) until core_close(), opens and
 * migrates it, loads the directory, and starts the write lane and the read lane. ERR_BUSY when
 * another process holds either lock; with `existing`, ERR_UNAVAILABLE when there is no store and
 * ERR_INVALID when it is of another version. op->detail describes any other failure. */
enum err core_open(const struct core_options *options, struct op *op,
                   struct core **ret_core) MUST_CHECK;

/* Waits until everything the lanes have accepted is finished and in the mailbox. */
void core_flush(struct core *core);

/* Finishes what the lanes have accepted and closes everything. Finished jobs may start new work
 * on the core, so flush and deliver until the mailbox stays empty before you call this.
 * NULL-safe. */
void core_close(struct core *core);

/* True once a write to disk has failed. Earlier acknowledgements still hold, but this process
 * can give no more: every change is refused with ERR_UNAVAILABLE, and the process should exit,
 * so that the next start recovers. Safe from any thread. */
bool core_is_broken(const struct core *core);

/* How many changes the write lane has committed, in how many transactions. Safe from any thread. */
void core_counts(const struct core *core, uint64_t *ret_batches, uint64_t *ret_changes);

/* As in the options. */
int64_t core_mail_gather(const struct core *core);

/* What somebody has chosen, or else the server's. */
enum language core_language(const struct core *core, enum language chosen);

/* For what is to happen after a commit (core/commits.h). Leave it before core_close(). */
struct commits *core_commits(struct core *core);
/* Do other processes write to the same database? */
bool core_is_shared(const struct core *core);

/* Another connection for reading, for the caller's thread; the caller closes it with db_close()
 * before core_close(). For work that takes too long for the read lane. */
enum err core_open_reader(struct core *core, struct op *op, struct db **ret_db) MUST_CHECK;

/* The URL of the database, which may hold a password; it lives as long as the core. */
struct str core_database(const struct core *core);

/* The data folder; it lives as long. */
struct str core_data_dir(const struct core *core);

/* The current directory. Release the reference with directory_release(); an old snapshot lives
 * until its last reader is done. Both are safe from any thread. */
const struct directory *core_directory(struct core *core) MUST_CHECK;
void directory_release(const struct directory *directory);

/* One that knows whatever the open view of `db` shows, for conclusions that are kept: the current one may be older,
 * by a second where another node has changed it. Then this waits for the write lane, so never call it there.
 * ERR_UNAVAILABLE: it could not be read. */
enum err core_directory_of_view(struct core *core, struct db *db, struct op *op,
                                const struct directory **ret_directory) MUST_CHECK;

/*
 * A read: work for the read lane. `run` has a connection inside one unchanging view (a read
 * transaction); `done` is called on the mailbox's thread with the result of `run` in `err`. If the
 * database asks to try again, `run` is called again with op->arena rewound.
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

/* The same, but waits and returns the outcome; `done` may be NULL. Never on the network thread. */
enum err core_read_wait(struct core *core, struct core_read *read) MUST_CHECK;

#endif
