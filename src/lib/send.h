/*
 * Sends the waiting reports of the outbox, oldest first, one sender at a time: one by one through
 * add-task, or in bulk through add-tasks; the two calls share their keys. An entry's bytes never
 * change after they were sent, unless the server refused them, so sending again is safe until the
 * server forgets the key.
 *
 * If a call does not get through and the answer comes from a proxy or a filter, the call is halved,
 * down to one report; if it fails with 5xx or is cut off, it is halved from run to run. A report
 * that fails alone proves nothing yet, since the whole server may be down or replaced. Only when
 * another report gets through is it set apart and tried alone after the others, with a pause of its
 * own. So a run takes only a few calls when nothing gets through.
 */
#ifndef BZCTRL_LIB_SEND_H
#define BZCTRL_LIB_SEND_H

#include "lib/client.h"

#include <bzctrl.h>

/* Sends until no report is left in line, or until sending fails with ERR_UNAVAILABLE or the like;
 * the rest stays. The setting "wait" limits the whole run or, with `all`, each call to the server.
 * The flags are those of bzctrl_outbox_run(). *ret_apart is true if a report was tried alone,
 * failed and stays apart; op->detail says why. */
enum err send_run(struct bzctrl *client, struct op *op, int flags, bool all,
                  bzctrl_on_entry *on_entry, void *arg, bool *ret_apart) MUST_CHECK;

#endif
