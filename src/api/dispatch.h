/*
 * How a handler is run: where its route says, and its answer is sent when it has returned.
 */
#ifndef BZCTRL_API_DISPATCH_H
#define BZCTRL_API_DISPATCH_H

#include "base/err.h"

struct call;
struct lane;
struct mailbox;

/*
 * The threads of handlers that may wait, for a commit above all. They own no connection to the
 * database: a change reads what it needs inside its transaction.
 *
 * Hashing a password takes a processor for some 25 ms, and 19 MiB. So that is done on a lane with
 * as many threads as may do it at once, where hundreds of people who sign in wait for each other
 * and nobody else waits for them.
 *
 * Changes of the directory have a lane of one thread. Each is judged by the directory in force, so
 * of two at once one would be judged in vain; here they take turns in the order in which they came.
 *
 * A change of a thousand records takes seconds. Those have a lane of a few threads, and wait for each
 * other. So do calls that wait for the provider of identities, which may be slow.
 */
struct call_lanes {
    struct lane *call, *bulk, *fetch, *hash, *directory;
};

/* Finished calls go to `mailbox`. ERR_MEMORY. */
enum err call_lanes_start(struct mailbox *mailbox, struct call_lanes *ret_lanes) MUST_CHECK;

/* Waits until all that they have taken is finished, and in the mailbox. */
void call_lanes_flush(struct call_lanes *lanes);

/* Ends them; safe when they were not started. */
void call_lanes_stop(struct call_lanes *lanes);

/* Runs `run` where the call's route says, at once or on a lane, and then `done` with its error, or
 * with that of a full queue. Network thread, as is `done`. */
void call_run(struct call *call, enum err (*run)(struct call *),
              void (*done)(struct call *, enum err));

/* Runs the handler of the call's route so, and sends its answer. Network thread. */
void call_dispatch(struct call *call);

#endif
