/*
 * ID tokens (OpenID Connect Core 1.0, section 2): what a provider says about somebody who has signed
 * in, as a signed JSON Web Token (RFC 7519) in compact form. Pure: the keys and the time come in.
 */
#ifndef BZCTRL_OIDC_ID_TOKEN_H
#define BZCTRL_OIDC_ID_TOKEN_H

#include "json/read.h"

enum {
    ID_TOKEN_MAX = 64 * 1024,
    ID_TOKEN_LEEWAY = 60, /* seconds that two clocks may differ */
};

struct id_token_rules {
    struct str issuer, client_id;
    struct str nonce;   /* absent: of a refresh, which has none */
    struct str subject; /* absent: any */
    int64_t now;        /* milliseconds */
};

/*
 * Checks everything of section 3.1.3.7: the algorithm, the signature by a key of the set (a JSON
 * object with "keys", RFC 7517), iss, aud, azp, exp, iat, nbf, nonce, sub. `ret_claims` is the
 * object of claims, in op->arena.
 *
 * ERR_NOT_FOUND: no key of the set is the token's, so the set may be too old. ERR_INVALID: op->detail
 * says what is wrong. ERR_MEMORY.
 */
enum err id_token_read(struct op *op, struct str text, const struct json *key_set,
                       const struct id_token_rules *rules,
                       const struct json **ret_claims) MUST_CHECK;

#endif
