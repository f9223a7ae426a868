/*
 * `bzctrld user add`: adds a person or, if the e-mail address already has an account, changes it.
 * It waits for the write lane, so it is for sub-commands, not for the network thread. When it
 * returns, the directory in force includes the change.
 */
#ifndef BZCTRL_CORE_ACCOUNT_H
#define BZCTRL_CORE_ACCOUNT_H

#include "core/core.h"

struct account_add {
    struct op *op;
    struct str email;         /* any spelling; replaced by the stored one */
    struct str name;          /* absent: none, or unchanged */
    struct str domain;        /* key of the role's domain, any case; absent: no role is given */
    enum role role;           /* ROLE_VIEWER to ROLE_MANAGER; replaces any earlier role there */
    bool admin;               /* make the person an admin; false: unchanged */
    struct str password_hash; /* text form (core/password.h); absent: none, or unchanged */
    bool password_same;       /* it is the one that the person has */

    bool existed, password_cleared; /* the result; core/person.h */
};

/* The address as it is stored, in the arena: of the existing account, or for a new one.
 * ERR_INVALID if there is no account and the text is not an e-mail address; ERR_MEMORY. */
enum err account_email(struct core *core, struct op *op, struct str text,
                       struct str *ret_email) MUST_CHECK;

/* ERR_INVALID, with the first fault in op->detail; ERR_SYNTAX when `domain` is not a valid key;
 * ERR_NOT_FOUND when there is no such domain; ERR_CONFLICT when the address belongs to a client. */
enum err account_add(struct core *core, struct account_add *add) MUST_CHECK;

#endif
