/*
 * Passwords: the rules for new ones, and argon2id by libsodium (19 MiB, two passes), stored in its
 * own text form ("$argon2id$v=19$m=19456,t=2,p=1$…"). Hashing takes some 25 ms and 19 MiB, so on a
 * server only the hash lane calls it (api/dispatch.h).
 */
#ifndef BZCTRL_CORE_PASSWORD_H
#define BZCTRL_CORE_PASSWORD_H

#include "base/op.h"

enum {
    PASSWORD_MIN = 8,    /* characters */
    PASSWORD_MAX = 1024, /* characters; all of them count, nothing is cut off */
};

/* Checks a new password: UTF-8 without NUL, PASSWORD_MIN to PASSWORD_MAX characters, not a
 * common password. ERR_INVALID; op->detail says which rule it breaks. */
enum err password_check(struct op *op, struct str password) MUST_CHECK;

/* The same, and that it is not the account's e-mail address. */
enum err password_check_for(struct op *op, struct str password, struct str email) MUST_CHECK;

/* Hashes a password with fresh salt; the text form is in op->arena. ERR_MEMORY. Slow. */
enum err password_hash(struct op *op, struct str password, struct str *ret_hash) MUST_CHECK;

/* ERR_OK if `password` is the one that was hashed, else ERR_UNAUTHENTICATED; ERR_MEMORY. `hash`
 * NULL is compared with a fixed dummy, which takes the same time and never matches, so that an
 * unknown account cannot be distinguished from a wrong password. Slow. */
enum err password_verify(const char *hash, struct str password) MUST_CHECK;

/* True if `hash` was made with costs other than today's and should be replaced. */
bool password_outdated(const char *hash) MUST_CHECK;

#endif
