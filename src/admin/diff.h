/* The difference of two texts, line by line, in the format of `diff -u` and `patch`. */
#ifndef BZCTRL_ADMIN_DIFF_H
#define BZCTRL_ADMIN_DIFF_H

#include "base/buf.h"
#include "base/op.h"

/* Appends it with three lines of context around each change; nothing if the texts are equal.
 * Both texts must end with a line end. For long texts that differ in most lines the result is
 * correct, but not the shortest. ERR_MEMORY. */
enum err buf_diff(struct op *op, struct str before, struct str after, struct buf *buf) MUST_CHECK;

#endif
