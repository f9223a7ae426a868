/*
 * Percent-encoding (RFC 3986, section 2.1): how texts stand in URLs and in forms of the web.
 */
#ifndef BZCTRL_BASE_PERCENT_H
#define BZCTRL_BASE_PERCENT_H

#include "base/arena.h"
#include "base/buf.h"

/* The byte that the "%41" at the beginning of `s` encodes, or -1 if `s` does not begin so. */
int percent_byte(struct str s);

/* Decodes all of it, and '+' as a blank when `plus`. ERR_SYNTAX when it is badly encoded, not UTF-8,
 * or has a NUL; ERR_MEMORY. */
enum err percent_decode(struct arena *arena, struct str text, bool plus,
                        struct str *ret_text) MUST_CHECK;

/* Appends `text` for use in a URL; letters, digits, "-._~" and the bytes of `also` stay as they
 * are. */
void buf_percent(struct buf *buf, struct str text, struct str also);

#endif
