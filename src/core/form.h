/*
 * Adds and changes ApiForms. Each change is a new version; earlier versions stay, because records
 * name the version that judged them. form/form_json.h defines what a form may contain.
 */
#ifndef BZCTRL_CORE_FORM_H
#define BZCTRL_CORE_FORM_H

#include "core/change.h"
#include "core/form_cache.h"
#include "store/form.h"

enum {
    FORMS_MAX = 1000,          /* of one workspace */
    FORM_BUILT_IN_VERSION = 1, /* of form_default; a stored form "default" has a later version */
};

struct form_put {
    /* Set by the caller. */
    struct op *op;
    const struct directory *directory; /* with which the document was read; held by the caller */
    const struct workspace *workspace; /* in it */
    struct str name, document;
    bool is_default, disabled;
    int64_t account_id; /* the actor; 0: the operator */

    int64_t version; /* the result */
    struct change change;
};

/* Stores a new version, and blocks until it is on stable storage. ERR_OUTDATED when `directory`
 * is no longer in force: judge again. ERR_CONFLICT when the workspace already has FORMS_MAX
 * forms. */
enum err core_form_put(struct core *core, struct form_put *put) MUST_CHECK;

/* The cache of forms that are ready to judge by. */
struct form_cache *core_forms(struct core *core);

#endif
