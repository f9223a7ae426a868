/*
 * Stand-ups (doc/meetings.md): changes of series, and the life of a session. Each change is one
 * transaction and one event in the chain of the series' domain, "meeting.…", which everybody who may
 * read that domain sees in GET /changes; so every page of a session follows the one who leads.
 *
 * A session has a part of each chain that it covers (struct meeting_range), so that nothing is counted
 * twice or missed: what happened up to its start is in "since", what happened until it was closed in its
 * minutes, and the next session begins there.
 *
 * All of these block until the change is on stable storage. ERR_OUTDATED: the directory, the series or
 * the session is another one by now; judge again.
 */
#ifndef BZCTRL_CORE_MEETING_H
#define BZCTRL_CORE_MEETING_H

#include "core/change.h"
#include "core/meeting_read.h"

struct meeting_save {
    /* Set by the caller. */
    struct op *op;
    const struct directory *directory; /* by which it was judged */
    const struct meeting *before;      /* NULL: a new series */
    struct meeting meeting;            /* as it is to be; id, version and times are filled in */
    int64_t actor_id;

    struct change change;
};

/* ERR_CONFLICT when the domain has MEETINGS_MAX already, or when one that is to be archived runs. */
enum err core_meeting_save(struct core *core, struct meeting_save *save) MUST_CHECK;

/* ---- a session ---- */

struct meeting_start {
    /* Set by the caller. */
    struct op *op;
    const struct directory *directory;
    const struct account *caller;
    const struct meeting *meeting;

    /* The result; with ERR_CONFLICT the session that was running already. */
    int64_t session_id;

    struct change change;
    struct meeting_reading reading; /* what it begins with */
};

/* ERR_CONFLICT when the series has a session that runs; ERR_NOT_READY while the index of records is
 * being built. */
enum err core_meeting_start(struct core *core, struct meeting_start *start) MUST_CHECK;

enum meeting_deed {
    MEETING_STEP, /* to another record, stage, grouping or leader */
    MEETING_GUEST,
    MEETING_NOTE_ADD,
    MEETING_NOTE_CHANGE,
    MEETING_NOTE_DROP,
    MEETING_DISCARD, /* the session is gone; what is parked waits for the next one, if there was one
                        before */
};

struct meeting_turn {
    /* Set by the caller. */
    struct op *op;
    const struct directory *directory;
    const struct account *caller;
    const struct meeting *meeting;
    int64_t session_id;
    enum meeting_deed deed;
    struct {
        bool stage_sent, group_sent, current_sent, leads;
        enum meeting_stage stage;
        enum meeting_group group;
        struct meeting_record current;
    } step;
    struct {
        int64_t account_id;
        bool present;
    } guest;
    struct meeting_note note; /* a change of one has its id; its text may be absent: unchanged */
    bool parked_sent;

    /* The result. */
    struct meeting_session session; /* as it is now */
    bool repeated;                  /* the note was there already; `note` is that one */

    struct change change;
    struct meeting_parts parts;
};

/* ERR_CONFLICT when the session is closed or somebody else leads it, or when a bound is reached;
 * ERR_NOT_FOUND when there is no such note; ERR_FORBIDDEN to change somebody else's text, or to discard
 * a session that somebody else leads, but for managers. */
enum err core_meeting_turn(struct core *core, struct meeting_turn *turn) MUST_CHECK;

struct meeting_close {
    /* Set by the caller. */
    struct op *op;
    const struct directory *directory;
    const struct account *caller;
    const struct meeting *meeting;
    struct meeting_session session; /* as it was read, and as it is afterwards */

    struct event event; /* the result */

    struct change change;
    struct meeting_parts parts;
};

/* Closes a session that runs, and makes its minutes. */
enum err core_meeting_close(struct core *core, struct meeting_close *close) MUST_CHECK;

/* Stores a session whose minutes, or what it began with, have lost an address (core/erasure.c). */
enum err core_meeting_minutes_put(struct batch *batch, struct op *op,
                                  struct meeting_session *session) MUST_CHECK;

#endif
