/*
 * The syntax of patterns: ECMA-262's with the u flag, as JSON Schema has it, so that a check
 * against the form's schema (form/form_schema.h) gives the judge's verdict. PCRE2, which the judge
 * uses, accepts more, and some of it means something else there. A pattern is therefore read by
 * ECMA-262's rules and written in a form that PCRE2 understands in the same way. Constructs on
 * which the two never agree are refused: back references, named groups, properties other than
 * general categories.
 */
#ifndef BZCTRL_FORM_PATTERN_SYNTAX_H
#define BZCTRL_FORM_PATTERN_SYNTAX_H

#include "base/buf.h"
#include "base/op.h"

/* Appends what PCRE2 is to compile. ERR_INVALID: op->detail says what is wrong and where, as the
 * end of a sentence. */
enum err pattern_translate(struct op *op, struct str pattern, struct buf *out) MUST_CHECK;

#endif
