/*
 * Drops what is kept only for a time: tokens, idempotency keys with their answers, and the log of
 * requests. Each call drops a bounded amount in one change of the write lane, so that it delays
 * nothing for long, and reports whether more is left. For the threads of src/jobs.
 */
#ifndef BZCTRL_CORE_EXPIRY_H
#define BZCTRL_CORE_EXPIRY_H

#include "core/core.h"

/* Expired tokens, and families without tokens. */
enum err core_tokens_drop(struct core *core, struct op *op, bool *ret_more) MUST_CHECK;

/* Keys older than IDEMPOTENCY_KEPT (core/idempotency.h). */
enum err core_keys_drop(struct core *core, struct op *op, bool *ret_more) MUST_CHECK;

enum { REQUESTS_KEPT = 1000, REQUESTS_KEPT_DAYS = 30 };

/* Requests older than REQUESTS_KEPT_DAYS, and all but the newest REQUESTS_KEPT of each account.
 * Accounts are visited in the order of their ids: *account_id is 0 before the first call, and
 * then where the next call continues. */
enum err core_requests_drop(struct core *core, struct op *op, int64_t *account_id,
                            bool *ret_more) MUST_CHECK;

#endif
