/*
 * A role of an account on a domain and all below it, and where it comes from.
 */
#ifndef BZCTRL_MODEL_GRANT_H
#define BZCTRL_MODEL_GRANT_H

#include "base/str.h"

struct domain;

/* Ordered: a greater role includes every smaller one. */
enum role { ROLE_NONE, ROLE_VIEWER, ROLE_MEMBER, ROLE_MANAGER, ROLE_ADMIN };

/* One grant: `account` holds a role on `domain` and all below it. Each origin changes its own part
 * alone; what counts is the greater one. */
struct grant {
    int64_t account_id;
    const struct domain *domain;
    enum role role;     /* given by hand; ROLE_NONE: there is only the next */
    enum role by_group; /* by single sign-on (model/identity.h); mostly ROLE_NONE */
};

static inline enum role grant_role(const struct grant *grant)
{
    return grant->role > grant->by_group ? grant->role : grant->by_group;
}

/* "viewer", "member", "manager", "admin"; role_read gives false for other words. */
const char *role_name(enum role role);
bool role_read(struct str name, enum role *ret_role);

#endif
