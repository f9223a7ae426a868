/*
 * Making domains and workspaces, and changing workspaces (model/workspace.h judges). Each is a
 * change on the write lane, with an event in the domain's chain unless the operator makes it, who
 * is not part of history. Each call blocks until what it did is on stable storage.
 */
#ifndef BZCTRL_CORE_WORKSPACE_H
#define BZCTRL_CORE_WORKSPACE_H

#include "core/change.h"
#include "model/workspace.h"

struct workspace_save {
    struct op *op;
    const struct directory *directory; /* that the settings were judged by */
    const struct workspace *before;    /* NULL: a new one, whose domain is made if it is new */
    struct workspace_settings settings;
    int64_t actor_id;     /* 0: the operator */
    struct change change; /* the core's */
};

/* ERR_OUTDATED when the directory is no longer the one that was judged by: judge again. */
enum err workspace_save(struct core *core, struct workspace_save *save) MUST_CHECK;

struct domain_save {
    struct op *op;
    const struct directory *directory;
    struct str key; /* as domain_judge() returned it */
    int64_t actor_id;
    struct change change; /* the core's */
};
enum err domain_save(struct core *core, struct domain_save *save) MUST_CHECK;

/* ---- for sub-commands: judged as the operator's ---- */

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
