/*
 * The time in a report.
 */
#ifndef BZCTRL_LIB_TIMED_H
#define BZCTRL_LIB_TIMED_H

#include "base/buf.h"

/* Writes milliseconds since 1970-01-01 UTC as "2026-11-25T21:22:48.123Z". */
void buf_utc(struct buf *buf, int64_t time);

/* Writes a report with an added occurredAt of `time`; or with that occurredAt replaced. */
void buf_timed(struct buf *buf, int64_t time, struct str json);
void buf_retimed(struct buf *buf, int64_t time, struct str json);

#endif
