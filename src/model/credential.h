/*
 * What is stored about an account to authenticate its owner.
 */
#ifndef BZCTRL_MODEL_CREDENTIAL_H
#define BZCTRL_MODEL_CREDENTIAL_H

#include "base/hash.h"

struct credential {
    int64_t account_id;
    struct str password_hash; /* argon2id's text form, zero-terminated; absent: no password */
    bool password_grant;      /* may get tokens with its password */
    bool disabled;
    bool emergency;  /* an admin's, set by the operator (core/login.h) */
    int64_t sign_in; /* sign-ins with another number have ended (sql/0011) */
};

#endif
