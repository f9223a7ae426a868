/*
 * Lists of texts in a column: compact JSON arrays of strings, so that they mean the same on every
 * engine and to people who read the database by hand.
 */
#ifndef BZCTRL_STORE_LIST_H
#define BZCTRL_STORE_LIST_H

#include "base/op.h"

/* The list as JSON text in the arena. ERR_MEMORY. */
enum err list_write(struct op *op, struct str_list list, struct str *ret_text) MUST_CHECK;

/* The list in a text, in the arena. ERR_CORRUPT, ERR_MEMORY. */
enum err list_read(struct op *op, struct str text, struct str_list *ret_list) MUST_CHECK;

#endif
