/*
 * A strict HTTP/1.1 request parser (RFC 9112): a pure function over bytes, without I/O and without
 * memory of its own. It knows no leniency: two programs on the way of a request that read its
 * framing differently are how one request is smuggled inside another. Each decision depends only
 * on the bytes before it, so a request gives the same result however it is cut into pieces.
 *
 * Use: http_parser_init(); http_parse_head() with all that has come, until it is not
 * HTTP_PARSE_MORE; http_parse_body_max(); http_parse_body() until it is not HTTP_PARSE_MORE; what
 * is left over is the next request. After HTTP_PARSE_FAULT nothing that follows can be trusted:
 * answer `status` and close.
 */
#ifndef BZCTRL_HTTP_PARSE_H
#define BZCTRL_HTTP_PARSE_H

#include "base/err.h"
#include "base/str.h"
#include "http/limits.h"

enum http_parse {
    HTTP_PARSE_MORE,  /* all right so far; more bytes are needed */
    HTTP_PARSE_DONE,  /* the head, or the body, is complete */
    HTTP_PARSE_FAULT, /* `status` and `detail` say why */
};

/* A run of bytes in the head, counted from the request's first byte. */
struct http_span {
    uint16_t at, n;
};

struct http_field {
    struct http_span name, value; /* the value without blanks at both ends */
};

/* What of a body comes next. */
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
    /* What the head says, as far as it was read. */
    struct http_span method, target;
    struct http_span path;  /* empty in "http://host": means "/" */
    struct http_span query; /* behind '?'; at == 0: there is none */
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

    /* How far it has come. */
    size_t at, line_at;
    bool blank_skipped, request_line_read;
    bool close_asked, keep_alive_asked, expectation_unmet, has_length;
    unsigned hosts;
    enum http_part part;
    unsigned digits;    /* of the chunk size being read */
    uint64_t left;      /* data bytes that still come, of the body or of the chunk */
    uint64_t body_size; /* of a chunked body, as announced so far */
    uint64_t body_max;

    unsigned field_count;
    struct http_field fields[HTTP_FIELDS_MAX];
};

/* Makes ready for a request. */
void http_parser_init(struct http_parser *parser);

/* Reads the head. `bytes` is everything from the request's first byte on: in each further call
 * the same bytes (they may have moved) and the new ones behind them; each is looked at once. One
 * empty line before the request is skipped (RFC 9112 section 2.2). */
enum http_parse http_parse_head(struct http_parser *parser, struct str bytes) MUST_CHECK;

/* To be called between head and body: the body may have at most `body_max` bytes. A fault (413) if
 * the head already announces more. */
enum http_parse http_parse_body_max(struct http_parser *parser, uint64_t body_max) MUST_CHECK;

/* Reads the body: takes bytes off the front of *bytes, and puts the run of data found among them,
 * maybe empty, into *ret_data (borrowed from *bytes). Call it again while it answers
 * HTTP_PARSE_MORE and *bytes is not empty; with HTTP_PARSE_DONE, *bytes is what lies behind. */
enum http_parse http_parse_body(struct http_parser *parser, struct str *bytes,
                                struct str *ret_data) MUST_CHECK;

/* True if the head announces a body, even one that turns out empty. */
bool http_parser_has_body(const struct http_parser *parser);

#endif
