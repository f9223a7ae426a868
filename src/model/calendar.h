/*
 * A calendar as programs subscribe to it (iCalendar, RFC 5545): days on which records are due or are to
 * be remembered. Pure.
 */
#ifndef BZCTRL_MODEL_CALENDAR_H
#define BZCTRL_MODEL_CALENDAR_H

#include "base/buf.h"
#include "model/directory.h"
#include "model/task.h"

/* Appends the beginning and the end. */
void buf_calendar_begin(struct buf *buf);
void buf_calendar_end(struct buf *buf);

/* Appends an event for the due date and one for the reminder date of a record, if it has them. Days are
 * days, in no time zone; the UID of an event stays the same when the day or the key changes. */
void buf_calendar_task(struct buf *buf, const struct task *task, const struct workspace *workspace,
                       struct str public_url);

/* Appends a line of the format: folded after 75 bytes, between characters (section 3.1). And a text as a
 * value, with its escapes (section 3.3.11). */
void buf_calendar_line(struct buf *buf, struct str line);
void buf_calendar_text(struct buf *buf, struct str text);

#endif
