/*
 * A strict HTTP/1.1 request parser (RFC 9112): a pure function over bytes, without I/O and without
 * memory of its own. It is never lenient: request smuggling works when two programs on a request's
 * path read its framing differently. Each decision depends only on the bytes before it, so a
 * request gives the same result however it is split into pieces.
 *
 * Use: http_parser_init(); http_parse_head() with all bytes received so far, until it does not
 * return HTTP_PARSE_MORE; http_parse_body_max(); http_parse_body() until it does not return
 * HTTP_PARSE_MORE; the remaining bytes are the next request. After HTTP_PARSE_FAULT no further
 * bytes can be trusted: answer `status` and close.
 */
#ifndef BZCTRL_HTTP_PARSE_H
#define BZCTRL_HTTP_PARSE_H

#include "base/err.h"
#include "base/str.h"
#include "http/limits.h"

enum http_parse {
    HTTP_PARSE_MORE,  /* valid so far; more bytes are needed */
    HTTP_PARSE_DONE,  /* the head, or the body, is complete */
    HTTP_PARSE_FAULT, /* `status` and `detail` say why */
};

/* A run of bytes in the head, counted from the request's first byte. */
struct http_span {
    uint16_t at, n;
};

struct http_field {
    struct http_span name, value; /* the value without surrounding spaces */
};

/* The part of a body that comes next. */
enum http_part {
    HTTP_PART_DATA,
    HTTP_PART_SIZE, /* of a chunk, in hex digits */
    HTTP_PART_SIZE_LF,
    HTTP_PART_DATA_CR,
    HTTP_PART_DATA_LF,
    HTTP_PART_LAST_CR,
    HTTP_PART_LAST_LF,
    HTTP_PART_END,
};

struct http_parser {
    /* What has been read of the head. */
    struct http_span method, target;
    struct http_span path;  /* empty in "http://host": means "/" */
    struct http_span query; /* after '?'; at == 0: there is none */
    bool version_1_0;       /* HTTP/1.0, else 1.1 or a later 1.x */
    bool keep_alive;        /* the connection may be used again (RFC 9112 section 9.3) */
    bool expect_continue;   /* RFC 9110 section 10.1.1 */
    bool chunked;           /* the body comes in chunks … */
    uint64_t
        content_length; /* … or has this length; a number beyond 64 bits counts as the largest */
    size_t head_size;   /* bytes up to the body, once the head is complete */

    /* Why it was refused. */
    int status;
    const char *detail;

    /* The parser's position. */
    size_t at, line_at;
    bool blank_skipped, request_line_read;
    bool close_asked, keep_alive_asked, expectation_unmet, has_length;
    unsigned hosts;
    enum http_part part;
    unsigned digits;    /* of the chunk size being read */
    uint64_t left;      /* data bytes still to come, of the body or of the chunk */
    uint64_t body_size; /* of a chunked body, as announced so far */
    uint64_t body_max;

    unsigned field_count;
    struct http_field fields[HTTP_FIELDS_MAX];
};

/* Prepares for a request. */
void http_parser_init(struct http_parser *parser);

/* Reads the head. `bytes` is everything from the request's first byte on: each later call passes
 * the same bytes (they may have moved) followed by the new ones; each byte is examined once. One
 * empty line before the request is skipped (RFC 9112 section 2.2). */
enum http_parse http_parse_head(struct http_parser *parser, struct str bytes) MUST_CHECK;

/* Call it between head and body: the body may have at most `body_max` bytes. HTTP_PARSE_FAULT
 * (413) if the head already announces more. */
enum http_parse http_parse_body_max(struct http_parser *parser, uint64_t body_max) MUST_CHECK;

/* Reads the body: removes bytes from the front of *bytes, and puts the data found among them,
 * possibly none, into *ret_data (borrowed from *bytes). Call it again while it returns
 * HTTP_PARSE_MORE and *bytes is not empty; after HTTP_PARSE_DONE, *bytes is what follows the
 * body. */
enum http_parse http_parse_body(struct http_parser *parser, struct str *bytes,
                                struct str *ret_data) MUST_CHECK;

/* True if the head announces a body, even one that turns out empty. */
bool http_parser_has_body(const struct http_parser *parser);

#endif
