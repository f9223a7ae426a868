/*
 * A pattern that a form's texts must match: a regular expression as JSON Schema has it (ECMA-262,
 * with the u flag, not anchored), by PCRE2. The cost of patterns is bounded, so that nobody can
 * stop the server with one: the size of a compiled pattern, and the work of all matches of one
 * request together. Work is counted, not timed, so that the verdict is the same on every machine. A
 * unit is about the time to pass over one character, some two nanoseconds.
 */
#ifndef BZCTRL_FORM_PATTERN_H
#define BZCTRL_FORM_PATTERN_H

#include "base/op.h"

enum {
    PATTERN_MAX = 1000,           /* bytes */
    PATTERN_SIZE_MAX = 16 * 1024, /* bytes, compiled */
    PATTERN_WORK_MAX = 4000000,   /* units, for a report and by default */
    PATTERN_AT_ONCE_MAX = 256000, /* units, of what the network thread judges itself */
};

struct pattern;

/* Compiles a pattern into `arena`. ERR_INVALID: op->detail says what is wrong and where, as the end
 * of a sentence. */
enum err pattern_compile(struct op *op, struct arena *arena, struct str text,
                         const struct pattern **ret_pattern) MUST_CHECK;

struct str pattern_text(const struct pattern *pattern);

enum pattern_verdict { PATTERN_NO, PATTERN_YES, PATTERN_TOO_COSTLY };

/* Whether `text`, well-formed UTF-8, has a match. The work counts against the allowance of `op`.
 * PATTERN_TOO_COSTLY: the allowance is used up, or the pattern keeps too many choices open at once.
 * Safe from any number of threads, each with its own `op`. */
enum pattern_verdict pattern_match(struct op *op, const struct pattern *pattern, struct str text);

/* Sets the allowance of all matches for `op` together, in units. */
void pattern_allow(struct op *op, int64_t work);

/* What is left of the allowance. */
int64_t pattern_allowed(const struct op *op);

/* Sets aside all but `most` of the allowance and returns how much was set aside; pattern_put_back()
 * returns it. */
int64_t pattern_set_aside(struct op *op, int64_t most) MUST_CHECK;
void pattern_put_back(struct op *op, int64_t aside);

#endif
