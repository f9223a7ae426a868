/*
 * One HTTP exchange, by libcurl: sends a request and receives a complete answer of bounded size, or
 * none. Redirects are not followed, so credentials go only to the host in the settings.
 */
#ifndef BZCTRL_FETCH_FETCH_H
#define BZCTRL_FETCH_FETCH_H

#include "base/buf.h"
#include "base/op.h"

struct fetch;

/* Bytes of an answer's body; the largest is that of a bulk call. */
enum { FETCH_BODY_MAX = 64 * 1024 * 1024 };

struct fetch_options {
    struct str ca_file; /* absent: the system's */
    size_t body_max;    /* bytes of an answer's body; 0: FETCH_BODY_MAX */
    int64_t timeout;    /* milliseconds for the whole exchange; 0: as long as it takes */
    struct str socket;  /* the path of a Unix socket in place of the URL's host; absent: none */
    bool (*ends)(
        const void *arg); /* asked at least once a second: true breaks it off; NULL: never */
    const void *ends_arg;
};

struct fetch_request {
    struct str method, url, content_type, body; /* body absent: no body is sent */
    struct str bearer;                          /* a token, or */
    struct str user, password;                  /* credentials for HTTP Basic, or absent */
    struct str idempotency_key;
};

struct fetch_answer {
    int status;
    bool json;       /* by its Content-Type, problem documents included */
    bool problem;    /* application/problem+json (RFC 9457) */
    struct str body; /* borrowed until the next exchange */
    struct str location, receipt;
    int64_t retry_after; /* milliseconds; 0: not given */
    int64_t date;        /* the server's clock, milliseconds; 0: not given */
};

/* ERR_MEMORY. */
enum err fetch_create(struct fetch **ret_fetch) MUST_CHECK;
void fetch_destroy(struct fetch *fetch);

/* The texts of *ret_answer, except its body, are in op->arena. ERR_UNAVAILABLE: no complete answer
 * came; op->detail says why, and the fate of the request is unknown. ERR_CORRUPT: the answer is too
 * large, or the host is not the right one (TLS); a retry does not help. ERR_MEMORY. */
enum err fetch_exchange(struct fetch *fetch, struct op *op, const struct fetch_options *options,
                        const struct fetch_request *request,
                        struct fetch_answer *ret_answer) MUST_CHECK;

/* Whether any part of the last request has left this machine. */
bool fetch_sent(const struct fetch *fetch);

#endif
