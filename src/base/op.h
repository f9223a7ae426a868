/*
 * An operation: the state that every step of one request or job shares. The arena holds what it
 * allocates, `now` is its time (read once, so that all steps agree), and `detail` is where the step
 * that finds an error explains it to people.
 */
#ifndef BZCTRL_BASE_OP_H
#define BZCTRL_BASE_OP_H

#include "base/arena.h"

struct once;

struct op {
    struct arena *arena;
    int64_t now;       /* milliseconds since 1970-01-01 UTC */
    int64_t work;      /* spent on matching patterns (form/pattern.h) */
    bool dutch;        /* its caller reads Dutch; see OP_WORDS() */
    struct once *once; /* what it writes is written once (core/once.h); NULL: each time */
    char detail[256];  /* zero-terminated; empty when there is nothing to say */
};

/* Writes the detail, unless there already is one, and returns `err`:
 * `return op_fail(op, ERR_…, …)`. */
enum err op_fail(struct op *op, enum err err, const char *format, ...) MUST_CHECK PRINTF_LIKE(3, 4);

/* The same where the caller returns its error itself, or has none. */
void op_say(struct op *op, const char *format, ...) PRINTF_LIKE(2, 3);

/* Of two formats, with the same arguments, the one in the language of the operation's caller. What is
 * wrong with a filter is said so, since people type those; everything else is English. */
#define OP_WORDS(op, english, dutch_words) ((op)->dutch ? (dutch_words) : (english))

/* Empties the detail: what is tried next explains itself. */
void op_forget(struct op *op);

#endif
