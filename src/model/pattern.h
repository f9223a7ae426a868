/*
 * A pattern that a form's texts must match: a regular expression as JSON Schema has it (ECMA-262,
 * with the u flag, not anchored), by PCRE2. What a pattern may cost is bounded, so that nobody can
 * stop the server with one.
 */
#ifndef BZCTRL_MODEL_PATTERN_H
#define BZCTRL_MODEL_PATTERN_H

#include "base/op.h"

enum { PATTERN_MAX = 1000 }; /* bytes */

struct pattern;

/* Compiles it into `arena`, whose life it has. ERR_INVALID: op->detail says what is wrong with it
 * and where, as the end of a sentence. */
enum err pattern_compile(struct op *op, struct arena *arena, struct str text,
                         const struct pattern **ret_pattern) MUST_CHECK;

struct str pattern_text(const struct pattern *pattern);

enum pattern_verdict { PATTERN_NO, PATTERN_YES, PATTERN_TOO_COSTLY };

/* `text` is well-formed UTF-8. Any number of threads at once. */
enum pattern_verdict pattern_match(const struct pattern *pattern, struct str text);

#endif
