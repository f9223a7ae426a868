/*
 * The time in a report.
 */
#ifndef BZCTRL_CLIENT_TIMED_H
#define BZCTRL_CLIENT_TIMED_H

#include "base/buf.h"

/* "2026-11-25T21:22:48.123Z" of milliseconds since 1970-01-01 UTC. */
void buf_time(struct buf *buf, int64_t time);

/* Writes an occurredAt of `time` in front of a report's members; and sets it anew. */
void buf_timed(struct buf *buf, int64_t time, struct str json);
void buf_retimed(struct buf *buf, int64_t time, struct str json);

#endif
