/*
 * A step of which what it writes is written once, however often it is sent with the same idempotency key.
 *
 * The answer to such a step is made after its commit, of what is stored then. So the key is bound in the
 * transaction of the step's first write, to a promise: an answer without a status, which the real one
 * replaces afterwards. Should that fail, the key still says that the step was carried out.
 */
#ifndef BZCTRL_CORE_ONCE_H
#define BZCTRL_CORE_ONCE_H

#include "core/change.h"
#include "core/idempotency.h"

struct once {
    struct idempotency_key key; /* the caller's */
    int64_t promise; /* the id of the answer that is promised; 0: nothing is written yet */
};

/* Around `apply` of each change whose op has a `once`, on the write lane. ERR_OUTDATED: another step had the
 * key first; look for its answer. */
enum err once_expect(struct batch *batch, struct op *op) MUST_CHECK;
enum err once_promise(struct batch *batch, const struct change *change) MUST_CHECK;

/* Keeps the answer that was promised. */
enum err once_answer(struct core *core, struct op *op, const struct once *once,
                     const struct answer *answer) MUST_CHECK;

/* The answer that is stored for a key, if there is one; one without a status is promised only.
 * ERR_KEY_REUSED. */
enum err once_find(struct core *core, struct op *op, const struct idempotency_key *key,
                   bool *ret_found, struct answer *ret_answer) MUST_CHECK;

#endif
