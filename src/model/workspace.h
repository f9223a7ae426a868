/*
 * New domains and workspaces, and changes of workspaces: judging what somebody sent.
 */
#ifndef BZCTRL_MODEL_WORKSPACE_H
#define BZCTRL_MODEL_WORKSPACE_H

#include "base/op.h"
#include "model/directory.h"
#include "model/faults.h"

/* As it was sent; what was not is absent. `key` is of a new one only. */
struct workspace_draft {
    struct str key, name, zone;
};

/* What people decide about a workspace. */
struct workspace_settings {
    struct str key, domain_key; /* in capitals */
    struct str name, zone;      /* the zone's IANA name */
};

/*
 * The settings that a draft makes out of a workspace as it is (NULL: a new one). What is wrong goes
 * to `faults`: then it is ERR_INVALID. ERR_FORBIDDEN when `caller` (NULL: the operator) does not
 * manage the domain, ERR_CONFLICT when there is one of that key, ERR_MEMORY. A domain that the
 * caller cannot see does not exist; one that does not is made for the operator alone.
 */
enum err workspace_judge(struct op *op, const struct workspace_draft *draft,
                         const struct workspace *before, const struct directory *directory,
                         const struct account *caller, struct faults *faults,
                         struct workspace_settings *ret_settings) MUST_CHECK;

/* The key of a new domain, in capitals. Its domains above are made with it, as far as they are new.
 * Errors as above; who manages none above it must be an admin. */
enum err domain_judge(struct op *op, struct str sent, const struct directory *directory,
                      const struct account *caller, struct faults *faults,
                      struct str *ret_key) MUST_CHECK;

#endif
