/*
 * Copies a store into an empty one, of any engine. Moving, backing up and restoring are all such
 * copies. Rows are copied in the order of their keys, in transactions of a few thousand. Rows
 * already present are not sent again, so an interrupted copy resumes where it stopped.
 *
 * A copy is marked as unfinished, and core_open() refuses it, until it has been compared with its
 * source and its whole history has been verified. The mark includes a hash of the source's content,
 * so that a copy is resumed only from the same content.
 */
#ifndef BZCTRL_CORE_COPY_H
#define BZCTRL_CORE_COPY_H

#include "base/watch.h"
#include "core/history.h"

struct db;

struct copy_options {
    /* Nothing else may write to the source: ERR_BUSY when something is about to, ERR_CONFLICT
     * when it has. If false, the copy is a snapshot of the source at one moment. */
    bool source_rests;
    /* Receives the table being copied and its row counts. If it asks to stop, the copy ends with
     * ERR_UNAVAILABLE. */
    struct watch watch;
    /* As history_verify() does, for the copy. May be NULL. */
    history_head_fn *head;
    void *arg;
};

/* Opens the two sides. A source must have this program's schema and is only read. A target
 * without a schema gets one, watched as in migrate(). Close both with db_close(). */
enum err copy_source_open(const char *url, struct op *op, struct db **ret_db) MUST_CHECK;
enum err copy_target_open(const char *url, struct op *op, const struct watch *watch,
                          struct db **ret_db) MUST_CHECK;

/*
 * Copies. ERR_CONFLICT when the target is not empty or is an unfinished copy of another source;
 * ERR_BUSY when a process is using it. ERR_OK with ret_report->broken means that the history of the
 * copy, and so of the source, is not intact: then the copy stays unfinished.
 */
enum err copy_store(struct db *source, struct db *target, struct op *op,
                    const struct copy_options *options,
                    struct history_report *ret_report) MUST_CHECK;

#endif
