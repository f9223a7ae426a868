/*
 * The text of a secret that the program makes: a prefix that tells its kind, base64url of 256
 * random bits, and of a check sum of what stands before. So one that has got into a log or a
 * repository can be recognised, and a slip is seen without a look-up. Tokens have this form, and
 * clients' secrets.
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

/* True if `text` has the form, the prefix and the check sum. Looks nothing up. */
bool token_text_valid(struct str text, struct str prefix);

#endif
