/*
 * The signature of a JWS (RFC 7515), by libjose. Its JSON library has names that ours has too, so it
 * is known to this file alone.
 */
#ifndef BZCTRL_OIDC_SIGNATURE_H
#define BZCTRL_OIDC_SIGNATURE_H

#include "base/str.h"

/* Members of a JWK (RFC 7517): `n` and `e` of the type RSA, the others of EC. */
struct signature_key {
    struct str type, curve, n, e, x, y;
};

/* The three parts of the compact form, as they were sent; the header names the algorithm, which the
 * caller has found to be the key's (jwk.h). False too when out of memory. */
bool signature_valid(const struct signature_key *key, struct str header, struct str payload,
                     struct str signature);

#endif
