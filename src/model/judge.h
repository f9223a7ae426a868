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

/* Bytes of draft.extra, as much as a whole report may have. */
enum { EXTRA_MAX = 1024 * 1024 };

struct judged {
    struct task task; /* without what storing gives it: id, number, version, last_seq, times */
    const struct workspace *workspace; /* in the directory; task.workspace_id is its id */
};

/*
 * Judges by `form`, or if that is NULL by the default form of the workspace that the draft names.
 * `caller` becomes the record's source. A workspace that it may not see answers exactly like one
 * that does not exist; whether it may create there is the handler's question. op->now is the
 * moment.
 *
 * ERR_INVALID: `faults`, which the caller has made with faults_init(), holds at least one. Texts of
 * the record are those of the draft, of the form or in op->arena.
 */
enum err task_judge(struct op *op, const struct task_draft *draft, const struct form *form,
                    const struct directory *directory, const struct account *caller,
                    struct faults *faults, struct judged *ret_judged) MUST_CHECK;

/* The workspace that a draft names, if `caller` may see it; else NULL. For whoever tells about a
 * report that was refused. */
const struct workspace *draft_workspace(struct op *op, const struct task_draft *draft,
                                        const struct directory *directory,
                                        const struct account *caller) MUST_CHECK;

/* Adds a warning ("did you mean") for each unknown member that looks like a known one. Kept apart
 * since only a dry run shows them. */
void task_suggest(const struct task_draft *draft, struct faults *warnings);

#endif
