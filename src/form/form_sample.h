/*
 * A sample of a report: a filled-in body that a form accepts, to begin an integration with. Each
 * value is checked with the judge's own readers (form/value.h). The judge decides about the whole;
 * it may find, for example, that the domain has no people yet.
 */
#ifndef BZCTRL_FORM_FORM_SAMPLE_H
#define BZCTRL_FORM_FORM_SAMPLE_H

#include "base/op.h"
#include "form/form.h"
#include "model/directory.h"

struct form_sample {
    struct op *op; /* its moment is the sample's */
    const struct form *form;
    const struct workspace *workspace; /* that reports go to */
    const struct directory *directory;
    const struct account *caller; /* the reporter, where it can be one */
    int64_t number;               /* unique to this sample; used in the values that the dedup rule
                                   * compares */
};

/* Appends the body as compact JSON. Members for which no value is found are left out. ERR_MEMORY,
 * or an error of the buffer. */
enum err buf_form_sample(struct buf *buf, const struct form_sample *sample) MUST_CHECK;

/* A text that the field accepts; `hint` (may be absent) is tried first. Absent when no text was
 * found; the form must then give an example. */
struct str form_sample_text(struct op *op, const struct form_field *field, struct str hint);

#endif
