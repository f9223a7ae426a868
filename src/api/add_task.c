/* POST /task/add-task: the ApiForm. decode → judge → apply (on the write lane) → encode. */
#include "api/api.h"
#include "api/authentication.h"
#include "api/handlers.h"
#include "api/idempotency_key.h"
#include "api/intake.h"
#include "api/once.h"
#include "api/problem.h"
#include "base/container.h"
#include "core/form.h"
#include "core/task_answer.h"
#include "form/pattern.h"
#include "model/draft_json.h"
#include "model/task_encode.h"

struct report {
    struct intake intake;
    struct intake_options options;
    struct person_save invite; /* of its reporter, when the form says so */
    struct judging judging;
    struct arena_mark mark; /* before a verdict: what it took is given back before the next one */
    int64_t refused_by;     /* the version of the directory that first did; 0: none has */
};

/* ---- the answers ---- */

static void give_answer(struct call *call, const struct answer *answer, bool replayed)
{
    call->note.key = task_answer_key(answer);
    call->note.replayed = replayed;
    enum err err = call_answer_stored(call, answer, replayed);
    if (err != ERR_OK)
        call_fail(call, err);
}

static void give_verdict(const struct report *report)
{
    struct call *call = report->intake.call;
    json_begin_object(&call->json, NULL);
    intake_encode_verdict(&call->json, &report->intake);
    json_end(&call->json);
    call_answer_json(call, 200);
}

/* ---- the way of a report ---- */

static void report_judge(struct report *report);

/* By the directory that is in force now. */
static void report_judge_again(struct report *report)
{
    struct call *call = report->intake.call;
    call_refresh_directory(call);
    arena_rewind(call->op.arena, report->mark);
    report_judge(report);
}

static void give_refusal(struct report *report, enum err err)
{
    struct str detail;
    const struct faults *faults;
    struct call *call = report->intake.call;
    int status = intake_problem(&report->intake, err, &detail, &faults);
    if (status >= 500)
        call_fail(call, err);
    else
        call_refuse_problem(call, status, detail, faults);
}

static void report_done(struct change *change)
{
    struct task_create *create = container_of(change, struct task_create, change);
    struct report *report = container_of(create, struct report, intake.create);
    struct call *call = report->intake.call;

    if (judge_again(&report->judging, report->intake.op, change->err)) {
        report_judge_again(report);
        return;
    }
    enum err err = intake_outcome(&report->intake, change->err);
    if (err != ERR_OK)
        give_refusal(report, err);
    else
        give_answer(call, &create->answer, create->replayed);
}

/* The person is known now, or the directory is another one: both ask for a new verdict. */
static void invite_done(struct change *change)
{
    struct report *report = container_of(change, struct report, invite.change);
    if (change->err == ERR_OK)
        report->judging = (struct judging){0};
    if (change->err == ERR_OK || judge_again(&report->judging, report->intake.op, change->err))
        report_judge_again(report);
    else
        call_fail(report->intake.call, change->err);
}

static enum err view_run(struct core_read *read, struct db *db)
{
    struct call *call = call_of_read(read);
    call->db = db;
    return call_view_directory(call);
}

static void view_done(struct core_read *read)
{
    struct call *call = call_of_read(read);
    struct report *report = call->state;
    if (read->err != ERR_OK)
        call_fail(call, read->err);
    else if (call->caller == NULL && call_expect_caller(call) != ERR_OK)
        return;
    else if (call->directory->version != report->refused_by)
        report_judge_again(report);
    else
        give_refusal(report, report->intake.refusal);
}

/* Where nodes share the database, another one may just have made what is unknown here. */
static void report_refuse(struct report *report)
{
    struct call *call = report->intake.call;
    if (report->refused_by != 0 || !core_is_shared(api_core(call->api))) {
        give_refusal(report, report->intake.refusal);
        return;
    }
    report->refused_by = call->directory->version;
    call_read(call, view_run, view_done);
}

/* The verdict is there: what becomes of the report? */
static void report_judged(struct report *report)
{
    struct intake *intake = &report->intake;
    struct call *call = intake->call;
    enum err err = ERR_OK;
    switch (intake_next(intake)) {
    case INTAKE_CREATE:
    case INTAKE_REPLAY:
        intake->create.change.done = report_done;
        err = intake_prepare(intake);
        if (err == ERR_OK)
            err = core_change(api_core(call->api), &intake->create.change);
        break;
    case INTAKE_INVITE:
        err = intake_invite(intake, &report->invite, invite_done);
        break;
    case INTAKE_VERDICT:
        give_verdict(report);
        return;
    case INTAKE_REFUSE:
        report_refuse(report);
        return;
    }
    if (err != ERR_OK)
        call_fail(call, err);
}

static enum err judge_run(struct core_read *read, struct db *db)
{
    (void)db;
    struct call *call = call_of_read(read);
    struct report *report = call->state;
    pattern_allow(read->op, PATTERN_WORK_MAX);
    (void)intake_judge(&report->intake, call->form); /* which keeps its verdict */
    return ERR_OK;
}

static void judge_done(struct core_read *read)
{
    struct call *call = call_of_read(read);
    struct report *report = call->state;
    if (read->err != ERR_OK)
        call_fail(call, read->err);
    else
        report_judged(report);
}

/* Here, as far as that is quick; the rest is for the read lane. */
static void report_judge_by(struct report *report, const struct form *form)
{
    struct call *call = report->intake.call;
    if (call->note.workspace_id != 0)
        call->note.form = form->name;
    pattern_allow(&call->op, PATTERN_AT_ONCE_MAX);
    enum err err = intake_judge(&report->intake, form);
    if (err == ERR_INVALID && pattern_allowed(&call->op) == 0)
        call_read(call, judge_run, judge_done);
    else
        report_judged(report);
}

static enum err form_run(struct core_read *read, struct db *db)
{
    struct call *call = call_of_read(read);
    const struct report *report = call->state;
    const struct form *form = NULL;
    enum err err =
        form_cache_load(core_forms(api_core(call->api)), db, read->op, report->intake.head, &form);
    form_release(call->form);
    call->form = form;
    return err;
}

static void form_read_done(struct core_read *read)
{
    struct call *call = call_of_read(read);
    if (read->err != ERR_OK)
        call_fail(call, read->err);
    else
        report_judge_by(call->state, call->form);
}

static void report_judge(struct report *report)
{
    struct intake *intake = &report->intake;
    struct call *call = intake->call;
    call->note.form = STR_NONE;
    enum err err = intake_find_form(intake);
    call->note.workspace_id = intake->workspace == NULL ? 0 : intake->workspace->id;
    if (err != ERR_OK) {
        report_judged(report);
        return;
    }
    if (intake->head == NULL) {
        report_judge_by(report, &form_default);
        return;
    }
    form_release(call->form);
    call->form = form_cache_take(core_forms(api_core(call->api)), intake->head);
    if (call->form != NULL)
        report_judge_by(report, call->form);
    else
        call_read(call, form_run, form_read_done);
}

static bool read_key(struct call *call, struct report *report)
{
    struct str key, value = http_header_get(call->request, STR("idempotency-key"));
    size_t count = http_header_count(call->request, STR("idempotency-key"));
    if (count == 0 || report->options.dry_run)
        return true;
    if (count > 1) {
        call_refuse(call, 400, "Idempotency-Key appears more than once; send it once.");
        return false;
    }
    enum err err = idempotency_key_read(&call->op, value, &key);
    if (err != ERR_OK) {
        call_fail(call, err);
        return false;
    }
    call->note.idempotency_key = key;
    intake_set_key(&report->intake, key, call->request->body);
    return true;
}

void add_task(struct call *call)
{
    struct report *report = ARENA_NEW(call->op.arena, struct report);
    if (report == NULL) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    report->intake.call = call;
    report->intake.op = &call->op;
    report->intake.options = &report->options;
    call->state = report;
    if (!intake_read_query(call, &report->options) || call_expect_json(call) != ERR_OK ||
        !read_key(call, report))
        return;
    enum err err = task_decode(&call->op, call->request->body, &report->intake.draft);
    call->note.json = err == ERR_OK;
    report->mark = arena_mark(call->op.arena);
    if (err != ERR_OK)
        call_fail(call, err);
    else
        report_judge(report);
}
