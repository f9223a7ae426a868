/*
 * The judge of changes: what a record becomes by a merge patch (RFC 7396), by the rules of its form.
 * Only the members that were sent are judged, and what depends on them: a form that has changed
 * since does not make a fault of a value that nobody touches. Pure, like form/judge.h.
 */
#ifndef BZCTRL_FORM_CHANGE_H
#define BZCTRL_FORM_CHANGE_H

#include "form/judge.h"

enum { FOLLOWERS_MAX = 100, DUE_REASON_MAX = 1000, CAUSE_MAX = 65536 };

/* What a change is judged by. */
struct task_change_by {
    struct op *op; /* its arena, and the moment */
    const struct directory *directory;
    const struct workspace *workspace; /* that the record is in */
    const struct form *form;           /* the record's */
    const struct account *caller;
    const struct task *before;
    struct faults *faults, *warnings; /* as for task_judge() */
};

struct task_changed {
    struct task task; /* as it is to be; times and numbers are given when it is stored */
    const struct workspace *workspace; /* that it is in then */
    bool closes, reopens;
    bool affirms; /* a person leaves it with whom the report names: it is not new any more */
    bool needs_second_person;  /* with ERR_CONFLICT: the form wants closing to be confirmed */
    struct str due_reason;     /* for moving an overdue date; absent: none was sent */
    struct draft_value parent; /* as sent; DRAFT_ABSENT: not. The caller looks the record up */
};

/*
 * ERR_INVALID: `faults` holds at least one. ERR_FORBIDDEN: the caller may not re-open the record.
 * ERR_CONFLICT: needs_second_person. Texts of the result are those of the record, of the draft, or
 * in op->arena.
 */
enum err task_change_judge(const struct task_change_by *by, const struct task_draft *draft,
                           struct task_changed *ret_changed) MUST_CHECK;

#endif
