/*
 * One exchange over HTTP, by libcurl: a request out, a whole bounded answer in, or none. Redirects
 * are not followed, so credentials go nowhere but to the host that the settings name.
 */
#ifndef BZCTRL_CLIENT_HTTP_H
#define BZCTRL_CLIENT_HTTP_H

#include "base/buf.h"
#include "base/op.h"

struct http;

/* Bytes of an answer's body; the largest is that of a bulk call. */
enum { HTTP_BODY_MAX = 64 * 1024 * 1024 };

struct http_options {
    struct str ca_file; /* absent: the system's */
    int64_t timeout;    /* milliseconds for the whole exchange */
};

struct http_request {
    struct str method, url, content_type, body; /* body absent: none is sent */
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
    int64_t retry_after; /* milliseconds; 0: it says nothing */
    int64_t date;        /* the server's clock, milliseconds; 0: it says nothing */
};

/* ERR_MEMORY. */
enum err http_create(struct http **ret_http) MUST_CHECK;
void http_destroy(struct http *http);

/* The texts of *ret_answer but its body lie in op->arena. ERR_UNAVAILABLE when no whole answer
 * came, with the reason in op->detail: what happened to the request is not known. ERR_CORRUPT: the
 * answer is beyond its bounds, or the host is not who it should be (TLS); asking again is of no
 * use. ERR_MEMORY. */
enum err http_exchange(struct http *http, struct op *op, const struct http_options *options,
                       const struct http_request *request,
                       struct http_answer *ret_answer) MUST_CHECK;

/* Whether anything of the last request has left this machine. */
bool http_sent(const struct http *http);

#endif
