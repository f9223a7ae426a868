/*
 * Copying a store into another, empty one, whatever the engines: what moving, backing up and
 * restoring all are. Rows go over by their keys, in transactions of a few thousand; what is there
 * is never sent again, so a copy that was interrupted goes on where it stopped.
 *
 * A copy is marked as unfinished until it has been compared with its source and its whole history
 * has been verified; core_open() refuses it so long. The mark holds a hash of what the source held,
 * so that only a copy of the very same is gone on with.
 */
#ifndef BZCTRL_CORE_COPY_H
#define BZCTRL_CORE_COPY_H

#include "base/watch.h"
#include "core/history.h"

struct db;

struct copy_options {
    /* Nobody else writes to the source: ERR_BUSY when somebody is about to, ERR_CONFLICT when
     * somebody has. Otherwise what the source holds at one moment is copied. */
    bool source_rests;
    /* Told the table that is copied now, and its rows; asked for the end, the copy ends with
     * ERR_UNAVAILABLE. */
    struct watch watch;
    /* As history_verify() does, for the copy. May be NULL. */
    history_head_fn *head;
    void *arg;
};

/* Opens the two sides. A source must have the schema of this program, and is only read; the schema
 * is made in a target without one, watched as migrate() says. Both are closed with db_close(). */
enum err copy_source_open(const char *url, struct op *op, struct db **ret_db) MUST_CHECK;
enum err copy_target_open(const char *url, struct op *op, const struct watch *watch,
                          struct db **ret_db) MUST_CHECK;

/*
 * Copies. ERR_CONFLICT when the target is not empty, or an unfinished copy of something else;
 * ERR_BUSY when a process works on it. ERR_OK with ret_report->broken says that the history is not
 * whole, in the copy and so in the source: then the copy stays unfinished.
 */
enum err copy_store(struct db *source, struct db *target, struct op *op,
                    const struct copy_options *options,
                    struct history_report *ret_report) MUST_CHECK;

#endif
