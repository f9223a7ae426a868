/*
 * `bzctrld user add`: a person, made, or, when there is one of that e-mail address, changed by what
 * is given. It waits for the write lane, so it is for sub-commands, not for the network thread.
 * When it returns, the directory in force has what it made.
 */
#ifndef BZCTRL_CORE_ACCOUNT_H
#define BZCTRL_CORE_ACCOUNT_H

#include "core/core.h"

struct account_add {
    struct op *op;
    struct str email;         /* any spelling; replaced by the stored one */
    struct str name;          /* absent: none, or as it is */
    struct str domain;        /* key, any case, where the role is held; absent: no role is given */
    enum role role;           /* ROLE_VIEWER to ROLE_MANAGER; in place of one held there before */
    bool admin;               /* made an admin; false: as it is */
    struct str password_hash; /* text form (core/password.h); absent: none, or as it is */
    bool password_same;       /* it is the one that the person has */

    bool existed, password_cleared; /* the result; core/person.h */
};

/* The address as the store has it, in the arena: that of the account there is, or else of a new
 * one. ERR_INVALID when there is none and it is no address; ERR_MEMORY. */
enum err account_email(struct core *core, struct op *op, struct str text,
                       struct str *ret_email) MUST_CHECK;

/* ERR_INVALID, with the first fault in words; ERR_SYNTAX when `domain` is no key;
 * ERR_NOT_FOUND when there is no such domain; ERR_CONFLICT when the address belongs to a client. */
enum err account_add(struct core *core, struct account_add *add) MUST_CHECK;

#endif
