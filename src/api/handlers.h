/*
 * The handlers that routes.def names. Each gets a call that is already authenticated as its route
 * demands, and answers it exactly once.
 */
#ifndef BZCTRL_API_HANDLERS_H
#define BZCTRL_API_HANDLERS_H

#include "api/call.h"

#define ROUTE(method, path, handler, access, scope, body_max) void handler(struct call *call);
#include "api/routes.def"
#undef ROUTE

#endif
