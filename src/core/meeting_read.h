/*
 * What a session of stand-ups begins and ends with: what the chains and the lists of records say at
 * that moment.
 */
#ifndef BZCTRL_CORE_MEETING_READ_H
#define BZCTRL_CORE_MEETING_READ_H

#include "core/core.h"
#include "model/meeting_session.h"

struct meeting_pick {
    int64_t task_id;
    enum meeting_reason reason;
};

struct meeting_reading {
    bool running;        /* a session runs: `previous_id` is that, and nothing else is set */
    int64_t previous_id; /* the session before; 0: this is the first one */
    int64_t number;      /* that the next one gets */
    struct str since;    /* what has happened since, JSON */
    int64_t overdue;     /* how many records are */
    struct meeting_range *ranges;
    size_t range_count;
    struct meeting_pick picks[MEETING_WALK_MAX];
    size_t pick_count;
    bool more; /* there were more to pick */
};

/* Reads what a session of the caller's would begin with. ERR_NOT_READY while the index of records
 * is being built. */
enum err core_meeting_read(struct core *core, struct op *op, const struct directory *directory,
                           const struct account *caller, const struct meeting *meeting,
                           struct meeting_reading *reading) MUST_CHECK;

/* Reads the other rows of a session and, of one that is to be closed, where the chains are now and
 * what was changed since its start: the `changes` of json_put_minutes(). */
enum err core_meeting_read_end(struct core *core, struct op *op, const struct directory *directory,
                               const struct meeting *meeting, const struct meeting_session *session,
                               struct meeting_parts *ret_parts, struct str *ret_changes) MUST_CHECK;

#endif
