/*
 * Errors as clients see them: application/problem+json (RFC 9457). The only map from enum err to
 * HTTP status codes.
 */
#ifndef BZCTRL_API_PROBLEM_H
#define BZCTRL_API_PROBLEM_H

#include "base/arena.h"
#include "base/buf.h"

struct fault;
struct faults;

/* The HTTP status for an error. */
int problem_status(enum err err);

/* The detail for an error without one. Internal errors never reveal more than this. */
struct str problem_detail(enum err err, struct str detail);

/* Appends {"type","title","status","detail"} and, when there are faults, "errors". An absent detail
 * is left out, `faults` may be NULL. */
void problem_encode(struct buf *buf, int status, struct str detail, const struct faults *faults);

/* The detail of a problem with faults: how many there are. */
struct str problem_faults_detail(struct arena *arena, const struct faults *faults);

/* Appends one fault alone, as an object, or the list of them, as an array. */
void fault_encode(struct buf *buf, const struct fault *fault);
void faults_encode(struct buf *buf, const struct faults *faults);

/* How long a client should wait before retrying, in seconds, for 429 and 503; otherwise 0. */
int problem_retry_after(int status);

#endif
