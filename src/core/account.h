/*
 * Making accounts, roles and workspaces. Each function runs one change on the write lane and waits
 * for it, so they are for sub-commands, not for the network thread. When they return, the directory
 * in force has what they made.
 */
#ifndef BZCTRL_CORE_ACCOUNT_H
#define BZCTRL_CORE_ACCOUNT_H

#include "core/core.h"

/*
 * A person: made, or, when there is one of that e-mail address, changed by what is given.
 */
struct account_add {
    struct op *op;
    struct str email;         /* any case; replaced by what is stored, in lower case */
    struct str name;          /* absent: none, or as it is */
    struct str domain;        /* key, any case, where the role is held; absent: no role is given */
    enum role role;           /* ROLE_VIEWER to ROLE_MANAGER; in place of one held there before */
    bool admin;               /* made an admin; false: as it is */
    struct str password_hash; /* text form (core/password.h); absent: none, or as it is */

    bool existed; /* the result */
};

/* ERR_INVALID when the address is none, ERR_NOT_FOUND when there is no such domain, ERR_CONFLICT
 * when the address belongs to a client. */
enum err account_add(struct core *core, struct account_add *add) MUST_CHECK;

/* A workspace, with its domain and the domains above that as far as they are new. */
struct workspace_add {
    struct op *op;
    struct str key;  /* any case; replaced by what is stored, in capitals */
    struct str name; /* absent: the key */
    struct str zone; /* IANA name; absent: "UTC" */
};

/* ERR_SYNTAX when the key is none of a workspace, ERR_INVALID when the system does not know the
 * time zone, ERR_CONFLICT when there is such a workspace. */
enum err workspace_add(struct core *core, struct workspace_add *add) MUST_CHECK;

#endif
