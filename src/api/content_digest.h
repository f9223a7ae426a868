/*
 * The Content-Digest header (RFC 9530): what the bytes of a body hash to.
 */
#ifndef BZCTRL_API_CONTENT_DIGEST_H
#define BZCTRL_API_CONTENT_DIGEST_H

#include "base/hash.h"
#include "base/op.h"

/* Compares a body, whose SHA-256 is known, with the header that came with it; sha-256 and sha-512
 * are checked, others ignored beside them. ERR_SYNTAX with op->detail when it is malformed, has
 * neither, or differs. */
enum err content_digest_check(struct op *op, struct str value, struct str body,
                              const struct sha256 *sha256) MUST_CHECK;

/* "sha-256=:…:", in the arena; absent when out of memory. */
struct str content_digest(struct arena *arena, const struct sha256 *sha256);

#endif
