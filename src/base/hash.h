/*
 * SHA-256 and the texts that carry bytes: base64 (RFC 4648 section 4), base64url without padding
 * (section 5) and lower-case hex.
 *
 * OpenSSL hashes, since it uses the processor's own instructions: ten times as fast as libsodium
 * here, which was a third of the write lane's work. Its older interface is used on purpose: a state
 * on the stack that cannot fail, where the newer one asks for memory for each hash.
 */
#ifndef BZCTRL_BASE_HASH_H
#define BZCTRL_BASE_HASH_H

#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/buf.h"

#include <openssl/sha.h>

enum { SHA256_SIZE = 32 };

struct sha256 {
    unsigned char bytes[SHA256_SIZE];
};

/* The hash of one run of bytes. */
struct sha256 sha256(struct str s);

bool sha256_eq(const struct sha256 *a, const struct sha256 *b);

/* The hash of several, piece by piece. hash_field() first adds the length as 4 bytes, big endian,
 * so that two fields cannot be mistaken for two others that join to the same bytes. */
struct hasher {
    SHA256_CTX state;
};
void hash_begin(struct hasher *hasher);
void hash_add(struct hasher *hasher, const void *p, size_t n);
void hash_u64(struct hasher *hasher, uint64_t value); /* 8 bytes, big endian */
void hash_field(struct hasher *hasher, struct str field);
struct sha256 hash_end(struct hasher *hasher);

/* Appends `n` bytes as text. */
void buf_base64(struct buf *buf, const void *p, size_t n);
void buf_base64url(struct buf *buf, const void *p, size_t n);
void buf_hex(struct buf *buf, const void *p, size_t n);

/* Reads base64 with padding: exactly `n` bytes into `p`, or false (then `p` is undefined). */
bool base64_read(struct str text, void *p, size_t n);

/* The same for base64url without padding. */
bool base64url_read(struct str text, void *p, size_t n);

/* Equal, in a time that does not depend on where they differ. */
bool bytes_equal_slowly(const void *a, const void *b, size_t n);

#endif
