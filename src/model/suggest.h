/*
 * "Did you mean": names that differ by a slip of the pen, or by the mark between their words.
 */
#ifndef BZCTRL_MODEL_SUGGEST_H
#define BZCTRL_MODEL_SUGGEST_H

#include "model/form.h"

/* The member that an unknown name looks like; absent when there is none. */
struct str form_suggest(const struct form *form, struct str name);

/* The reverse: what was sent that looks like the member of that name, which is missing, and is no
 * field of the form itself; absent when there is nothing. *budget is how many names may still be
 * compared. */
struct str draft_suggest(const struct task_draft *draft, const struct form *form, struct str name,
                         size_t *budget);

#endif
