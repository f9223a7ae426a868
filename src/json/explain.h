/*
 * Why a text is not JSON, for the person who wrote it. jansson decides; its own words name the end
 * of the token that it stumbled over and speak of its grammar. This looks once more, only at texts
 * that were refused, and names the first character that no JSON text could have there.
 */
#ifndef BZCTRL_JSON_EXPLAIN_H
#define BZCTRL_JSON_EXPLAIN_H

#include "base/op.h"

/* Writes op->detail, "line 15, column 16: expected …, found 't'", and returns ERR_SYNTAX; ERR_OK
 * when the text follows the grammar of RFC 8259 and has neither U+0000 nor broken UTF-8. The depth
 * must have been bounded before. */
enum err json_explain(struct op *op, struct str text) MUST_CHECK;

/* The same for a fault that the caller has found: writes "line …, column …: what" for the character
 * at `offset` and returns ERR_SYNTAX. */
enum err json_fault_at(struct op *op, struct str text, size_t offset, const char *what) MUST_CHECK;

#endif
