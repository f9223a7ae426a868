/*
 * What is kept for a time only, and dropped when that is over: tokens, and idempotency keys with
 * their answers, and the log of requests. Each call drops a bounded amount in one change of the
 * write lane, so that it holds nobody up for long, and tells whether more is left. For the threads
 * of src/jobs.
 */
#ifndef BZCTRL_CORE_EXPIRY_H
#define BZCTRL_CORE_EXPIRY_H

#include "core/core.h"

/* Tokens that have expired, and the families that have none left. */
enum err core_tokens_drop(struct core *core, struct op *op, bool *ret_more) MUST_CHECK;

/* Keys older than IDEMPOTENCY_KEPT (core/idempotency.h). */
enum err core_keys_drop(struct core *core, struct op *op, bool *ret_more) MUST_CHECK;

enum { REQUESTS_KEPT = 1000, REQUESTS_KEPT_DAYS = 30 };

/* Requests older than REQUESTS_KEPT_DAYS, and what accounts have beyond their newest REQUESTS_KEPT.
 * Accounts are visited in the order of their ids: *account_id is 0 before the first call, and is
 * then where the next call goes on. */
enum err core_requests_drop(struct core *core, struct op *op, int64_t *account_id,
                            bool *ret_more) MUST_CHECK;

#endif
