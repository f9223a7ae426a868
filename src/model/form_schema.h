/*
 * A form as JSON Schema (draft 2020-12): what the body of add-task must be for the judge to take it
 * (model/judge.h), so that a report can be checked, or a page be made, where it is written.
 *
 * It is about spellings as the form has them. The judge also takes members and options in any case;
 * a schema has no word for that. What else it cannot say stands in doc/forms.md.
 */
#ifndef BZCTRL_MODEL_FORM_SCHEMA_H
#define BZCTRL_MODEL_FORM_SCHEMA_H

#include "model/directory.h"
#include "model/form.h"

struct form_schema {
    const struct form *form;
    const struct workspace *workspace; /* that reports go to */
    const struct directory *directory; /* it is in this one */
    struct str id;                     /* the schema's address */
    struct str language;               /* of titles and descriptions; absent: any */
};

void buf_form_schema(struct buf *buf, const struct form_schema *schema);

/* Appends a value that the form itself has, a default say; false when there is none. */
bool buf_form_value(struct buf *buf, const struct draft_value *value);

#endif
