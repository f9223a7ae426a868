/*
 * The Authorization header (RFC 9110 section 11.6.2), parsed strictly by a pure function.
 */
#ifndef BZCTRL_API_AUTHORIZATION_H
#define BZCTRL_API_AUTHORIZATION_H

#include "base/op.h"

enum authorization_scheme {
    AUTHORIZATION_NONE,   /* no header was read */
    AUTHORIZATION_BEARER, /* RFC 6750 section 2.1 */
    AUTHORIZATION_BASIC,  /* RFC 7617, decoded as in RFC 6749 section 2.3.1 */
    AUTHORIZATION_OTHER,
};

struct authorization {
    enum authorization_scheme scheme;
    struct str token;        /* of Bearer, borrowed from the header */
    struct str user, secret; /* of Basic, in the arena */
};

/*
 * Reads the header's value: one scheme in any case, one space, and credentials, with nothing before
 * or after. ERR_SYNTAX with op->detail, which never repeats the input; ERR_MEMORY. The credentials
 * of AUTHORIZATION_OTHER are not examined.
 */
enum err authorization_read(struct op *op, struct str value,
                            struct authorization *ret_authorization) MUST_CHECK;

#endif
