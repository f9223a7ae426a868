/*
 * The one who delivers webhooks: one thread, on one node at a time (a lease in webhook_control). It
 * follows the chains of events, writes what is due for each webhook as deliveries, sends them
 * (fetch/post.h), and writes how that went. A delivery is written, with the webhook's position after
 * its event, before it is sent: so a crash loses none, and what is sent again has the same id.
 *
 * All attempts run at once, one for each webhook, so a receiver that hangs holds up nobody else.
 */
#ifndef BZCTRL_HOOK_HOOKS_H
#define BZCTRL_HOOK_HOOKS_H

#include "base/network.h"
#include "base/seal.h"
#include "core/core.h"

struct hooks;

/* Borrowed for as long as it runs. */
struct hooks_options {
    struct core *core;
    const struct seal_key *key;   /* of the webhooks' secrets */
    const struct networks *allow; /* addresses that may be private, and need no TLS */
    struct str acc_allow;         /* hosts, separated by commas … */
    bool acc;                     /* … that alone are called */
    struct str public_url;
};

/* Starts the thread; destroy it before the core closes. What is under way then is sent again at the
 * next start. ERR_MEMORY. */
enum err hooks_create(const struct hooks_options *options, struct hooks **ret_hooks) MUST_CHECK;
void hooks_destroy(struct hooks *hooks); /* NULL-safe */

#endif
