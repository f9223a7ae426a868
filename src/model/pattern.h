/*
 * A pattern that a form's texts must match: a regular expression as JSON Schema has it (ECMA-262,
 * with the u flag, not anchored), by PCRE2. What patterns may cost is bounded, so that nobody can
 * stop the server with one: how large one is when compiled, and how much work the matches of one
 * request are together. Work is counted and not timed, so that a verdict is the same on each
 * machine. A unit is about what passing over a character takes, some two nanoseconds.
 */
#ifndef BZCTRL_MODEL_PATTERN_H
#define BZCTRL_MODEL_PATTERN_H

#include "base/op.h"

enum {
    PATTERN_MAX = 1000,           /* bytes */
    PATTERN_SIZE_MAX = 16 * 1024, /* bytes, compiled */
    PATTERN_WORK_MAX = 4000000,   /* units, of a report and of whatever says nothing else */
    PATTERN_AT_ONCE_MAX = 256000, /* units, of what the network thread judges itself */
};

struct pattern;

/* Compiles it into `arena`, whose life it has. ERR_INVALID: op->detail says what is wrong with it
 * and where, as the end of a sentence. */
enum err pattern_compile(struct op *op, struct arena *arena, struct str text,
                         const struct pattern **ret_pattern) MUST_CHECK;

struct str pattern_text(const struct pattern *pattern);

enum pattern_verdict { PATTERN_NO, PATTERN_YES, PATTERN_TOO_COSTLY };

/* Whether `text`, well-formed UTF-8, has a match. The work is taken from what `op` is allowed;
 * PATTERN_TOO_COSTLY: there was not enough of it, and now nothing is left, or the pattern wants too
 * many choices open at once. Any number of threads at once, each with its own `op`. */
enum pattern_verdict pattern_match(struct op *op, const struct pattern *pattern, struct str text);

/* From now on all matches for `op` may take so many units together. */
void pattern_allow(struct op *op, int64_t work);

/* What is left of that. */
int64_t pattern_allowed(const struct op *op);

/* Sets aside all but `most` of that, and returns how much it is; later puts it back. */
int64_t pattern_set_aside(struct op *op, int64_t most) MUST_CHECK;
void pattern_put_back(struct op *op, int64_t aside);

#endif
