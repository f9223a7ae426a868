/*
 * Takes back what an event has changed of its record: what the record was before is in its history.
 * The undo is a merge patch of that, judged like any other; and what follows from a change (whose the
 * record is since when, how often its due date was moved) is as if it had not been made.
 */
#ifndef BZCTRL_API_UNDO_H
#define BZCTRL_API_UNDO_H

#include "api/record_change.h"
#include "store/event.h"

/* Judges that, on the read lane: sets `changed`. Nobody may have changed the same since. `reason` is
 * why an overdue date moves. ERR_CONFLICT when the event was erased; else as record_patch_judge(). */
enum err record_undo_judge(struct record_change *change, const struct event *event,
                           struct str reason) MUST_CHECK;

#endif
