/*
 * One HTTP exchange, by libcurl: sends a request and receives a complete answer of bounded size, or
 * none. Redirects are not followed, so credentials go only to the host in the settings.
 */
#ifndef BZCTRL_LIB_HTTP_H
#define BZCTRL_LIB_HTTP_H

#include "base/buf.h"
#include "base/op.h"

#include <signal.h>

struct http;

/* Bytes of an answer's body; the largest is that of a bulk call. */
enum { HTTP_BODY_MAX = 64 * 1024 * 1024 };

struct http_options {
    struct str ca_file;                     /* absent: the system's */
    int64_t timeout;                        /* milliseconds for the whole exchange */
    const volatile sig_atomic_t *cancelled; /* ends it, within a second, once it is not 0 */
};

struct http_request {
    struct str method, url, content_type, body; /* body absent: no body is sent */
    struct str bearer;                          /* a token, or */
    struct str user, password;                  /* credentials for HTTP Basic, or absent */
    struct str idempotency_key;
};

struct http_answer {
    int status;
    bool json;       /* by its Content-Type, problem documents included */
    bool problem;    /* application/problem+json (RFC 9457) */
    struct str body; /* borrowed until the next exchange */
    struct str location, receipt;
    int64_t retry_after; /* milliseconds; 0: not given */
    int64_t date;        /* the server's clock, milliseconds; 0: not given */
};

/* ERR_MEMORY. */
enum err http_create(struct http **ret_http) MUST_CHECK;
void http_destroy(struct http *http);

/* The texts of *ret_answer, except its body, are in op->arena. ERR_UNAVAILABLE: no complete answer
 * came; op->detail says why, and the fate of the request is unknown. ERR_CORRUPT: the answer is too
 * large, or the host is not the right one (TLS); a retry does not help. ERR_MEMORY. */
enum err http_exchange(struct http *http, struct op *op, const struct http_options *options,
                       const struct http_request *request,
                       struct http_answer *ret_answer) MUST_CHECK;

/* Whether any part of the last request has left this machine. */
bool http_sent(const struct http *http);

#endif
