/*
 * Judges requests to create domains and workspaces, and to change workspaces.
 */
#ifndef BZCTRL_MODEL_WORKSPACE_H
#define BZCTRL_MODEL_WORKSPACE_H

#include "base/op.h"
#include "model/directory.h"
#include "model/faults.h"

/* As it was sent; a member that was not sent is absent. `key` is for a new workspace only. */
struct workspace_draft {
    struct str key, name, zone;
};

/* What people decide about a workspace. */
struct workspace_settings {
    struct str key, domain_key; /* in capitals */
    struct str name, zone;      /* the zone's IANA name */
};

/*
 * Applies a draft to a workspace (NULL: a new one). ERR_INVALID if something is wrong; `faults`
 * then says what. ERR_FORBIDDEN when `caller` (NULL: the operator) does not manage the domain,
 * ERR_CONFLICT when the key is in use, ERR_MEMORY. A domain that the caller cannot see counts as
 * missing; a missing domain is created only for the operator.
 */
enum err workspace_judge(struct op *op, const struct workspace_draft *draft,
                         const struct workspace *before, const struct directory *directory,
                         const struct account *caller, struct faults *faults,
                         struct workspace_settings *ret_settings) MUST_CHECK;

/* The key of a new domain, in capitals. Missing domains above it are created too. Errors as above;
 * a caller who does not manage a domain above it must be an admin. */
enum err domain_judge(struct op *op, struct str sent, const struct directory *directory,
                      const struct account *caller, struct faults *faults,
                      struct str *ret_key) MUST_CHECK;

#endif
