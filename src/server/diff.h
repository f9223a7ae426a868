/* The difference of two texts, line by line, as `diff -u` and `patch` have it. */
#ifndef BZCTRL_SERVER_DIFF_H
#define BZCTRL_SERVER_DIFF_H

#include "base/buf.h"
#include "base/op.h"

/* Appends it, three lines of context around each change; nothing when they are equal. Both end with
 * a line end. Where most lines of long texts differ it is right, but not the shortest. ERR_MEMORY.
 */
enum err buf_diff(struct op *op, struct str before, struct str after, struct buf *buf) MUST_CHECK;

#endif
