/*
 * The record that a path names, for the calls under /tasks/{key}.
 */
#ifndef BZCTRL_API_RECORD_H
#define BZCTRL_API_RECORD_H

#include "api/call.h"
#include "model/draft_json.h"
#include "model/event.h"
#include "model/right.h"
#include "model/task_encode.h"

struct record {
    const struct workspace *workspace;
    struct task task;
    bool moved; /* the path has a key that it had before */
};

/* Reads it by call->db, for a caller who needs the right. ERR_ANSWERED: 404 when it does not exist,
 * or the caller may neither read it nor has the right; 403 when they may only read it; 308 to the
 * key that it has now when it was moved. */
enum err record_find(struct call *call, enum right right, struct record *ret_record) MUST_CHECK;

/* The same by any key that the record has had, without a 308. */
enum err record_find_by_any_key(struct call *call, enum right right,
                                struct record *ret_record) MUST_CHECK;

/* Answers 404, as for a record that does not exist: ERR_ANSWERED. */
enum err record_missing(struct call *call) MUST_CHECK;

/* Writes it as the caller sees it: clients do not know of internal comments. */
void call_put_task(struct call *call, const char *name, const struct task *task);

/* For an answer in pieces: looks again, before each piece but the first, whether the caller may still
 * read the record. ERR_FORBIDDEN, which ends the answer: a right was taken away, the token revoked, the
 * account disabled, or the record moved to where the caller may not look. call->directory is then the
 * one in force. */
struct record_watch {
    const struct workspace *workspace; /* where the record is now; in call->directory */
    int64_t task_id;
    bool begun;
};
struct record_watch record_watch_begin(const struct record *record);
enum err record_watch(struct call *call, struct record_watch *watch) MUST_CHECK;

/* Reads another record, by a key that was sent: it has it, or had it before it was moved.
 * ERR_NOT_FOUND when it does not exist or the caller may not read it. */
enum err record_named(struct call *call, struct str key, struct record *ret_record) MUST_CHECK;

/* Does a right of the caller's reach it? */
bool record_reached(const struct call *call, const struct record *record, enum right right);

/* Checks If-Match, which must be there. ERR_ANSWERED: 428; or 412, which shows the record as it is
 * now, and what has changed since the version that the caller has. */
enum err record_expect_version(struct call *call, const struct record *record) MUST_CHECK;

/* What has changed since a version of a record. */
struct record_since {
    uint64_t changed;    /* the members: a bit for each */
    int64_t seq;         /* of the event that made the version; 0: it is too long ago */
    struct event newest; /* seq, at and actor_id alone; seq is 0 when it is not known */
};
enum err record_changed_since(struct call *call, const struct record *record, int64_t version,
                              struct record_since *ret_since) MUST_CHECK;

/* Adds the members that an event says; and writes their names, as "changed":["status"]. */
enum err record_changed_add(struct op *op, const struct event *event, uint64_t *changed) MUST_CHECK;
void json_put_changed(struct json_writer *json, uint64_t changed);

/* Answers 412: ERR_ANSWERED. It shows the record as it is now, or only its version. */
enum err record_refuse_stale(struct call *call, const struct record *record,
                             const struct record_since *since, struct str detail,
                             bool shows) MUST_CHECK;
/* The same, if it is there: for what decides by a state of its own. */
enum err record_expect_version_sent(struct call *call, const struct record *record) MUST_CHECK;

#endif
