/*
 * The Idempotency-Key header (the IETF HTTPAPI draft): an sf-string of RFC 8941, section 3.3.3, of
 * 1 to 255 characters. Many clients send it without the quotes; that is accepted too.
 */
#ifndef BZCTRL_API_IDEMPOTENCY_KEY_H
#define BZCTRL_API_IDEMPOTENCY_KEY_H

#include "base/op.h"

enum { IDEMPOTENCY_KEY_MAX = 255 };

/* Checks a key sent as a JSON string: the same rules, but no quotes are removed. ERR_SYNTAX with
 * op->detail. */
enum err idempotency_key_check(struct op *op, struct str key) MUST_CHECK;

/* Reads the header's value. ERR_SYNTAX with op->detail, ERR_MEMORY. */
enum err idempotency_key_read(struct op *op, struct str value, struct str *ret_key) MUST_CHECK;

#endif
