/*
 * Sending what waits in the outbox: oldest first, one sender at a time, alone through add-task and
 * in bulk through add-tasks, which know each other's keys. An entry's bytes never change once they
 * were sent, unless the server has refused them: so sending again is safe until the server forgets
 * the key.
 *
 * A call that does not get through, and is answered by somebody else (a proxy, a filter), is halved
 * down to one report; one that breaks (5xx, cut), from run to run. One that fails alone shows
 * nothing by itself, for the server may be another's or broken: only when another gets through it
 * waits apart, and is tried alone after the others, with a pause of its own. So a run costs no more
 * than a few calls when nothing gets through.
 */
#ifndef BZCTRL_CLIENT_SEND_H
#define BZCTRL_CLIENT_SEND_H

#include "client/client.h"

#include <bzctrl.h>

/* Until nothing waits in line, or sending fails: ERR_UNAVAILABLE and the like, and what is left
 * waits. The setting "wait" bounds it, or, with `all`, each call to the server. Flags as those of
 * bzctrl_outbox_run(). *ret_apart: something was tried, fails alone, and waits apart; op->detail
 * says why. */
enum err send_run(struct bzctrl *client, struct op *op, int flags, bool all,
                  bzctrl_on_entry *on_entry, void *arg, bool *ret_apart) MUST_CHECK;

#endif
