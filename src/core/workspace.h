/*
 * Making domains and workspaces, and changing workspaces (model/workspace.h judges). Each is a
 * change on the write lane, with an event in the domain's chain unless the operator does it, who
 * stands outside of history; the API hands it over and goes on, a sub-command waits.
 */
#ifndef BZCTRL_CORE_WORKSPACE_H
#define BZCTRL_CORE_WORKSPACE_H

#include "core/change.h"
#include "model/workspace.h"

/* The caller fills in change.op and change.done, and the rest of the first part. */
struct workspace_save {
    struct change change;
    const struct directory *directory; /* that the settings were judged by */
    const struct workspace *before;    /* NULL: a new one, whose domain is made if it is new */
    struct workspace_settings settings;
    int64_t actor_id; /* 0: the operator */
};

/* ERR_OUTDATED when the directory is no longer the one that was judged by: judge again. */
enum err workspace_save(struct core *core, struct workspace_save *save) MUST_CHECK;

struct domain_save {
    struct change change;
    const struct directory *directory;
    struct str key; /* as domain_judge() returned it */
    int64_t actor_id;
};
enum err domain_save(struct core *core, struct domain_save *save) MUST_CHECK;

/* ---- for sub-commands: judged as the operator's, and waited for ---- */

/* A workspace, with its domain and the domains above that as far as they are new; or a change of
 * one. The key is returned as it is stored. ERR_INVALID with the first fault in words, and what
 * workspace_judge() answers; ERR_NOT_FOUND when the one to be changed is not there. */
enum err workspace_add(struct core *core, struct op *op, const struct workspace_draft *draft,
                       struct str *ret_key) MUST_CHECK;
enum err workspace_set(struct core *core, struct op *op, struct str key,
                       const struct workspace_draft *draft) MUST_CHECK;
enum err domain_add(struct core *core, struct op *op, struct str key,
                    struct str *ret_key) MUST_CHECK;

#endif
