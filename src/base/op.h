/*
 * An operation: what every step of one request or job carries along. The arena holds all that it
 * makes, `now` is the one moment that it happens at (read once, so that every step agrees), and
 * `detail` is where the step that sees a fault explains it to a person.
 */
#ifndef BZCTRL_BASE_OP_H
#define BZCTRL_BASE_OP_H

#include "base/arena.h"

struct op {
    struct arena *arena;
    int64_t now;      /* milliseconds since 1970-01-01 UTC */
    int64_t work;     /* spent on matching patterns (model/pattern.h) */
    char detail[256]; /* zero-terminated; empty when there is nothing to say */
};

/* Writes the detail, unless one is there already, and returns `err`:
 * `return op_fail(op, ERR_…, …)`. */
enum err op_fail(struct op *op, enum err err, const char *format, ...) MUST_CHECK PRINTF_LIKE(3, 4);

/* The same where the caller returns its error itself, or has none. */
void op_say(struct op *op, const char *format, ...) PRINTF_LIKE(2, 3);

/* Empties the detail: what is tried next explains itself. */
void op_forget(struct op *op);

#endif
