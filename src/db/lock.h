/*
 * Only one process at a time uses a SQLite file. The lock is a file of the same name with "-lock",
 * beside the file at its real path, so that another spelling, a link or another data folder cannot
 * bypass it. The lock file names its holder: the process id and the data folder, where its control
 * socket is. An engine with several writers has no such file and no lock.
 */
#ifndef BZCTRL_DB_LOCK_H
#define BZCTRL_DB_LOCK_H

#include "base/op.h"

enum db_lock {
    DB_LOCK_MAKE,     /* an empty database is created if there is none */
    DB_LOCK_EXISTING, /* ERR_UNAVAILABLE if there is none; nothing is created */
    DB_LOCK_USED,     /* for a file that is only read: takes the lock if the lock file exists */
};

/* The file of a SQLite URL; absent for another engine. */
struct str db_file(struct str url);

/*
 * Locks the database of `url` until *ret_lock is closed, which must be after its last connection;
 * *ret_lock is -1 when there is nothing to lock. `data_dir` is written into the lock, and may be
 * NULL. ERR_BUSY, with the holder in op->detail, when another process has it; ERR_UNAVAILABLE for a
 * file with several hard links, because SQLite keeps a log for each name and would lose what is in
 * the other one.
 */
enum err db_lock(struct str url, struct op *op, enum db_lock kind, const char *data_dir,
                 int *ret_lock) MUST_CHECK;

/* Whether a process holds the database, and its data folder, in op->arena; absent when it has
 * none. */
enum err db_lock_look(struct str url, struct op *op, bool *ret_held,
                      struct str *ret_folder) MUST_CHECK;

#endif
