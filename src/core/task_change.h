/*
 * Changes a record: one transaction with its event. The caller has judged the change by a snapshot
 * of the directory and a version of the record; should either be another one by now, nothing is
 * written, and the caller judges again.
 */
#ifndef BZCTRL_CORE_TASK_CHANGE_H
#define BZCTRL_CORE_TASK_CHANGE_H

#include "core/change.h"
#include "form/form.h"
#include "model/link.h"

/* For how long a change can be undone, in milliseconds: a day. */
#define UNDO_MS INT64_C(86400000)

/* What an event says beside the members, as "name":[null,"text"]; an absent text is not said. */
struct task_note {
    const char *name; /* "dueReason" */
    struct str text;
};

enum { TASK_NOTES = 5, TASK_PARENTS_MAX = 20 };

struct task_change {
    /* Set by the caller; borrowed until the change is made. */
    struct op *op;
    const struct directory *directory;
    const struct form *form;
    const struct task *before;
    struct task after; /* version, last_seq and times are filled in, and the number if it moves */
    int64_t actor_id;
    bool closes, reopens, affirms; /* form/change.h */
    int64_t undoes; /* the seq of the record's event that it takes back: then `after` says whose it
                       is since when, and how often its due date was moved; 0: none */
    struct task_note notes[TASK_NOTES];
    enum link_kind link; /* that it makes or removes (core/link.h); 0: none */
    bool link_removes;
    struct str link_key; /* of the record at the other end */

    struct event written; /* the result; seq is 0 when nothing changes, and nothing was written */

    struct event event; /* the core's: made before the lane */
    struct change change;
};

/* Makes the change, and blocks until it is on stable storage. ERR_OUTDATED: judge again. */
enum err core_task_change(struct core *core, struct task_change *change) MUST_CHECK;

/* The steps of that, for what changes more than one record in a transaction. Prepare makes what needs
 * no lane: event.payload stays absent when nothing changes, and then there is nothing to write.
 * Expect says whether all is still as it was judged, ERR_OUTDATED if not, and writes nothing. */
enum err core_task_change_prepare(struct task_change *change) MUST_CHECK;
enum err core_task_change_expect(const struct task_change *change, struct batch *batch) MUST_CHECK;
enum err core_task_change_write(struct task_change *change, struct batch *batch) MUST_CHECK;

/* The record's key as it was judged, in the arena; absent when out of memory. */
struct str task_change_key(const struct task_change *change);

/* Can `parent_id` become the parent of a record? ERR_CONFLICT when it is the record itself or below
 * it, or has TASK_PARENTS_MAX above it. */
enum err core_task_parent(struct db *db, struct op *op, int64_t id, int64_t parent_id) MUST_CHECK;

#endif
