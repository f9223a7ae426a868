/*
 * The judge: a draft, a form, the directory and the moment make a complete record, or all that is
 * wrong with the draft. Pure: no database, no clock of its own. Whatever creates records goes
 * through here. contract.md, "Creating", has the rules; the form has what may differ per workspace.
 */
#ifndef BZCTRL_MODEL_JUDGE_H
#define BZCTRL_MODEL_JUDGE_H

#include "base/op.h"
#include "model/directory.h"
#include "model/faults.h"
#include "model/form.h"

/* Bytes of a record's `extra`, as much as a whole report may have. */
enum { EXTRA_MAX = 1024 * 1024 };

/* Unknown members of a report for which the judge looks for what they may have meant. */
enum { SUGGESTED_MAX = 100 };

struct judged {
    struct task task; /* without what storing gives it: id, number, version, last_seq, times */
    const struct workspace *workspace; /* in the directory; task.workspace_id is its id */
    struct str invited; /* the reporter, who must be invited (model/invite.h) and the report judged
                         * again before it is a record; absent: nobody */
};

/*
 * Judges by `form`. `workspace` is what task_workspace() has found; NULL: it is looked for here,
 * and what is wrong with it is told. `caller` becomes the record's source. A workspace that it may
 * not see answers exactly like one that does not exist; whether it may create there is the
 * handler's question. op->now is the moment.
 *
 * ERR_INVALID: `faults`, which the caller has made with faults_init(), holds at least one. What is
 * taken, but may not be meant, goes into `warnings`, made likewise; NULL: nobody asks. Texts of the
 * record are those of the draft, of the form or in op->arena.
 */
enum err task_judge(struct op *op, const struct task_draft *draft, const struct form *form,
                    const struct workspace *workspace, const struct directory *directory,
                    const struct account *caller, struct faults *faults, struct faults *warnings,
                    struct judged *ret_judged) MUST_CHECK;

/* The workspace that a draft names, to find its form; NULL where task_judge() would find a fault
 * with that. */
const struct workspace *task_workspace(struct op *op, const struct task_draft *draft,
                                       const struct directory *directory,
                                       const struct account *caller);

#endif
