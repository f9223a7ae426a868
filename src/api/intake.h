/*
 * A report on its way: what add-task and add-tasks do with each one, so that both are one judge and
 * one way of creating. Its owner decodes it into `draft`, gets hold of the form, has it judged,
 * and hands it to the write lane; each of them waits for the lanes in its own way.
 *
 *   intake_find_form() → intake_judge() → intake_next() → intake_prepare() → the write lane →
 *   intake_outcome()
 */
#ifndef BZCTRL_API_INTAKE_H
#define BZCTRL_API_INTAKE_H

#include "api/call.h"
#include "base/metric.h"
#include "core/person.h"
#include "core/task.h"
#include "form/judge.h"

/* What the query of a call says for all that it reports. */
struct intake_options {
    struct str form_name; /* absent: the workspace's default */
    bool dry_run;
};

struct intake {
    struct call *call;
    struct op *op; /* in whose detail it is told what is wrong with this one; the call's arena */
    const struct intake_options *options;
    const struct account *source; /* as whose report it is judged; NULL: the caller's */
    struct task_draft draft;
    const struct workspace *workspace; /* that the report names; NULL: none that there is */
    const struct form_head *head;      /* of the form to judge by; NULL: the built-in one */
    struct judged judged;
    const struct directory *shown; /* by which a dry run shows the record's people */
    struct faults faults, warnings;
    enum err refusal;          /* by the judge; ERR_OK: none */
    struct str refusal_detail; /* of it, should the write lane look for an earlier answer first */
    struct task_create create;
};

/* Reads ?dryRun= and ?form=; answers itself and returns false when one is wrong. */
bool intake_read_query(struct call *call, struct intake_options *ret_options) MUST_CHECK;

/* Sets the idempotency key; `sent` are the bytes that a second use is compared by, with the query.
 */
void intake_set_key(struct intake *intake, struct str key, struct str sent);

/* Finds workspace and form. What names no workspace is judged by the built-in form, which reports
 * that among everything else. Returns the refusal (ERR_UNAUTHENTICATED, ERR_NOT_FOUND), and keeps
 * it. */
enum err intake_find_form(struct intake *intake) MUST_CHECK;

/* Judges by that form; on any thread that has the call. Returns the refusal, and keeps it. */
enum err intake_judge(struct intake *intake, const struct form *form);

/* What comes next, by the verdict. */
enum intake_next {
    INTAKE_CREATE,  /* intake_prepare(), and the write lane */
    INTAKE_REPLAY,  /* the same: it is refused, but an earlier send under its key may have been
                       accepted, and gets that answer */
    INTAKE_INVITE,  /* its reporter is invited first; then it is judged again (form/invite.h) */
    INTAKE_VERDICT, /* a dry run that found nothing wrong */
    INTAKE_REFUSE,
};
enum intake_next intake_next(const struct intake *intake);

/* Is the reporter who is invited known by now? */
bool intake_reporter_known(const struct intake *intake);

/* Hands the invitation to the write lane, with `done` as its end. ERR_OUTDATED there is
 * as good as ERR_OK: either way the report is judged by the directory as it is then. */
enum err intake_invite(struct intake *intake, struct person_save *save,
                       change_done_fn *done) MUST_CHECK;

/* Fills in `create` and makes it ready (core_task_create_prepare(), core_task_replay_prepare()). */
enum err intake_prepare(struct intake *intake) MUST_CHECK;

/* What became of it, `err` being what the write lane said. ERR_OK: create.answer is the answer.
 * ERR_OUTDATED: to be judged again. */
enum err intake_outcome(struct intake *intake, enum err err) MUST_CHECK;

/* The problem that a refused one is answered with. */
int intake_problem(struct intake *intake, enum err err, struct str *ret_detail,
                   const struct faults **ret_faults);

/* Counts a report that is answered with `status`, for the metrics. */
void intake_count(enum label_VIA via, int status, bool replayed, bool dry_run);

/* Appends {"valid":true,"record":…,"warnings":…} without its braces, for a dry run. */
void intake_encode_verdict(struct json_writer *json, const struct intake *intake);

#endif
