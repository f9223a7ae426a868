/*
 * When the outbox is sent, and how much of it in a call: pauses that grow while sending fails, and
 * calls that shrink when they do not get through and grow when they do.
 */
#ifndef BZCTRL_CLIENT_PACE_H
#define BZCTRL_CLIENT_PACE_H

#include "client/client.h"
#include "client/outbox.h"

/* Bytes that the next call may have. */
size_t pace_room(const struct pace *pace);

/* Something got through. */
void pace_grow(struct pace *pace);

/* A call of `bytes`, with more than one report, did not: client->blame and status say why. */
void pace_shrink(struct pace *pace, const struct bzctrl *client, size_t bytes);

/* ERR_BUSY in a pause. */
enum err pace_check(const struct pace *pace, struct op *op) MUST_CHECK;

/* A run ended so: sets the pause before the next one; `asked_wait` is what the server asked for. */
void pace_end(struct pace *pace, enum err end, int64_t asked_wait);

#endif
