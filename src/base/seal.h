/*
 * Secrets at rest: texts that the server has to read again, so that a hash will not do, are sealed
 * (XSalsa20-Poly1305, by libsodium) with a key that is not in the database.
 */
#ifndef BZCTRL_BASE_SEAL_H
#define BZCTRL_BASE_SEAL_H

#include "base/op.h"

enum { SEAL_KEY_SIZE = 32 };

struct seal_key {
    unsigned char bytes[SEAL_KEY_SIZE];
};

/* Reads the key from a file, which holds it in base64. A file that does not exist is made, with a
 * random key, if `makes`. ERR_IO, ERR_FULL; ERR_SETTINGS when the file holds something else. */
enum err seal_key_read(struct op *op, struct str name, bool makes,
                       struct seal_key *ret_key) MUST_CHECK;

/* Seals and opens, into op->arena. ERR_MEMORY; ERR_INVALID when it was not sealed with this key. */
enum err seal(struct op *op, const struct seal_key *key, struct str text,
              struct str *ret_sealed) MUST_CHECK;
enum err unseal(struct op *op, const struct seal_key *key, struct str sealed,
                struct str *ret_text) MUST_CHECK;

#endif
