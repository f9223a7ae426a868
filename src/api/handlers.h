/*
 * The handlers that routes.def names. Each gets a call already authenticated as its route requires,
 * sets the answer and returns; those of RUNS_ASYNC send the answer themselves (call.h).
 */
#ifndef BZCTRL_API_HANDLERS_H
#define BZCTRL_API_HANDLERS_H

#include "api/call.h"

#define HANDLER_INLINE(handler)    enum err handler(struct call *call) MUST_CHECK;
#define HANDLER_READ(handler)      enum err handler(struct call *call) MUST_CHECK;
#define HANDLER_CALL(handler)      enum err handler(struct call *call) MUST_CHECK;
#define HANDLER_BULK(handler)      enum err handler(struct call *call) MUST_CHECK;
#define HANDLER_FETCH(handler)     enum err handler(struct call *call) MUST_CHECK;
#define HANDLER_DIRECTORY(handler) enum err handler(struct call *call) MUST_CHECK;
#define HANDLER_ASYNC(handler)     void handler(struct call *call);

#define ROUTE(method, path, handler, runs, access, scope, body_max)      HANDLER_##runs(handler)
#define ROUTE_ONCE(method, path, handler, runs, access, scope, body_max) HANDLER_##runs(handler)
#include "api/routes.def"
#undef ROUTE_ONCE
#undef ROUTE
#undef HANDLER_INLINE
#undef HANDLER_READ
#undef HANDLER_CALL
#undef HANDLER_BULK
#undef HANDLER_FETCH
#undef HANDLER_DIRECTORY
#undef HANDLER_ASYNC

#endif
