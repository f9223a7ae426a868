/*
 * Where a list of records goes on: an order and the id of the last record that was looked at, as a
 * text that is nobody's to read. Pure.
 */
#ifndef BZCTRL_CORE_TASK_CURSOR_H
#define BZCTRL_CORE_TASK_CURSOR_H

#include "base/buf.h"

void buf_task_cursor(struct buf *buf, bool oldest_first, int64_t id);

/* False for what buf_task_cursor() does not write, or wrote for the other order. */
bool task_cursor_read(struct str text, bool oldest_first, int64_t *ret_id) MUST_CHECK;

#endif
