/*
 * A form as people write it: a JSON document (doc/forms.md). Reading it makes the struct that the
 * judge uses, or reports everything that is wrong with it, contradictions included: a default that
 * its own options refuse, a field that nobody could fill in.
 */
#ifndef BZCTRL_FORM_FORM_JSON_H
#define BZCTRL_FORM_FORM_JSON_H

#include "base/op.h"
#include "form/form.h"
#include "model/directory.h"
#include "model/faults.h"

enum { FORM_DOCUMENT_MAX = 256 * 1024 };

/* How much work matching its options, defaults and examples may take, in units
 * (form/pattern.h). */
enum { FORM_WORK_MAX = 32000000 };

/* What a form is read for. */
struct form_place {
    /* Both NULL for a stored form: people may have left since; the judge handles that. */
    const struct directory *directory;
    const struct workspace *workspace;
    struct str name; /* that it has or is to have; "name" in the document must agree */
    int64_t version;
};

/*
 * Reads `document`. The form lies in `arena`, with all that it refers to. ERR_SYNTAX if it is not a
 * JSON object; op->detail says where. ERR_INVALID: `faults`, made with faults_init(), holds at
 * least one; their pointers are into the document.
 */
enum err form_read(struct op *op, struct arena *arena, struct str document,
                   const struct form_place *place, struct faults *faults,
                   struct form *ret_form) MUST_CHECK;

/* "customs-claim": 1 to 63 small letters, digits and dashes, not beginning with a dash. */
bool form_name_valid(struct str name);

#endif
