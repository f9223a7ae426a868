/*
 * The HTTP/1.1 server: libuv for sockets and timers, parse.c for the framing. It knows nothing
 * about the content: the owner chooses limits and receives whole requests. One thread, one loop.
 *
 * A request's path: bytes arrive → http_parse (parse.h) → `route` chooses limits as soon as the
 * head is complete → the body is gathered up to the route's limit → `handle` is called once → the
 * handler calls http_respond(), at once or later, on the same thread.
 */
#ifndef BZCTRL_HTTP_SERVER_H
#define BZCTRL_HTTP_SERVER_H

#include "base/buf.h"
#include "base/op.h"

#include <uv.h>

struct http_server;

struct http_header {
    struct str name, value; /* the name as sent; compare with str_eq_case */
};

/* A whole request. All memory is in the request's arena, which lives until http_respond(),
 * whether or not the client is still connected. */
struct http_request {
    struct arena arena;
    struct str method, target; /* as sent */
    struct str path;           /* target before '?', still percent-encoded */
    struct str query;          /* after '?'; absent if there is none */
    const struct http_header *headers;
    size_t header_count;
    struct str body;
    bool control; /* came over the control socket; peer_uid is then set */
    uint32_t peer_uid;
    struct str peer;   /* the client's address as text, "" on a unix socket */
    int64_t started;   /* clock_ticks() at its first byte */
    const void *route; /* what the route function chose */
    void *user;        /* the owner's */
};

/* The owner's decision once the head is known. */
struct http_limits {
    size_t body_max; /* bytes; a larger body is answered 413 */
    bool no_body;    /* answer 400 to any body at all */
    bool early;      /* the owner is asked before the body is read, and takes it in pieces */
};

/* How the owner takes the body of an early request: each piece, borrowed, until `take` says false,
 * having answered; then `end`, which answers now or later; or `gone` instead: the client has gone,
 * or its body cannot be read, and the request is not the owner's once that returns. */
struct http_reader {
    bool (*take)(struct http_request *request, struct str piece);
    void (*end)(struct http_request *request);
    void (*gone)(struct http_request *request);
};

struct http_response {
    int status;
    const struct http_header *headers; /* without Content-Length, Date, Connection: the server's */
    size_t header_count;
    struct str body; /* copied or sent before http_respond returns to the caller … */
    bool body_stays; /* … unless its memory outlives the server: embedded files are not copied */
    bool close;      /* close the connection after it */
};

struct http_callbacks {
    /* The head is complete: returns the limits that apply, and may set request->route. Called
     * for every request that is well-formed, known path or not. */
    struct http_limits (*route)(void *arg, struct http_request *request);
    /* The request is complete. The server keeps ownership; http_respond() must be called exactly
     * once for it. */
    void (*handle)(void *arg, struct http_request *request);
    /* Of an early request the head: http_read_body() or http_respond() follows, now or later. */
    void (*open)(void *arg, struct http_request *request);
    /* The request cannot be served (bad framing, 413, 431, 408, …): fill in the response.
     * `request` has what could be read, possibly nothing. */
    void (*refuse)(void *arg, struct http_request *request, int status, const char *detail,
                   struct http_response *response, struct buf *body);
    /* Called for every response, for the access log; may be NULL. */
    void (*finished)(void *arg, const struct http_request *request, int status, size_t bytes);
    void *arg;
};

/* Creates a server on `loop`. Deadlines and other limits are the table in http/limits.h. */
enum err http_server_create(uv_loop_t *loop, const struct http_callbacks *callbacks,
                            struct http_server **ret_server) MUST_CHECK;

/* Scales all deadlines to `percent` of limits.h, for tests; only before listening. */
void http_server_scale_deadlines(struct http_server *server, int percent);

/* Listens on "host:port", "[v6]:port" or "unix:/path" (a stale socket file is replaced; its mode
 * is 0660, or 0600 with `control`), or takes over a listening descriptor ("fd:3", from the
 * service manager). With `control`, its requests have `control` set. Port 0 picks a free port.
 * `ret_address` gets the actual address, in op's arena. ERR_SYNTAX, ERR_NOT_FOUND (no such
 * host), ERR_INVALID (not a listening socket), ERR_CONFLICT (in use), ERR_FORBIDDEN, ERR_IO,
 * ERR_MEMORY. */
enum err http_server_listen(struct http_server *server, struct op *op, struct str address,
                            bool control, struct str *ret_address) MUST_CHECK;

/* Reads the body of an early request; its bytes count in HTTP_BODIES_MAX until it is answered. */
void http_read_body(struct http_request *request, const struct http_reader *reader);

/* Answers a request, copies what it needs, and frees the request. Unless the body was read to
 * its end, the connection is then closed. */
void http_respond(struct http_request *request, const struct http_response *response);

/* Stops listening, closes idle connections, lets requests in progress finish (each answer has
 * `Connection: close`); calls `drained` when none are left or `timeout_ms` is over. */
void http_server_drain(struct http_server *server, int timeout_ms, void (*drained)(void *arg),
                       void *arg);

/* Closes everything. The loop must run once more; then `closed` is called and the server freed. */
void http_server_close(struct http_server *server, void (*closed)(void *arg), void *arg);

/* A header that may appear once, STR_NONE if missing; and how often it appears. */
struct str http_header_get(const struct http_request *request, struct str name);
size_t http_header_count(const struct http_request *request, struct str name);

#endif
