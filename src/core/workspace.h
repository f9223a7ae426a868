/*
 * Adds domains and workspaces, and changes workspaces (model/workspace.h judges). Each operation is
 * a change on the write lane, with an event in the domain's chain. Each call blocks until its change is on stable storage.
 */
#ifndef BZCTRL_CORE_WORKSPACE_H
#define BZCTRL_CORE_WORKSPACE_H

#include "core/change.h"
#include "model/workspace.h"

struct workspace_save {
    struct op *op;
    const struct directory *directory; /* by which the settings were judged */
    const struct workspace *before;    /* NULL: a new one, whose domain is added if missing */
    struct workspace_settings settings;
    int64_t actor_id;     /* 0: the operator */
    struct change change; /* the core's */
};

/* ERR_OUTDATED when that directory is no longer in force: judge again. */
enum err workspace_save(struct core *core, struct workspace_save *save) MUST_CHECK;

/* What it writes, for a change that makes more than a workspace: after admin_begin(), and with
 * batch_directory_patched() after it. */
enum err workspace_write(struct workspace_save *save, struct batch *batch) MUST_CHECK;

struct domain_save {
    struct op *op;
    const struct directory *directory;
    struct str key; /* as domain_judge() returned it */
    int64_t actor_id;
    struct change change; /* the core's */
};
enum err domain_save(struct core *core, struct domain_save *save) MUST_CHECK;

/* ---- for sub-commands: judged as the operator's ---- */

/* Adds a workspace, with its domain and any missing domains above that; or changes one. The key
 * is returned as stored. ERR_INVALID with the first fault in op->detail, and the errors of
 * workspace_judge(); ERR_NOT_FOUND when the workspace to change does not exist. */
enum err workspace_add(struct core *core, struct op *op, const struct workspace_draft *draft,
                       struct str *ret_key) MUST_CHECK;
enum err workspace_set(struct core *core, struct op *op, struct str key,
                       const struct workspace_draft *draft) MUST_CHECK;
enum err domain_add(struct core *core, struct op *op, struct str key,
                    struct str *ret_key) MUST_CHECK;

#endif
