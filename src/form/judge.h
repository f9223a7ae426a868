/*
 * The judge: turns a draft, a form, the directory and the current time into a complete record, or
 * into a list of everything that is wrong with the draft. Pure: no database, no clock. Every new
 * record goes through here. The rules are in contract.md, "Creating"; the form has those that may
 * differ per workspace.
 */
#ifndef BZCTRL_FORM_JUDGE_H
#define BZCTRL_FORM_JUDGE_H

#include "base/op.h"
#include "form/form.h"
#include "model/directory.h"
#include "model/faults.h"

/* Bytes of a record's `extra`, as much as a whole report may have. */
enum { EXTRA_MAX = 1024 * 1024 };

/* Unknown members of a report for which the judge suggests a known one. */
enum { SUGGESTED_MAX = 100 };

struct judged {
    struct task task; /* without what storing gives it: id, number, version, last_seq, times */
    const struct workspace *workspace; /* in the directory; task.workspace_id is its id */
    struct str invited; /* the reporter, who must be invited (form/invite.h) and the report judged
                         * again before it is a record; absent: nobody */
};

/*
 * Judges by `form`. `workspace` is the result of task_workspace(); if NULL, it is looked up here,
 * and faults with it are reported. `caller` becomes the record's source. A workspace that it may
 * not see is answered exactly like one that does not exist; whether it may create records there is
 * for the handler to check. op->now is the moment.
 *
 * ERR_INVALID: `faults`, which the caller has made with faults_init(), holds at least one. Values
 * that are accepted but may be mistakes go into `warnings`, made with faults_init() too; NULL: not
 * wanted. Texts of the record are those of the draft, of the form or in op->arena.
 */
enum err task_judge(struct op *op, const struct task_draft *draft, const struct form *form,
                    const struct workspace *workspace, const struct directory *directory,
                    const struct account *caller, struct faults *faults, struct faults *warnings,
                    struct judged *ret_judged) MUST_CHECK;

/* The workspace that a draft names, to find its form; NULL where task_judge() would report a
 * fault. */
const struct workspace *task_workspace(struct op *op, const struct task_draft *draft,
                                       const struct directory *directory,
                                       const struct account *caller);

#endif
