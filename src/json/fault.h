/*
 * Where a text is not valid JSON, for the person who wrote it: "line 15, column 16: expected the
 * name of a member in quotes, found 't'". Columns count characters from 1.
 */
#ifndef BZCTRL_JSON_FAULT_H
#define BZCTRL_JSON_FAULT_H

#include "base/op.h"

/* Where a text begins in a larger one: the number of lines and characters before it. Zeroed: it is
 * the whole text. */
struct json_place {
    size_t lines, columns;
};

/* The place after `text`, which begins at `place`. */
struct json_place json_place_behind(struct json_place place, struct str text);

/* Both write op->detail for the character at `offset` (text.n: the end) and return ERR_SYNTAX. */
enum err json_fault_at(struct op *op, struct str text, struct json_place place, size_t offset,
                       const char *what) MUST_CHECK;
enum err json_fault_expected(struct op *op, struct str text, struct json_place place, size_t offset,
                             const char *expected) MUST_CHECK;

#endif
