/*
 * One process at a time works on a file of SQLite's. Its lock is the file's name and "-lock",
 * beside the file and by its real path, so that no other spelling, no link and no other data folder
 * leads past it. In the lock stands who holds it: its process id and its data folder, where its
 * control socket is. An engine that several processes may write to has no such file, and no lock.
 */
#ifndef BZCTRL_DB_LOCK_H
#define BZCTRL_DB_LOCK_H

#include "base/op.h"

enum db_lock {
    DB_LOCK_MAKE,     /* the database is made, empty, where there is none */
    DB_LOCK_EXISTING, /* ERR_UNAVAILABLE where there is none, and nothing is left there */
    DB_LOCK_USED,     /* for a file that is only read: takes the lock if anybody has ever made it */
};

/* The file of a URL; absent for another engine. */
struct str db_file(struct str url);

/*
 * Takes the database of `url` until *ret_lock is closed, which must come after the last of its
 * connections; *ret_lock is -1 when there is nothing to take. `data_dir` is written into the lock,
 * and may be NULL. ERR_BUSY, and who it is in op->detail, when another process has it;
 * ERR_UNAVAILABLE for a file with hard links, since SQLite keeps a log beside each name and would
 * lose what the other one holds.
 */
enum err db_lock(struct str url, struct op *op, enum db_lock kind, const char *data_dir,
                 int *ret_lock) MUST_CHECK;

/* Whether a process has the database, and its data folder, in op->arena; absent when it has none.
 */
enum err db_lock_look(struct str url, struct op *op, bool *ret_held,
                      struct str *ret_folder) MUST_CHECK;

#endif
