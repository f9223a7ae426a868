/*
 * The server's part of each http_request: the parser, the body being gathered, and the connection.
 * Requests come from a pool and return to it with their memory, so a busy connection does not call
 * malloc for each request and an idle one holds no memory.
 */
#ifndef BZCTRL_HTTP_REQUEST_H
#define BZCTRL_HTTP_REQUEST_H

#include "http/parse.h"
#include "http/stream.h"

struct connection;

/* How far an answer in pieces is. */
struct request_stream {
    const struct http_stream *owner; /* NULL: there is no such answer */
    int status;
    bool chunked, last;
    int64_t left; /* bytes that are to come; negative: unknown */
    size_t sent;  /* bytes of pieces that were handed over */
};

struct request {
    struct http_request http;
    struct http_server *server;
    struct connection *connection; /* NULL: the client left while the owner is handling it */
    struct buf body;
    const struct http_reader *reader; /* while an early request's body is read */
    bool unread;                      /* of an early request's body something is to come */
    size_t body_size;                 /* bytes of it that have come */
    struct request_stream stream;
    struct request *next; /* in the pool */
    struct http_parser parser;
};

struct request_pool {
    struct request *spare;
    size_t spare_count;
    size_t bodies; /* body bytes of all requests in use, beyond HTTP_BODY_FREE of each */
};

/* Frees the spare requests; requests in use must be given back first. */
void request_pool_finish(struct request_pool *pool);

/* An empty request with a parser that is ready; NULL when out of memory. */
struct request *request_take(struct request_pool *pool) MUST_CHECK;

/* Counts received body bytes; false if all bodies together are now too large. */
bool request_count_body(struct request_pool *pool, struct request *request, size_t n) MUST_CHECK;

/* Tells the reader of its body, if it has one, that the body comes to no end; true when it has.
 * `request` may be NULL. */
bool request_cut_body(struct request *request);

/* Takes back a request and all memory in its arena. NULL-safe. */
void request_give_back(struct request_pool *pool, struct request *request);

/* Copies what the parser has read of the head (`bytes`, from the request's first byte on) into
 * the arena: method, target, path and query, and the headers if it is complete. ERR_MEMORY. */
enum err request_fill(struct request *request, struct str bytes) MUST_CHECK;

/* The request that an http_request is part of. */
struct request *request_of(struct http_request *http);

#endif
