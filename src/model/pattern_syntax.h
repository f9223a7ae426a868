/*
 * The syntax of patterns: ECMA-262's with the u flag, as JSON Schema has it, so that whoever checks
 * a text by the form's schema (model/form_schema.h) comes to the judge's verdict. PCRE2, which
 * judges, takes more, and some of it means something else there; so a pattern is read by ECMA-262's
 * rules and written in words that PCRE2 understands alike. What the two could never agree on is
 * refused: back references, named groups, properties other than general categories.
 */
#ifndef BZCTRL_MODEL_PATTERN_SYNTAX_H
#define BZCTRL_MODEL_PATTERN_SYNTAX_H

#include "base/buf.h"
#include "base/op.h"

/* Appends what PCRE2 is to compile. ERR_INVALID: op->detail says what is wrong and where, as the
 * end of a sentence. */
enum err pattern_translate(struct op *op, struct str pattern, struct buf *out) MUST_CHECK;

#endif
