/*
 * When to send from the outbox, and how much in one call: pauses grow while sending fails, and
 * calls shrink when they do not get through and grow when they do.
 */
#ifndef BZCTRL_LIB_PACE_H
#define BZCTRL_LIB_PACE_H

#include "lib/client.h"
#include "lib/outbox.h"

/* The largest size of the next call, in bytes. */
size_t pace_room(const struct pace *pace);

/* Something got through. */
void pace_grow(struct pace *pace);

/* A call of `bytes` with several reports did not get through; client->blame and status say why. */
void pace_shrink(struct pace *pace, const struct bzctrl *client, size_t bytes);

/* ERR_BUSY during a pause. */
enum err pace_check(const struct pace *pace, struct op *op) MUST_CHECK;

/* Ends a run: sets the pause before the next one. `asked_wait` is the pause that the server asked
 * for. */
void pace_end(struct pace *pace, enum err end, int64_t asked_wait);

#endif
