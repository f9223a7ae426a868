/* What the calls about webhooks and about their deliveries have in common. */
#ifndef BZCTRL_API_WEBHOOK_H
#define BZCTRL_API_WEBHOOK_H

#include "api/call.h"
#include "store/webhook.h"

/* The one that the path names: 403 for a caller who manages nothing, 404 unless they manage its
 * domain. On the read lane; or on the call lane, where it waits. */
enum err webhook_find(struct call *call, struct webhook *ret_webhook) MUST_CHECK;
enum err webhook_find_wait(struct call *call, struct webhook *ret_webhook) MUST_CHECK;

#endif
