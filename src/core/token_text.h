/*
 * The text of a secret that the program generates: a prefix for its kind, then base64url of 256
 * random bits and of a checksum of all that precedes it. So a secret that leaked into a log or a
 * repository can be recognised, and a typing error is found without a look-up. Tokens and clients'
 * secrets have this form.
 */
#ifndef BZCTRL_CORE_TOKEN_TEXT_H
#define BZCTRL_CORE_TOKEN_TEXT_H

#include "base/op.h"

enum {
    TOKEN_PREFIX_SIZE = 5,
    TOKEN_SIZE = TOKEN_PREFIX_SIZE + 43 + 6, /* bytes: prefix, base64url of 32 bytes, of a CRC-32 */
};

/* A new one, in op->arena. `prefix` has TOKEN_PREFIX_SIZE bytes. ERR_MEMORY. */
enum err token_text_make(struct op *op, struct str prefix, struct str *ret_text) MUST_CHECK;

/* True if `text` has the form, the prefix and the checksum. Looks nothing up. */
bool token_text_valid(struct str text, struct str prefix);

#endif
