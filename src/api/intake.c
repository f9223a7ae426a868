#include "api/intake.h"

#include "api/api.h"
#include "api/problem.h"
#include "api/query.h"
#include "core/task_answer.h"
#include "form/invite.h"
#include "model/draft_json.h"
#include "model/key.h"
#include "model/right.h"
#include "model/task_encode.h"
#include "model/task_json.h"

/* ---- what is asked ---- */

bool intake_read_query(struct call *call, struct intake_options *ret_options)
{
    static const char *const parameters[] = {"form", "dryRun", NULL};
    enum err err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = call_query_flag(call, "dryRun", &ret_options->dry_run);
    if (err != ERR_OK && err != ERR_ANSWERED)
        call_fail(call, err);
    if (err != ERR_OK)
        return false;
    ret_options->form_name = call_query(call, "form");
    call->note.dry_run = ret_options->dry_run;
    return true;
}

void intake_set_key(struct intake *intake, struct str key, struct str sent)
{
    const struct call *call = intake->call;
    struct hasher hasher;
    hash_begin(&hasher);
    hash_field(&hasher, call->request->query);
    hash_field(&hasher, sent);
    intake->create.key = (struct idempotency_key){.account_id = call->caller->id,
                                                  .endpoint = STR("add-task"),
                                                  .key = key,
                                                  .request = hash_end(&hasher)};
}

/* ---- judging ---- */

static const struct account *source_of(const struct intake *intake)
{
    return intake->source != NULL ? intake->source : intake->call->caller;
}

enum err intake_find_form(struct intake *intake)
{
    const struct call *call = intake->call;
    const struct account *source = source_of(intake);
    struct str name = intake->options->form_name;
    intake->workspace = NULL;
    op_forget(intake->op);
    if (source == NULL || source->disabled)
        return intake->refusal =
                   op_fail(intake->op, ERR_UNAUTHENTICATED, "Your account has been disabled.");
    const struct workspace *workspace = intake->workspace =
        task_workspace(intake->op, &intake->draft, call->directory, source);
    intake->head = NULL;
    if (workspace != NULL)
        intake->head = name.p == NULL ? workspace->default_form : workspace_form(workspace, name);
    bool built_in = intake->head == NULL &&
                    (name.p == NULL || workspace == NULL || str_eq_case(name, form_default.name));
    if (built_in || (intake->head != NULL && !intake->head->disabled))
        return intake->refusal = ERR_OK;
    return intake->refusal =
               op_fail(intake->op, ERR_NOT_FOUND, "There is no form \"%.*s\" in %.*s%s.",
                       STR_ARG(str_sub(name, 0, 100)), STR_ARG(workspace->key),
                       intake->head == NULL ? "" : " any more: it is disabled");
}

enum err intake_judge(struct intake *intake, const struct form *form)
{
    const struct call *call = intake->call;
    const struct account *source = source_of(intake);
    struct op *op = intake->op;
    faults_init(&intake->faults, op->arena);
    faults_init(&intake->warnings, op->arena);
    enum err err = task_judge(op, &intake->draft, form, intake->workspace, call->directory, source,
                              &intake->faults, intake->options->dry_run ? &intake->warnings : NULL,
                              &intake->judged);
    if (err == ERR_OK &&
        right_reach(call->directory, source, RIGHT_CREATE, intake->judged.workspace) == REACH_NONE)
        err = op_fail(
            op, ERR_FORBIDDEN,
            "You can only read this workspace; to create records you need the role of a member.");
    if (err == ERR_OK && !form_serves(form, source->email))
        err =
            op_fail(op, ERR_FORBIDDEN, "The form %.*s is for other accounts; use a form for yours.",
                    STR_ARG(form->name));
    if (err == ERR_OK)
        err = dedup_make(op, form, &intake->judged.task, call->directory, &intake->create.dedup);
    intake->shown = call->directory;
    if (err == ERR_OK && intake->options->dry_run && intake->judged.invited.p != NULL)
        err = invite_preview(op, call->directory, intake->judged.invited, &intake->shown);
    return intake->refusal = err;
}

enum intake_next intake_next(const struct intake *intake)
{
    enum err err = intake->refusal;
    if (err == ERR_OK && intake->options->dry_run)
        return INTAKE_VERDICT;
    if (err == ERR_OK)
        return intake->judged.invited.p != NULL ? INTAKE_INVITE : INTAKE_CREATE;
    bool judged = err == ERR_INVALID || err == ERR_FORBIDDEN || err == ERR_NOT_FOUND;
    return judged && intake->create.key.key.p != NULL ? INTAKE_REPLAY : INTAKE_REFUSE;
}

bool intake_reporter_known(const struct intake *intake)
{
    const struct directory *directory = intake->call->directory;
    const struct account *account = directory_account(directory, intake->judged.invited);
    const struct domain *domain =
        directory_domain(directory, intake->judged.workspace->domain->key);
    return account != NULL && domain != NULL && directory_knows(directory, account, domain);
}

enum err intake_invite(struct intake *intake, struct person_save *save, change_done_fn *done)
{
    const struct call *call = intake->call;
    if (call->caller == NULL)
        return ERR_UNAUTHENTICATED;
    *save = (struct person_save){
        .op = intake->op, .directory = call->directory, .actor_id = call->caller->id};
    enum err err = invite_make(intake->op, call->directory, intake->judged.workspace->domain,
                               intake->judged.invited, &save->before, &save->settings);
    return err == ERR_OK ? person_save_start(api_core(call->api), save, done) : err;
}

/* ---- creating ---- */

enum err intake_prepare(struct intake *intake)
{
    const struct call *call = intake->call;
    struct task_create *create = &intake->create;
    create->change.op = intake->op;
    create->directory = call->directory;
    create->public_url = api_public_url(call->api);
    if (intake->refusal != ERR_OK) {
        /* The lane's own detail comes in the place of the refusal's. */
        intake->refusal_detail = arena_str(intake->op->arena, str_of(intake->op->detail));
        if (intake->refusal_detail.p == NULL)
            return ERR_MEMORY;
        core_task_replay_prepare(create);
        return ERR_OK;
    }
    create->task = intake->judged.task;
    create->workspace = intake->judged.workspace;
    create->actor_id = call->caller->id;
    create->origin = call->origin;
    return core_task_create_prepare(create);
}

enum err intake_outcome(struct intake *intake, enum err err)
{
    struct task_create *create = &intake->create;
    if (intake->refusal != ERR_OK && !create->replayed &&
        (err == ERR_OK || err == ERR_KEY_REUSED)) {
        op_forget(intake->op);
        return op_fail(intake->op, intake->refusal, "%.*s", STR_ARG(intake->refusal_detail));
    }
    if (err == ERR_OK && create->key.key.p == NULL)
        err = task_answer_make(create, &create->answer);
    return err;
}

/* ---- the answers ---- */

/* What the form's dedup rule refuses for. */
static struct str conflict_detail(struct intake *intake)
{
    const struct task shown = task_answer_shows(&intake->create);
    const struct task_create *create = &intake->create;
    struct buf text;
    buf_init(&text, 4096);
    BUF_LIT(&text, "This was reported before and is still open");
    if (create->first != NULL && shown.id == create->first->id) {
        BUF_LIT(&text, ": ");
        buf_record_key(&text, create->workspace->key, shown.number);
        BUF_LIT(&text, ", ");
        buf_task_link(&text, create->workspace->key, shown.number, create->public_url);
    }
    buf_char(&text, '.');
    struct str detail = arena_str(intake->op->arena, buf_str(&text));
    buf_finish(&text);
    return detail;
}

/* Other bytes under a key are mostly the same report, built a second time and with another time in
 * it: with the advice to use another key it would become a second record. The record is named to
 * the caller that made it, and not where a dedup rule answered with somebody else's. */
static struct str key_reused_detail(struct intake *intake)
{
    const struct answer *first = &intake->create.answer;
    struct str made = first->status == 201 ? task_answer_key(first) : STR_NONE;
    return arena_printf(
        intake->op->arena,
        "This Idempotency-Key was used before with another body or query%s%.*s. To send that "
        "report again, send the same bytes; for another report, use a new key.",
        made.p == NULL ? "" : ", and made ", STR_ARG(made));
}

int intake_problem(struct intake *intake, enum err err, struct str *ret_detail,
                   const struct faults **ret_faults)
{
    *ret_faults = NULL;
    if (err == ERR_INVALID) {
        *ret_detail = problem_faults_detail(intake->op->arena, &intake->faults);
        *ret_faults = &intake->faults;
    } else if (err == ERR_KEY_REUSED) {
        *ret_detail = key_reused_detail(intake);
    } else if (err == ERR_CONFLICT) {
        *ret_detail = conflict_detail(intake);
    } else {
        *ret_detail = problem_detail(err, str_of(intake->op->detail));
    }
    return problem_status(err);
}

void intake_encode_verdict(struct json_writer *json, const struct intake *intake)
{
    json_put_flag(json, "valid", true);
    task_encode(json, "record", &intake->judged.task, intake->shown,
                api_public_url(intake->call->api), intake->op->now);
    json_put_begin(json, "warnings");
    faults_encode(json->buf, &intake->warnings);
}

/* ---- the metrics ---- */

static enum label_REFUSAL refusal_of(int status)
{
    static const struct {
        int status;
        enum label_REFUSAL label;
    } reasons[] = {
        {400, REFUSAL_MALFORMED},   {401, REFUSAL_UNAUTHENTICATED}, {403, REFUSAL_FORBIDDEN},
        {404, REFUSAL_NOT_FOUND},   {409, REFUSAL_CONFLICT},        {413, REFUSAL_TOO_LARGE},
        {415, REFUSAL_MEDIA_TYPE},  {422, REFUSAL_INVALID},         {429, REFUSAL_THROTTLED},
        {503, REFUSAL_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].label;
    return REFUSAL_OTHER;
}

void intake_count(enum label_VIA via, int status, bool replayed, bool dry_run)
{
    enum label_REPORT outcome = status >= 300   ? REPORT_REFUSED
                                : dry_run       ? REPORT_DRY_RUN
                                : replayed      ? REPORT_REPLAYED
                                : status == 201 ? REPORT_CREATED
                                                : REPORT_DUPLICATE;
    metric_add(METRIC_REPORTS, via, outcome, 1);
    if (outcome == REPORT_REFUSED)
        metric_add(METRIC_REFUSALS, via, refusal_of(status), 1);
}
