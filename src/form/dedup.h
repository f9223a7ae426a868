/*
 * The dedup rule of a form: a report whose values equal those of a record that is still open is a
 * duplicate. Two reports are compared by a digest over the workspace, the form, the source (unless
 * the rule reaches across sources) and the values that the rule names, as the record has them.
 * Pure.
 */
#ifndef BZCTRL_FORM_DEDUP_H
#define BZCTRL_FORM_DEDUP_H

#include "base/hash.h"
#include "base/op.h"
#include "form/form.h"
#include "model/directory.h"

struct dedup {
    enum dedup_then then; /* DEDUP_NONE: the report is not compared */
    struct sha256 digest;
};

/* A report that is closed itself, or has no value to compare, is not compared. ERR_MEMORY. */
enum err dedup_make(struct op *op, const struct form *form, const struct task *task,
                    const struct directory *directory, struct dedup *ret_dedup) MUST_CHECK;

#endif
