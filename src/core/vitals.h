/*
 * The vital signs of a store: what the metrics and /readyz show, read every few seconds. Each is
 * one look by an index, a bounded count, or a question to the file system; of the chains the heads
 * are read, and nothing is counted by reading all of it.
 */
#ifndef BZCTRL_CORE_VITALS_H
#define BZCTRL_CORE_VITALS_H

#include "core/core.h"
#include "store/job.h"

enum { BACKUP_NEVER = 0 };

struct vitals {
    int64_t at;             /* when they were looked at */
    struct str engine;      /* of the database, with its version */
    int64_t size;           /* of the database, bytes */
    int64_t log_size;       /* of SQLite's write-ahead log; -1: another engine's */
    int64_t free, disk;     /* bytes of the file system where the database is; of PostgreSQL, where
                               the data folder is; -1: not known */
    bool index_ready;       /* lists are answered by the index */
    int64_t index_behind;   /* events that are not in it yet */
    struct job_queues jobs; /* one of each kind */
    int64_t mail_late;      /* milliseconds since the first mail is late; 0: none is */
    int64_t backup_at;      /* BACKUP_NEVER: none is known */
};

/* On the read lane, `db` having read nothing yet in its transaction. */
enum err core_vitals(struct core *core, struct db *db, struct op *op,
                     struct vitals *ret_vitals) MUST_CHECK;

/* When the file was last written that bzctrld backup leaves in the data folder, DIR/last-backup.
 * Who backs up in another way touches it. */
int64_t backup_time(struct str data_dir, struct op *op);

/* Says that a backup has just been written. ERR_IO. */
enum err backup_note(struct str data_dir, struct op *op, struct str file) MUST_CHECK;

/* Free and all bytes of the file system that `path` is on; -1 each: not known. */
void disk_space(const char *path, int64_t *ret_free, int64_t *ret_size);

#endif
