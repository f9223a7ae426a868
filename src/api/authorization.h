/*
 * The Authorization header (RFC 9110 section 11.6.2), read strictly: a pure function over its text.
 */
#ifndef BZCTRL_API_AUTHORIZATION_H
#define BZCTRL_API_AUTHORIZATION_H

#include "base/op.h"

enum authorization_scheme {
    AUTHORIZATION_BEARER = 1, /* RFC 6750 section 2.1 */
    AUTHORIZATION_BASIC,      /* RFC 7617, decoded as RFC 6749 section 2.3.1 wants it */
    AUTHORIZATION_OTHER,
};

struct authorization {
    enum authorization_scheme scheme;
    struct str token;        /* of Bearer, borrowed from the header */
    struct str user, secret; /* of Basic, in the arena */
};

/*
 * Reads the header's value: one scheme in any case, one blank, and credentials without anything
 * before or after. ERR_SYNTAX with op->detail, which never repeats what was sent; ERR_MEMORY. The
 * credentials of AUTHORIZATION_OTHER are not looked at.
 */
enum err authorization_read(struct op *op, struct str value,
                            struct authorization *ret_authorization) MUST_CHECK;

#endif
