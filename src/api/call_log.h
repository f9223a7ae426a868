/*
 * The log of requests, as the API feeds it: every answer to a call whose account is known passes
 * call_log(), and those of the routes that integrators want to look into are kept (GET /requests).
 */
#ifndef BZCTRL_API_CALL_LOG_H
#define BZCTRL_API_CALL_LOG_H

#include "base/str.h"

struct call;
struct faults;

/* What is learnt about a call on its way, borrowed until it is answered. Headers are no part of it,
 * but for the idempotency key, which is worth nothing to anybody but its account. */
struct call_note {
    int64_t workspace_id;       /* that it names and its caller may see; 0: none so far */
    struct str form;            /* that judges it */
    struct str idempotency_key; /* absent: none counts */
    struct str key;             /* of the record that it made, or found */
    bool dry_run, replayed;
    bool json;         /* the body is known to be what json_read() takes */
    struct str body;   /* the beginning of one that was read in pieces; else absent */
    struct str detail; /* of the problem that it is answered with, or of what was refused in it */
    const struct faults *faults; /* likewise; may be NULL */
};

/* Puts a call that is about to be answered with `status` into the log, if it belongs there. Cheap,
 * and never fails: what there is no memory for is left out. */
void call_log(const struct call *call, int status);

#endif
