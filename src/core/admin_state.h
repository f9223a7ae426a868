/*
 * After each change of administration the history says what the tables hold of the object that was
 * changed: one more event, "admin.state", in the chain of no domain, which is read by admins alone.
 * Its payload is {"state": [null, {…}]} (store/state.h). The newest such event of an object is what
 * verifying compares the tables with.
 */
#ifndef BZCTRL_CORE_ADMIN_STATE_H
#define BZCTRL_CORE_ADMIN_STATE_H

#include "core/change.h"
#include "store/state.h"

#define ADMIN_STATE "admin.state"
/* The same for what there was before events said it: written once, when a store has got the step
 * 0025 of the schema. It changes nothing of what other events have said. */
#define ADMIN_STATE_FOUND "admin.state.found"

/* The first write of a change of administration, instead of batch_writes(): it locks the chain of no
 * domain, which nodes lock first. The change is `apart`. */
enum err admin_begin(struct batch *batch, struct change *change) MUST_CHECK;

/* Appends the event. The last step of a change, since it reads what the change has written. */
enum err admin_state_add(struct batch *batch, struct op *op, enum state_kind kind, int64_t id,
                         int64_t actor_id) MUST_CHECK;
enum err admin_state_add_version(struct batch *batch, struct op *op, int64_t form_id,
                                 int64_t version, int64_t actor_id) MUST_CHECK;

struct core;

/* Appends ADMIN_STATE_FOUND for all that is there, if the store is older than these events. */
enum err admin_states_find(struct core *core, struct op *op) MUST_CHECK;

#endif
