/*
 * A request as the log keeps it (core/request_log.h): what an account sent, and the verdict on it.
 */
#ifndef BZCTRL_MODEL_REQUEST_H
#define BZCTRL_MODEL_REQUEST_H

#include "base/str.h"

struct logged_request {
    int64_t id; /* 0 until it is stored */
    int64_t account_id;
    int64_t workspace_id;    /* 0: it did not name one that the account may see */
    int64_t at, duration_ms; /* when it was answered, and how long that took */
    int status;              /* of HTTP */
    bool dry_run, replayed;
    bool whole; /* when stored: nothing of the body is left out */
    struct str method, path;
    /* Each may be absent. */
    struct str form;            /* that judged it */
    struct str asked_form;      /* that its query named */
    struct str idempotency_key; /* as a text, without quotes */
    struct str key;             /* of the record that it made, or found */
    struct str trace_id;        /* of its traceparent (api/trace.h) */
    struct str problem;         /* a JSON object: what was wrong */
    struct str body; /* when stored an excerpt without secrets (model/redact.h), before as sent */
    bool body_json;  /* before: json_read() accepts it */
};

#endif
