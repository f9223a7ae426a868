/*
 * How a call is answered, and what it asks of what it was sent. A handler that returns only sets
 * the answer, and may set another one after it; in RUNS_ASYNC (call.h) an answer is sent at once,
 * and the call is gone with it.
 */
#ifndef BZCTRL_API_CALL_ANSWER_H
#define BZCTRL_API_CALL_ANSWER_H

#include "base/err.h"
#include "http/server.h"

struct call;
struct faults;

/* ---- what was sent ---- */

/* ERR_ANSWERED (415) unless the body is `application/json`, or one of one or two types, without a
 * Content-Encoding. */
enum err call_expect_json(struct call *call) MUST_CHECK;
enum err call_expect_type(struct call *call, struct str_list types, size_t *ret_place) MUST_CHECK;

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
 * is wrong (as printf does); or 422 with every fault. The first is a macro so that whoever analyses
 * a caller sees what it returns. */
#define call_refuse(...) (call_refuse_status(__VA_ARGS__), call_answered())
void call_refuse_status(struct call *call, int status, const char *detail, ...) PRINTF_LIKE(3, 4);
static inline enum err call_answered(void)
{
    return ERR_ANSWERED;
}
enum err call_refuse_faults(struct call *call, const struct faults *faults);
enum err call_refuse_problem(struct call *call, int status, struct str detail,
                             const struct faults *faults); /* NULL: none */

/* Answers with what `err` stands for (problem.c maps it to a status) and op.detail. A handler need
 * only return `err`. */
void call_fail(struct call *call, enum err err);

/* The answer as it goes out now; the log of requests has it then. */
struct http_response call_response(struct call *call);

/* Sends the answer; the call and all in its arena are gone with it. Network thread. */
void call_send(struct call *call);

/* Lets go of what the call holds: its request is gone, and will not be answered. */
void call_drop(struct call *call);

#endif
