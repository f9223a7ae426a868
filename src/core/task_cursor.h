/*
 * The cursor of a list of records: an order and the id of the last record examined, as an opaque
 * text. Pure.
 */
#ifndef BZCTRL_CORE_TASK_CURSOR_H
#define BZCTRL_CORE_TASK_CURSOR_H

#include "base/buf.h"

void buf_task_cursor(struct buf *buf, bool oldest_first, int64_t id);

/* False for a text that buf_task_cursor() did not write, or wrote for the other order. */
bool task_cursor_read(struct str text, bool oldest_first, int64_t *ret_id) MUST_CHECK;

#endif
