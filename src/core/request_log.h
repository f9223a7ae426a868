/*
 * The log of requests: what each account sent lately and what became of it, so that who connects a
 * system sees why something was refused. Best effort and bounded: no answer waits for it, and what
 * does not fit, or cannot be written, is lost without harm.
 *
 * Requests gather in a ring (core/request_ring.h) on the network thread. About once a second they
 * are handed to the write lane as one change that has a transaction of its own (change.h, apart).
 * So under whatever load a node writes REQUEST_RING_MAX rows a second at most.
 */
#ifndef BZCTRL_CORE_REQUEST_LOG_H
#define BZCTRL_CORE_REQUEST_LOG_H

#include "core/core.h"
#include "model/request.h"

struct request_log;

/* The log that `core` writes. All below is for the thread that empties the core's mailbox. */
enum err request_log_create(struct core *core, struct request_log **ret_log) MUST_CHECK;
void request_log_destroy(struct request_log *log); /* NULL-safe */

/* Puts a copy into the ring: of the body, which is as it was sent, the first REDACT_READ_MAX bytes.
 * Its id is made when it is written, and only then, which few are under load, secrets taken out. */
void request_log_add(struct request_log *log, const struct logged_request *request);

/* Hands what waits to the write lane, unless the last time is less than a second ago or still under
 * way; `now`: however short ago. To be called a few times a second, and at the end. Returns how the
 * last writing ended, once: ERR_OK also when there is nothing to tell. */
enum err request_log_write(struct request_log *log, bool now) MUST_CHECK;

#endif
