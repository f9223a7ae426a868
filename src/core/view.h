/*
 * Adds, changes and removes saved views. Each is one transaction, and blocks until that is on stable
 * storage. A change of a shared view is an event of administration in its domain's chain; what
 * people do with their own views is nobody's history.
 */
#ifndef BZCTRL_CORE_VIEW_H
#define BZCTRL_CORE_VIEW_H

#include "core/change.h"
#include "store/view.h"

struct view_save {
    /* Set by the caller. */
    struct op *op;
    const struct directory *directory; /* by which it was judged */
    const struct view *before;         /* NULL: a new view */
    struct view view;                  /* as it is to be; id, version and times are filled in */
    bool drops;                        /* it is to be removed */
    int64_t actor_id;

    struct change change;
};

/* ERR_OUTDATED when the directory or the view is another one by now: judge again. ERR_CONFLICT when
 * there are VIEWS_MAX of the account, or of the domain, already. */
enum err core_view_save(struct core *core, struct view_save *save) MUST_CHECK;

#endif
