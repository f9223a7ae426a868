/*
 * The keys of a provider (RFC 7517), and which algorithms they are for. Only those that prove something
 * to somebody who knows the public key alone: RSA and elliptic curves (RFC 7518 sections 3.3 to 3.5).
 * "none" and the symmetric ones do not exist here, whatever a header says.
 */
#ifndef BZCTRL_OIDC_JWK_H
#define BZCTRL_OIDC_JWK_H

#include "json/read.h"
#include "oidc/signature.h"

/* Is it one of the algorithms that are accepted? */
bool jwk_algorithm_known(struct str algorithm);

/* Reads the key if it can verify signatures of that algorithm; RSA keys have 2,048 to 8,192 bits. */
bool jwk_read(const struct json *jwk, struct str algorithm, struct signature_key *ret_key);

#endif
