/*
 * One judging on its way: shared by the files that judge, of a new report (form/judge.c) and of a
 * change of a record (form/change.c).
 */
#ifndef BZCTRL_FORM_JUDGING_H
#define BZCTRL_FORM_JUDGING_H

#include "form/judge.h"
#include "form/value.h"

struct report_judging {
    struct op *op;
    const struct task_draft *draft;
    const struct form *form;
    const struct account *caller;
    size_t suggest_budget; /* names that may still be compared with what is missing */
    struct reading reading;
    struct task task;                                     /* type 0 while it is unknown */
    struct str_list tags[MEMBER_COUNT + FORM_CUSTOM_MAX]; /* by member, then by the form's fields */
    size_t suggested; /* unknown members for which a known one was looked for */
};

/* Turns to a member: later faults are about it. */
struct reading *judging_turn(struct report_judging *j, enum member member);

/* Where in struct task a member goes. */
void *judging_target(struct task *task, enum member member);

/* Reads what was sent, or what the form has for it, into `ret_value`; false when there is neither,
 * or after a fault. */
bool judging_value(struct report_judging *j, const struct draft_value *value, void *ret_value);

/* A workspace that the caller may see, by its key; or by "EXA-CON-BUS" and "WOR", or, as the
 * source's table prints it, "EXA-CON-BUS-WOR" and "WOR", when the first reading finds nothing. Any
 * other counts as missing: NULL. */
const struct workspace *judging_workspace(const struct report_judging *j, struct str key);
const struct workspace *judging_parts(struct report_judging *j, struct str domain,
                                      struct str segment);

/* Do those of domain and workspace that were sent name this workspace? */
bool judging_parts_agree(struct report_judging *j, const struct workspace *workspace,
                         struct str domain, struct str segment);

/* What was sent for each of the form's own fields, by their places; notes which of the draft's
 * other members those are. */
void judging_customs(struct report_judging *j, const struct draft_value **sent, bool *known);

/* Appends field `i` of the form's own, or a member that no rule knows, to a record's `extra`: an
 * object whose last brace is still missing. */
void judging_custom(struct report_judging *j, size_t i, const struct draft_value *sent,
                    struct buf *extra);
void judging_unknown(struct report_judging *j, const struct draft_other *other, struct buf *extra);

/* Adds the fault of a member that was sent as `first` before. */
void judging_twice(struct report_judging *j, struct str name, struct str first);

/* Members that were sent twice, in two spellings. */
void judging_repeats(struct report_judging *j);

/* Gathers the record's tags: of the source's members first, then of the form's own fields, which
 * j->tags already holds; repeats dropped. */
void judging_tags(struct report_judging *j);

#endif
