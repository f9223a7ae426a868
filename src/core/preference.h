/* Changes what the app keeps for a person. It is nobody's history. */
#ifndef BZCTRL_CORE_PREFERENCE_H
#define BZCTRL_CORE_PREFERENCE_H

#include "core/change.h"
#include "model/preference.h"

struct preference_save {
    /* Set by the caller. */
    struct op *op;
    int64_t account_id;
    struct preference sent; /* judged */

    struct preference now; /* the result */

    struct change change;
};

/* Replaces the lists that were sent. Blocks until that is on stable storage. */
enum err preference_save(struct core *core, struct preference_save *save) MUST_CHECK;

#endif
