/*
 * A call: one request on its way through the API. routes.def says who may call what; api.c finds
 * the route, the caller and the right before a handler sees the call. A handler answers exactly
 * once, at once or after a lane has come back, through one of the functions at the end; with the
 * answer the call and all in its arena are gone, and nothing of them may be looked at.
 */
#ifndef BZCTRL_API_CALL_H
#define BZCTRL_API_CALL_H

#include "api/call_log.h"
#include "api/call_rate.h"
#include "core/change.h"
#include "core/token.h"
#include "http/server.h"

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

struct route {
    struct str method, path; /* a segment "{name}" matches any one; a last "*" all that is left */
    void (*handle)(struct call *call);
    enum access access;
    struct str scope; /* that a token must have; empty: any */
    size_t body_max;  /* bytes; 0: no body is taken */
};

enum {
    PATH_PARAMETERS_MAX = 2,
    CALL_ANSWER_MAX = 32 * 1024 * 1024, /* a page of a list, should each byte become an escape */
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
    struct core_read read;                      /* the call's work on a lane, one at a time */
    struct change change;
    struct query_parameter *query; /* by call_query_accept() */
    size_t query_count;
    struct call_note note;
    struct call_rate rate;
    void *state;                       /* the handler's own, in the arena */
    void (*let_go)(struct call *call); /* gives back what the state holds; may be NULL */
};

/* The call that a lane hands back. */
struct call *call_of_read(struct core_read *read);
struct call *call_of_change(struct change *change);

/* ---- the body ---- */

/* Answers 415 itself and returns false unless the body is `application/json` in no encoding; or one
 * of one or two types. */
bool call_expect_json(struct call *call) MUST_CHECK;
bool call_expect_type(struct call *call, struct str_list types, size_t *ret_place) MUST_CHECK;

/* ---- work on a lane ---- */

/* A full queue answers the call with 503, and `done` is never called. */
void call_read(struct call *call, enum err (*run)(struct core_read *, struct db *),
               void (*done)(struct core_read *));
void call_change(struct call *call, int64_t domain_id,
                 enum err (*apply)(struct change *, struct batch *), void (*done)(struct change *));

/* Takes the directory that is in force now instead of the one the call began with. */
void call_refresh_directory(struct call *call);

/* The ETag of a version; its value is absent when out of memory. */
struct http_header call_etag(struct call *call, int64_t version);

/* True if If-None-Match names `etag`, weak or strong: the answer is then 304 (RFC 9110 section
 * 13.1.2). */
bool call_client_has(const struct call *call, struct str etag);

/* True if If-Match names `etag` (strong or weak: compressing proxies weaken it) or is "*";
 * otherwise answers 412 itself, or 428 when there is none, and returns false (RFC 9110
 * section 13.1.1, RFC 6585 section 3). */
bool call_expect_match(struct call *call, struct str etag) MUST_CHECK;

/* ---- the answers ---- */

/* Answers with call->body. `headers` may be NULL; the caller's are sent before the usual ones. */
void call_answer(struct call *call, int status, struct str content_type,
                 const struct http_header *headers, size_t header_count);

/* Answers with call->body as application/json, or with 204 and no body. */
void call_answer_json(struct call *call, int status);
void call_answer_empty(struct call *call);

/* Answers with problem+json: for `err` (problem.c maps it to a status) with op.detail; with every
 * fault as 422; or for a status that no err stands for. */
void call_fail(struct call *call, enum err err);
void call_fail_faults(struct call *call, const struct faults *faults);
void call_fail_problem(struct call *call, int status, struct str detail,
                       const struct faults *faults); /* NULL: none */
void call_fail_status(struct call *call, int status, const char *detail, ...) PRINTF_LIKE(3, 4);

/* Lets go of what the call holds: its request is gone, and will not be answered. */
void call_drop(struct call *call);

#endif
