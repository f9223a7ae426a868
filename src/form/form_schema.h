/*
 * A form as JSON Schema (draft 2020-12): it describes the bodies of add-task that the judge accepts
 * (form/judge.h), so that a client can check a report or build a page.
 *
 * It is about spellings as the form has them. The judge also ignores the case of members and
 * options, which a schema cannot express. doc/forms.md lists what else it cannot express.
 */
#ifndef BZCTRL_FORM_FORM_SCHEMA_H
#define BZCTRL_FORM_FORM_SCHEMA_H

#include "form/form.h"
#include "model/directory.h"

struct form_schema {
    const struct form *form;
    const struct workspace *workspace; /* that reports go to */
    const struct directory *directory; /* it is in this one */
    struct str id;                     /* the schema's address */
    struct str language;               /* of titles and descriptions; absent: any */
};

void buf_form_schema(struct buf *buf, const struct form_schema *schema);

/* Appends a value that the form itself has, such as a default; false when it is absent. */
bool buf_form_value(struct buf *buf, const struct draft_value *value);

#endif
