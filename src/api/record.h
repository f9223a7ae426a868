/*
 * The record that a path names, for the calls under /tasks/{key}.
 */
#ifndef BZCTRL_API_RECORD_H
#define BZCTRL_API_RECORD_H

#include "api/call.h"
#include "api/task.h"
#include "model/right.h"

struct record {
    const struct workspace *workspace;
    struct task task;
    bool moved; /* the path has a key that it had before */
};

/* Reads it by call->db, for a caller who needs the right. ERR_ANSWERED: 404 when it does not exist,
 * or the caller may neither read it nor has the right; 403 when they may only read it; 308 to the
 * key that it has now when it was moved. */
enum err record_find(struct call *call, enum right right, struct record *ret_record) MUST_CHECK;

/* Answers 404, as for a record that does not exist: ERR_ANSWERED. */
enum err record_missing(struct call *call) MUST_CHECK;

/* Writes it as the caller sees it: clients do not know of internal comments. */
void call_put_task(struct call *call, const char *name, const struct task *task);

/* Checks If-Match, which must be there. ERR_ANSWERED: 428; or 412, which shows the record as it is
 * now, and what has changed since the version that the caller has. */
enum err record_expect_version(struct call *call, const struct record *record) MUST_CHECK;

#endif
