/*
 * A sample of a report: a filled-in body that a form takes, to begin an integration with. What
 * could be sent is held against the judge's own readers (model/value.h); whether the whole is taken
 * is for the judge to say, who may find that nobody is known to the domain yet.
 */
#ifndef BZCTRL_MODEL_FORM_SAMPLE_H
#define BZCTRL_MODEL_FORM_SAMPLE_H

#include "base/op.h"
#include "model/directory.h"
#include "model/form.h"

struct form_sample {
    struct op *op; /* its moment is the sample's */
    const struct form *form;
    const struct workspace *workspace; /* that reports go to */
    const struct directory *directory;
    const struct account *caller; /* the reporter, where it can be one */
    int64_t number;               /* no other sample's: in what the form knows a report again by */
};

/* Appends the body as compact JSON. Members that nothing can be found for are left out. ERR_MEMORY,
 * or what the buffer says. */
enum err buf_form_sample(struct buf *buf, const struct form_sample *sample) MUST_CHECK;

/* A text that the field takes, `hint` (may be absent) before any other; absent when none was found,
 * so that the form has to give an example. */
struct str form_sample_text(struct op *op, const struct form_field *field, struct str hint);

#endif
