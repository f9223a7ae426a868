/*
 * What is kept for a time only, and dropped when that is over: tokens, and idempotency keys with
 * their answers. Each call drops a bounded amount in one change of the write lane, so that it holds
 * nobody up for long, and tells whether more is left. For the threads of src/jobs.
 */
#ifndef BZCTRL_CORE_EXPIRY_H
#define BZCTRL_CORE_EXPIRY_H

#include "core/core.h"

/* Tokens that have expired, and the families that have none left. */
enum err core_tokens_drop(struct core *core, struct op *op, bool *ret_more) MUST_CHECK;

/* Keys older than IDEMPOTENCY_KEPT (core/idempotency.h). */
enum err core_keys_drop(struct core *core, struct op *op, bool *ret_more) MUST_CHECK;

#endif
