/*
 * Stand-ups (doc/meetings.md): a series of meetings over the open records of a domain, and one
 * meeting of it, a session, with what it goes through and its minutes. Pure.
 */
#ifndef BZCTRL_MODEL_MEETING_H
#define BZCTRL_MODEL_MEETING_H

#include "model/comment.h"

enum {
    MEETINGS_MAX = 100, /* of a domain, without those that are archived */
    MEETING_PEOPLE_MAX = 100,
    MEETING_WORKSPACES_MAX = 50,
    MEETING_WEEKS_MAX = 52,
    MEETING_MINUTES_MAX = 240,
    MEETING_WALK_MAX = 200,  /* records that a session starts with */
    MEETING_ITEMS_MAX = 300, /* … and has, with those that are added while it runs */
    MEETING_GUESTS_MAX = 200,
    MEETING_NOTES_MAX = 200,
    MEETING_NOTE_MAX = 2000, /* characters */
    MEETING_UNTOUCHED_DAYS = 21,
};

/* Why a record is gone through. */
enum meeting_reason {
    MEETING_PARKED, /* by the session before */
    MEETING_OVERDUE,
    MEETING_PROMISED, /* due before the next session */
    MEETING_NEW,      /* created since the session before */
    MEETING_UNDATED,
    MEETING_UNTOUCHED, /* for MEETING_UNTOUCHED_DAYS */
    MEETING_ADDED,     /* by the one who leads, while the session runs */
    MEETING_REASONS
};

enum meeting_group { MEETING_BY_NOTHING, MEETING_BY_PERSON, MEETING_BY_WORKSPACE, MEETING_GROUPS };
enum meeting_stage { MEETING_SINCE, MEETING_WALK, MEETING_CLOSE, MEETING_STAGES };

struct str meeting_reason_name(enum meeting_reason reason);
struct str meeting_group_name(enum meeting_group group);
struct str meeting_stage_name(enum meeting_stage stage);
bool meeting_reason_read(struct str name, enum meeting_reason *ret_reason);
bool meeting_group_read(struct str name, enum meeting_group *ret_group);
bool meeting_stage_read(struct str name, enum meeting_stage *ret_stage);

/* ---- a series ---- */

struct meeting {
    int64_t id, domain_id;
    struct str name;
    struct id_array workspaces; /* none: all of the domain and below */
    struct id_array people;
    int64_t weeks;        /* it is held every so many weeks; 0: it has no rhythm */
    int64_t weekday;      /* from 1, Monday; 0: any */
    int64_t minutes;      /* that it is to take */
    struct str_list walk; /* names of reasons, in the order in which they are gone through */
    enum meeting_group group;
    int64_t archived_at; /* or TIME_NONE */
    int64_t version, created_at, updated_at;

    /* Of its sessions, as it is read: the one that runs, 0 if none does, and the start of the newest,
     * or TIME_NONE. */
    int64_t running_id, last_at;
};

/* What somebody sent; an absent text or list was not sent. */
struct meeting_draft {
    struct str name, domain, weekday, group;
    struct str_list workspaces, people, walk;
    int64_t weeks, minutes;
    bool weekday_sent, weeks_sent, minutes_sent;
};

/* Judges a new series (`before` NULL) of the caller, or a change of one, and sets all that people can
 * set. ERR_INVALID with all faults; ERR_FORBIDDEN; ERR_MEMORY. */
enum err meeting_judge(struct op *op, const struct meeting_draft *draft,
                       const struct meeting *before, const struct directory *directory,
                       const struct account *caller, struct faults *faults,
                       struct meeting *ret_meeting) MUST_CHECK;

/* May the account read it, and all that it covers? May it change it, hold its sessions and write
 * notes? May it do away with a session that somebody else leads? */
bool meeting_is_seen(const struct directory *d, const struct account *account,
                     const struct meeting *meeting);
bool meeting_is_held_by(const struct directory *d, const struct account *account,
                        const struct meeting *meeting);
bool meeting_is_managed_by(const struct directory *d, const struct account *account,
                           const struct meeting *meeting);

/* Does it cover the workspace? */
bool meeting_covers(const struct directory *d, const struct meeting *meeting,
                    const struct workspace *workspace);

/* How many days lie between two sessions. */
int32_t meeting_period(const struct meeting *meeting);

struct str meeting_weekday_name(int64_t weekday); /* "Friday"; absent for 0 */

#endif
