/*
 * A call: one request on its way through the API. routes.def says who may call what, and where the
 * handler runs; api.c finds the route, the caller and the right before a handler sees the call.
 *
 * A handler is a function: it reads from top to bottom, sets the answer (api/call_answer.h), and
 * returns. Any error that it returns, except ERR_ANSWERED, becomes a problem (api/problem.h). The
 * call lives until its answer is sent, so nothing of it can vanish under a handler.
 *
 * Only the intake of reports and /readyz are cut into steps that continue when a lane comes back
 * (RUNS_ASYNC): there an answer is sent at once, and with it the call is gone.
 */
#ifndef BZCTRL_API_CALL_H
#define BZCTRL_API_CALL_H

#include "api/call_answer.h"
#include "api/call_log.h"
#include "api/call_rate.h"
#include "api/stream.h"
#include "api/upload.h"
#include "base/query.h"
#include "core/change.h"
#include "core/token.h"

struct api;
struct form;
struct call;
struct faults;

/* What a route asks of its caller. */
enum access {
    ACCESS_PUBLIC, /* no credentials are looked at */
    ACCESS_TOKEN,  /* a bearer token, or the web app's cookie with its CSRF checks */
    ACCESS_LINK,   /* likewise, but a link in the web app suffices, which sends no header */
    ACCESS_EARLY,  /* as TOKEN, asked before the body; in RUNS_ASYNC the handler reads that in
                      pieces, for the others it is gathered (api/upload.h) */
};

/* Where a route's handler runs, and what it may do there. */
enum runs {
    RUNS_INLINE,    /* on the network thread: it looks at memory only, and its work is bounded */
    RUNS_READ,      /* on the read lane, inside a read transaction of call->db */
    RUNS_CALL,      /* on the call lane, where it may take its time and wait for other lanes */
    RUNS_BULK,      /* the same, on a lane of its own: it takes long */
    RUNS_FETCH,     /* on one of its own too: it waits for another server */
    RUNS_DIRECTORY, /* on the directory lane, one after the other: it changes the directory */
    RUNS_ASYNC,     /* the intake: on the network thread; it answers later, by itself */
};

struct route {
    struct str method, path; /* a segment "{name}" matches any one; a last "*" all that is left */
    struct str scope;        /* that a token must have; empty: any */
    enum err (*handle)(struct call *call); /* NULL: RUNS_ASYNC */
    void (*start)(struct call *call);      /* of RUNS_ASYNC */
    size_t body_max;                       /* bytes; 0: no body is taken */
    enum runs runs;
    enum access access;
    bool once; /* an Idempotency-Key that comes again gets the first answer (core/once.h) */
};

enum { PATH_PARAMETERS_MAX = 3, CALL_HEADERS_MAX = 16 };
enum { CALL_ANSWER_MAX = 32 * 1024 * 1024 }; /* a page of a list, each byte an escape */

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
    struct str origin; /* of a call that may change something: its Bzctrl-Origin; may be absent */
    struct buf body;   /* the answer is built here */
    struct json_writer json; /* into `body` */
    struct call_answer answer;
    struct call_stream stream; /* its `more` is NULL: the answer is all in `body` */
    struct db *db;             /* of RUNS_READ: the connection, in its transaction */
    bool running;              /* a handler runs that returns: the answer is sent after it */
    bool confidential;         /* its answer has a secret, which is not kept */
    bool hashing;              /* of RUNS_CALL: it runs again, on the hash lane (ERR_ELSEWHERE) */
    struct lane_job job;       /* of all of these but RUNS_READ that run on a lane */
    enum err (*run)(struct call *);        /* the dispatcher's: what runs … */
    void (*done)(struct call *, enum err); /* … and what follows it */
    enum err err;                          /* that it has returned */
    struct core_read read; /* of RUNS_READ, or the call's work on a lane, one at a time */
    struct query query;    /* by call_query_accept() */
    struct call_note note;
    struct call_rate rate;
    int64_t retry_after;               /* seconds, of a refusal with 429; 0: as is usual */
    struct upload upload;              /* of ACCESS_EARLY */
    void *state;                       /* the handler's own, in the arena */
    void (*let_go)(struct call *call); /* gives back what the state holds; may be NULL */
};

/* The call that the read lane hands back. */
struct call *call_of_read(struct core_read *read);

/* For RUNS_ASYNC. A full queue answers with 503, and `done` is never called. */
void call_read(struct call *call, enum err (*run)(struct core_read *, struct db *),
               void (*done)(struct core_read *));

/* For a handler on the call lane: runs `read` on the read lane, with call->db, and waits. */
enum err call_read_wait(struct call *call, enum err (*read)(struct call *call, void *arg),
                        void *arg) MUST_CHECK;

/* Takes, instead of the directory that the call began with, the one in force; or one that knows what call->db shows. */
void call_refresh_directory(struct call *call);
enum err call_view_directory(struct call *call) MUST_CHECK;

#endif
