/*
 * A call: one request on its way through the API. routes.def says who may call what, and where the
 * handler runs; api.c finds the route, the caller and the right before a handler sees the call.
 *
 * A handler is a function: it reads from top to bottom, sets the answer with one of the functions
 * at the end of this file, and returns. Whatever it returns but ERR_OK and ERR_ANSWERED becomes a
 * problem (api/problem.h). The call lives until its answer is sent, so nothing of it can vanish
 * under a handler.
 *
 * Only the intake of reports and signing in are cut into steps that go on when a lane comes back
 * (RUNS_ASYNC): there an answer is sent at once, and with it the call is gone.
 */
#ifndef BZCTRL_API_CALL_H
#define BZCTRL_API_CALL_H

#include "api/call_log.h"
#include "api/call_rate.h"
#include "api/stream.h"
#include "core/change.h"
#include "core/token.h"

struct api;
struct form;
struct call;
struct faults;
struct query_parameter;

/* What a route asks of its caller. */
enum access {
    ACCESS_PUBLIC, /* no credentials are looked at */
    ACCESS_TOKEN,  /* a bearer token, or the web app's cookie with its CSRF checks */
    ACCESS_EARLY,  /* likewise, asked before the body; the handler reads that in pieces */
};

/* Where a route's handler runs, and what it may do there. */
enum runs {
    RUNS_INLINE,    /* on the network thread: it looks at memory only, and its work is bounded */
    RUNS_READ,      /* on the read lane, inside a read transaction of call->db */
    RUNS_CALL,      /* on the call lane, where it may take its time and wait for other lanes */
    RUNS_DIRECTORY, /* on the directory lane, one after the other: it changes the directory */
    RUNS_ASYNC,     /* on the network thread; it answers later, by itself */
};

struct route {
    struct str method, path; /* a segment "{name}" matches any one; a last "*" all that is left */
    enum runs runs;
    enum err (*handle)(struct call *call); /* NULL: RUNS_ASYNC */
    void (*start)(struct call *call);      /* of RUNS_ASYNC */
    enum access access;
    struct str scope; /* that a token must have; empty: any */
    size_t body_max;  /* bytes; 0: no body is taken */
};

enum {
    PATH_PARAMETERS_MAX = 2,
    CALL_HEADERS_MAX = 16,
    CALL_ANSWER_MAX = 32 * 1024 * 1024, /* a page of a list, should each byte become an escape */
};

/* What is sent when the handler has returned, with call->body. */
struct call_answer {
    int status; /* 0: none yet */
    struct http_header headers[CALL_HEADERS_MAX];
    size_t header_count;
};

struct call {
    struct http_request *request;
    struct op op; /* op.arena is the request's */
    struct api *api;
    const struct route *route;
    struct str parameters[PATH_PARAMETERS_MAX]; /* percent-decoded, in the order of the path */
    const struct directory *directory;          /* held while the call lives */
    const struct form *form;                    /* likewise; NULL: none, or the built-in one */
    struct token_grant grant;                   /* who calls and with which scope; see token.h */
    const struct account *caller;               /* in `directory`; NULL on a public route */
    struct buf body;                            /* the answer is built here */
    struct json_writer json;                    /* into `body` */
    struct call_answer answer;
    struct call_stream stream;     /* its `more` is NULL: the answer is all in `body` */
    struct db *db;                 /* of RUNS_READ: the connection, in its transaction */
    bool running;                  /* a handler runs that returns: the answer is sent after it */
    struct lane_job job;           /* of RUNS_CALL and RUNS_DIRECTORY */
    enum err err;                  /* that the handler has returned */
    struct core_read read;         /* of RUNS_READ, or the call's work on a lane, one at a time */
    struct query_parameter *query; /* by call_query_accept() */
    size_t query_count;
    struct call_note note;
    struct call_rate rate;
    void *state;                       /* the handler's own, in the arena */
    void (*let_go)(struct call *call); /* gives back what the state holds; may be NULL */
};

/* The call that the read lane hands back. */
struct call *call_of_read(struct core_read *read);

/* ---- the body ---- */

/* ERR_ANSWERED (415) unless the body is `application/json`, or one of one or two types, without a
 * Content-Encoding. */
enum err call_expect_json(struct call *call) MUST_CHECK;
enum err call_expect_type(struct call *call, struct str_list types, size_t *ret_place) MUST_CHECK;

/* ---- work on a lane ---- */

/* For RUNS_ASYNC. A full queue answers the call with 503, and `done` is never called. */
void call_read(struct call *call, enum err (*run)(struct core_read *, struct db *),
               void (*done)(struct core_read *));

/* Takes the directory that is in force now instead of the one that the call began with. */
void call_refresh_directory(struct call *call);

/* The ETag of a version; its value is absent when out of memory. */
struct http_header call_etag(struct call *call, int64_t version);

/* True if If-None-Match names `etag`, weak or strong: the answer is then 304 (RFC 9110 section
 * 13.1.2). */
bool call_client_has(const struct call *call, struct str etag);

/* ERR_OK if If-Match names `etag` (strong or weak: compressing proxies weaken it) or is "*";
 * otherwise ERR_ANSWERED: 412, or 428 when there is none (RFC 9110 section 13.1.1, RFC 6585
 * section 3). */
enum err call_expect_match(struct call *call, struct str etag) MUST_CHECK;

/* ---- the answers: each may replace one that was set before ---- */

/* Answers with call->body. `headers` may be NULL; the caller's are sent before the usual ones, and
 * their texts must live as long as the call. Always ERR_OK. */
enum err call_answer(struct call *call, int status, struct str content_type,
                     const struct http_header *headers, size_t header_count);

/* Answers with call->body as application/json, or with 204 and no body. ERR_MEMORY if the body
 * could not be built whole. */
enum err call_answer_json(struct call *call, int status);
enum err call_answer_empty(struct call *call);

/* Answers with problem+json, and returns ERR_ANSWERED for the handler to return: a status and what
 * is wrong; or 422 with every fault. */
enum err call_refuse(struct call *call, int status, const char *detail, ...) PRINTF_LIKE(3, 4);
enum err call_refuse_faults(struct call *call, const struct faults *faults);
enum err call_refuse_problem(struct call *call, int status, struct str detail,
                             const struct faults *faults); /* NULL: none */

/* Answers with what `err` stands for (problem.c maps it to a status) and op.detail. A handler need
 * only return `err`. */
void call_fail(struct call *call, enum err err);

/* For the steps of RUNS_ASYNC: true if `err` ends the call, which is answered then. */
bool call_ends(struct call *call, enum err err) MUST_CHECK;

/* The answer as it goes out now; the log of requests has it then. */
struct http_response call_response(struct call *call);

/* Sends the answer; the call and all in its arena are gone with it. Network thread. */
void call_send(struct call *call);

/* Lets go of what the call holds: its request is gone, and will not be answered. */
void call_drop(struct call *call);

#endif
