/*
 * "Did you mean": names that differ by a typing error, or by the separator between their words.
 */
#ifndef BZCTRL_FORM_SUGGEST_H
#define BZCTRL_FORM_SUGGEST_H

#include "form/form.h"

/* The member that an unknown name resembles; absent when it does not resemble any. */
struct str form_suggest(const struct form *form, struct str name);

/* The reverse: a name that was sent, is not a field of the form, and resembles the missing member
 * of that name; or absent. *budget is how many names may still be compared. */
struct str draft_suggest(const struct task_draft *draft, const struct form *form, struct str name,
                         size_t *budget);

#endif
