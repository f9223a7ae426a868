/*
 * The log of requests: what each account sent lately and the outcome, so that integrators can see
 * why something was refused. Best effort and bounded: no answer waits for it, and entries that do
 * not fit or cannot be written are dropped without harm.
 *
 * Requests gather in a ring (core/request_ring.h) on the network thread. About once a second they
 * are handed to the write lane as one change that has a transaction of its own (change.h, apart).
 * So a node writes at most REQUEST_RING_MAX rows a second under any load.
 */
#ifndef BZCTRL_CORE_REQUEST_LOG_H
#define BZCTRL_CORE_REQUEST_LOG_H

#include "core/core.h"
#include "model/request.h"

enum { REQUEST_LOG_PERIOD_MS = 1000 }; /* from one write to the next */

struct request_log;

/* Creates the log that `core` writes. Call everything here on the thread that empties the core's
 * mailbox. */
enum err request_log_create(struct core *core, struct request_log **ret_log) MUST_CHECK;
void request_log_destroy(struct request_log *log); /* NULL-safe */

/* Puts a copy into the ring, with the first REDACT_READ_MAX bytes of the unmodified body. The id
 * is assigned and secrets are removed only when it is written; under load most entries never
 * are. */
void request_log_add(struct request_log *log, const struct logged_request *request);

/* Hands waiting entries to the write lane, unless the last write is still in progress or,
 * without `now`, less than a second old. Call it a few times a second, and at the end. Returns
 * the outcome of the last write, once; ERR_OK if there is nothing to report. */
enum err request_log_write(struct request_log *log, bool now) MUST_CHECK;

#endif
