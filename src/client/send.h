/*
 * Sending what waits in the outbox: oldest first, one sender at a time, alone through add-task and
 * in bulk through add-tasks, which know each other's keys. An entry's bytes never change once they
 * were sent, unless the server has refused them: so sending again is safe until the server forgets
 * the key.
 */
#ifndef BZCTRL_CLIENT_SEND_H
#define BZCTRL_CLIENT_SEND_H

#include "client/client.h"

#include <bzctrl.h>

/* Until nothing waits, or sending fails: ERR_UNAVAILABLE and the like, and what is left waits. The
 * setting "wait" bounds it, or, with `all`, each call to the server. Flags as those of
 * bzctrl_outbox_run(). */
enum err send_run(struct bzctrl *client, struct op *op, int flags, bool all,
                  bzctrl_on_entry *on_entry, void *arg) MUST_CHECK;

/* Writes an occurredAt of `time` in front of a report's members; and sets it anew. */
void buf_timed(struct buf *buf, int64_t time, struct str json);
void buf_retimed(struct buf *buf, int64_t time, struct str json);

#endif
