/*
 * How a handler is run: where its route says, and its answer is sent when it has returned.
 */
#ifndef BZCTRL_API_DISPATCH_H
#define BZCTRL_API_DISPATCH_H

#include "base/err.h"

struct call;
struct lane;
struct mailbox;

/* Starts the call lane: threads that run the handlers of RUNS_CALL. Finished calls go to
 * `mailbox`. ERR_MEMORY. */
enum err call_lane_create(struct mailbox *mailbox, struct lane **ret_lane) MUST_CHECK;

/* Runs the handler of the call's route, at once or on a lane. Network thread. */
void call_dispatch(struct call *call);

#endif
