/*
 * Writes the head of an answer (RFC 9112 sections 4 and 5): status line, the owner's headers, and
 * those that are the server's own: Date, Content-Length or Transfer-Encoding, and Connection.
 */
#ifndef BZCTRL_HTTP_RESPONSE_H
#define BZCTRL_HTTP_RESPONSE_H

#include "http/server.h"

/* The Date header's value (RFC 9110 section 5.6.7), rebuilt only when the second changes. Starts
 * zeroed. */
struct http_date {
    int64_t second;
    struct buf text;
};
void http_date_finish(struct http_date *date);

enum http_reuse {
    HTTP_REUSE_IMPLIED, /* HTTP/1.1: the connection is kept by default */
    HTTP_REUSE_SAID,    /* HTTP/1.0: kept because the client asked for it */
    HTTP_REUSE_NEVER,   /* closed after this answer */
};

/* What a head says of how long the body is, when it does not say how many bytes. */
enum { HTTP_CHUNKED = -1, HTTP_UNTIL_CLOSE = -2 };

/* Appends the head to `out`, for a body of `length` bytes. A control byte in a header's value
 * becomes a blank, so that no text from outside can end a header and begin another. */
void response_head(struct buf *out, struct http_date *date, const struct http_response *response,
                   int64_t length, enum http_reuse reuse);

/* What a status is called (RFC 9110 section 15, RFC 6585); empty for one that has no name here. */
struct str http_reason(int status);

/* False for the statuses that never have a body (RFC 9110 section 6.4.1). */
bool response_may_have_body(int status);

#endif
