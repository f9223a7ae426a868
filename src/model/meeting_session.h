/*
 * A session: one stand-up of a series (model/meeting.h). While it runs, people go through its
 * records, write notes and come in; closing it turns all of that into its minutes. Pure.
 */
#ifndef BZCTRL_MODEL_MEETING_SESSION_H
#define BZCTRL_MODEL_MEETING_SESSION_H

#include "model/event.h"
#include "model/meeting.h"

enum {
    MEETING_LISTED_MAX = 200,   /* records that are named where more are counted */
    MEETING_CHANGES_MAX = 1000, /* that minutes have */
    MEETING_MINUTES_BYTES = 8 * 1024 * 1024,
};

/* A record as a session names it. */
struct meeting_record {
    int64_t task_id; /* 0: none, and the others do not count */
    int64_t workspace_id, number;
    struct str title;
};

/* A session's part of a chain: since the session before up to its start, and from there to its
 * end. Both begin after the first number. */
struct meeting_range {
    int64_t domain_id;
    int64_t from, start;
    int64_t end; /* -1 while it runs */
};

struct meeting_item {
    struct meeting_record record;
    enum meeting_reason reason;
    int64_t ms; /* for how long it was talked about */
};

struct meeting_guest {
    int64_t account_id, joined_at;
};

struct meeting_note {
    int64_t id;
    struct meeting_record record;
    int64_t author_id, created_at, edited_at; /* the last or TIME_NONE */
    bool parked;
    struct str text;
};

struct meeting_session {
    int64_t id, meeting_id;
    int64_t number; /* in its series, from 1 */
    int64_t version;
    int64_t started_at, started_by, leader_id;
    enum meeting_stage stage;
    enum meeting_group group;
    struct meeting_record current; /* that is talked about */
    int64_t current_at;            /* since when; TIME_NONE: there is none */
    int64_t overdue;               /* how many records were overdue at its start */
    struct str since;              /* JSON; absent once it is closed */
    bool more;                     /* there were more records to go through than it has */
    int64_t closed_at;             /* TIME_NONE while it runs */
    int64_t closed_by;
    int64_t seq;        /* of the event that closed it */
    struct str minutes; /* JSON; absent while it runs */
};

/* What a running session has in other rows. */
struct meeting_parts {
    const struct meeting_range *ranges;
    const struct meeting_item *items; /* in their order */
    const struct meeting_guest *guests;
    const struct meeting_note *notes; /* oldest first */
    size_t range_count, item_count, guest_count, note_count;
};

/* Writes the minutes as a JSON object. `changes` are those of the minutes, JSON; absent while the
 * session runs. */
void json_put_minutes(struct json_writer *json, const char *name, const struct meeting *meeting,
                      const struct meeting_session *session, const struct meeting_parts *parts,
                      struct str changes, const struct directory *directory);

/* Writes the key of a record, or null. */
void json_put_meeting_record(struct json_writer *json, const char *name,
                             const struct meeting_record *record,
                             const struct directory *directory);

/* Is the person among the guests? */
bool meeting_has_guest(const struct meeting_parts *parts, int64_t account_id);

/* Writes "email" of an account, or null. */
void json_put_account(struct json_writer *json, const char *name, int64_t id,
                      const struct directory *directory);

/* Judges a note's text. False: a fault was added. */
bool meeting_note_judge(struct str text, struct faults *faults);

/* Writes a change of a record as minutes show it: an event's members that a stand-up is about.
 * `payload` is that of the event, parsed; NULL: it was erased. */
struct json;
void json_put_meeting_change(struct json_writer *json, const struct json *payload);

#endif
