/*
 * ApiForms: making and changing them. Each change is a new version; the ones before stay, since
 * records name the version that judged them. What a form may say is model/form_json.h's.
 */
#ifndef BZCTRL_CORE_FORM_H
#define BZCTRL_CORE_FORM_H

#include "core/change.h"
#include "core/form_cache.h"
#include "store/form.h"

enum {
    FORMS_MAX = 1000,          /* of one workspace */
    FORM_BUILT_IN_VERSION = 1, /* of form_default, which a stored form "default" comes after */
};

struct form_put {
    /* The caller sets change.op and change.done. In done: change.err is ERR_OUTDATED when
     * `directory` is no longer in force (judge again and call core_form_put() again), or what
     * change.h says. */
    struct change change;

    /* Set by the caller; borrowed until `done`. */
    const struct directory *directory; /* that the document was read with; held by the caller */
    const struct workspace *workspace; /* in it */
    struct str name, document;
    bool is_default, disabled;
    int64_t account_id; /* who does it; 0: the operator */

    int64_t version; /* the result, which is on stable storage in `done` */
};

/* ERR_CONFLICT when the workspace has its FORMS_MAX, ERR_BUSY when too much is waiting: then `done`
 * is not called. */
enum err core_form_put(struct core *core, struct form_put *put) MUST_CHECK;

/* The same, and waits for the end; `done` may be NULL. Never on the network thread. */
enum err core_form_put_wait(struct core *core, struct form_put *put) MUST_CHECK;

/* The forms that are ready to judge by. */
struct form_cache *core_forms(struct core *core);

#endif
