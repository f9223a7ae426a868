/*
 * The log of requests, as the API feeds it: every answer to a call with a known account passes
 * through call_log(), and those on routes of interest to integrators are kept (GET /requests).
 */
#ifndef BZCTRL_API_CALL_LOG_H
#define BZCTRL_API_CALL_LOG_H

#include "base/str.h"

struct call;
struct faults;

/* What is learnt about a call while it is processed, borrowed until it is answered. It contains
 * no headers except the idempotency key, which is useless to any other account. */
struct call_note {
    int64_t workspace_id;       /* that it names and its caller may see; 0: none yet */
    struct str form;            /* that judges it */
    struct str idempotency_key; /* absent: none counts */
    struct str key;             /* of the record that it created or found */
    bool dry_run, replayed;
    bool json;                   /* the body is known to be valid JSON */
    struct str body;             /* the beginning of a body read in pieces; otherwise absent */
    struct str detail;           /* of the problem in the answer, or of an item refused in it */
    const struct faults *faults; /* likewise; may be NULL */
};

/* Logs a call that is about to be answered with `status`, if it belongs in the log. Cheap, and
 * never fails: when memory is short, the entry is dropped. */
void call_log(const struct call *call, int status);

#endif
