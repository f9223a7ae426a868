/*
 * The record that a path names, for the calls under /tasks/{key}.
 */
#ifndef BZCTRL_API_RECORD_H
#define BZCTRL_API_RECORD_H

#include "api/call.h"
#include "api/task.h"

struct record {
    const struct workspace *workspace;
    struct task task;
    bool moved; /* the path has a key that it had before */
};

/* Reads it by call->db. ERR_ANSWERED: 404 when it does not exist or the caller may not see it; 308
 * to the key that it has now when it was moved. */
enum err record_find(struct call *call, struct record *ret_record) MUST_CHECK;

/* The same for a caller who is to change it: those who may write it see it too, and those who may
 * only see it get 403. */
enum err record_find_to_write(struct call *call, struct record *ret_record) MUST_CHECK;

/* Checks If-Match, which must be there. ERR_ANSWERED: 428; or 412, which shows the record as it is
 * now, and what has changed since the version that the caller has. */
enum err record_expect_version(struct call *call, const struct record *record) MUST_CHECK;

#endif
