/* POST /task/add-task: the ApiForm. decode → judge → apply (on the write lane) → encode. */
#include "api/api.h"
#include "api/handlers.h"
#include "api/idempotency_key.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/task.h"
#include "core/form.h"
#include "core/task.h"
#include "model/judge.h"
#include "model/key.h"
#include "model/receipt.h"
#include "model/right.h"
#include "json/write.h"

/* How often a report is judged again because the directory changed under it. */
enum { JUDGE_TRIES = 20 };

struct intake {
    struct call *call;
    struct task_draft draft;
    struct judged judged;
    struct faults faults, warnings;
    enum err refusal;  /* ERR_OK: none */
    struct op refused; /* call->op as the refusal left it */
    struct task_create create;
    bool dry_run;
    const struct workspace *workspace; /* that the report names; NULL: none that there is */
    struct str form_name;         /* that the caller asked for; absent: the workspace's default */
    const struct form_head *head; /* of the form that is read */
    int tries;
};

/* ---- the answers ---- */

/* The 201, as it is given now and stored for whoever sends the same key again. */
static enum err encode_answer(struct task_create *create, struct answer *ret_answer)
{
    struct op *op = create->change.op;
    const struct intake *intake =
        (const struct intake *)(const void *)((const char *)create -
                                              offsetof(struct intake, create));
    struct str url = api_public_url(intake->call->api);
    struct buf text;
    struct answer answer = {.status = 201};

    buf_init(&text, CALL_ANSWER_MAX);
    buf_add(&text, url);
    BUF_LIT(&text, "/bzctrl-core-api/api/v1/tasks/");
    buf_record_key(&text, create->workspace->key, create->task.number);
    size_t location = text.n;
    buf_receipt(&text, create->workspace->domain->key, create->event.seq, &create->event.hash);
    size_t receipt = text.n;
    task_encode_created(&text, &create->task, create->workspace, url);
    enum err err = buf_err(&text);
    struct str all = err == ERR_OK ? arena_str(op->arena, buf_str(&text)) : STR_NONE;
    buf_finish(&text);
    if (all.p == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;

    answer.headers[answer.header_count++] =
        (struct answer_header){STR("Location"), str_sub(all, 0, location)};
    answer.headers[answer.header_count++] = (struct answer_header){STR("ETag"), STR("\"1\"")};
    answer.headers[answer.header_count++] =
        (struct answer_header){STR("Bzctrl-Receipt"), str_sub(all, location, receipt - location)};
    answer.body = str_from(all, receipt);
    *ret_answer = answer;
    return ERR_OK;
}

/* The key of the record that an answer is about: the end of its Location. */
static struct str answer_key(const struct answer *answer)
{
    struct str rest = STR_NONE, key = STR_NONE;
    for (size_t i = 0; i < answer->header_count; i++)
        if (str_eq(answer->headers[i].name, STR("Location")))
            rest = answer->headers[i].value;
    while (rest.p != NULL)
        key = str_cut(&rest, '/');
    return key;
}

static void give_answer(struct call *call, const struct answer *answer, bool replayed)
{
    struct http_header headers[ANSWER_HEADERS_MAX + 1];
    size_t n = 0;
    call->note.key = answer_key(answer);
    call->note.replayed = replayed;
    for (; n < answer->header_count; n++)
        headers[n] = (struct http_header){answer->headers[n].name, answer->headers[n].value};
    if (replayed)
        headers[n++] = (struct http_header){STR("Idempotent-Replayed"), STR("true")};
    buf_clear(&call->body);
    buf_add(&call->body, answer->body);
    if (buf_err(&call->body) != ERR_OK) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    call_answer(call, answer->status, STR("application/json"), headers, n);
}

static void give_verdict(struct intake *intake)
{
    struct call *call = intake->call;
    BUF_LIT(&call->body, "{\"valid\":true,\"record\":");
    task_encode(&call->body, &intake->judged.task, call->directory, api_public_url(call->api));
    BUF_LIT(&call->body, ",\"warnings\":");
    faults_encode(&call->body, &intake->warnings);
    buf_char(&call->body, '}');
    call_answer_json(call, 200);
}

/* ---- the way of a report ---- */

static void intake_judge(struct intake *intake);

static void give_refusal(struct intake *intake, enum err err)
{
    if (err == ERR_INVALID)
        call_fail_faults(intake->call, &intake->faults);
    else if (err == ERR_KEY_REUSED)
        call_fail_status(intake->call, 422,
                         "This Idempotency-Key was used before with another request. "
                         "Send a new report with a new key.");
    else
        call_fail(intake->call, err);
}

static void intake_done(struct change *change)
{
    struct task_create *create =
        (struct task_create *)(void *)((char *)change - offsetof(struct task_create, change));
    struct intake *intake =
        (struct intake *)(void *)((char *)create - offsetof(struct intake, create));
    struct call *call = intake->call;
    enum err err = change->err;

    if (err == ERR_OUTDATED && intake->tries < JUDGE_TRIES) {
        call->op.detail[0] = '\0';
        call_refresh_directory(call);
        intake_judge(intake);
        return;
    }
    if (intake->refusal != ERR_OK && !create->replayed &&
        (err == ERR_OK || err == ERR_KEY_REUSED)) {
        call->op = intake->refused;
        err = intake->refusal;
    }
    if (err == ERR_OK && create->key.key.p == NULL)
        err = encode_answer(create, &create->answer);
    if (err != ERR_OK)
        give_refusal(intake, err);
    else
        give_answer(call, &create->answer, create->replayed);
}

static void intake_submit(struct intake *intake)
{
    struct call *call = intake->call;
    struct task_create *create = &intake->create;
    create->change.op = &call->op;
    create->change.done = intake_done;
    create->task = intake->judged.task;
    create->workspace = intake->judged.workspace;
    create->directory = call->directory;
    create->actor_id = call->caller->id;
    create->encode = encode_answer;
    enum err err = intake->refusal == ERR_OK ? core_task_create(api_core(call->api), create)
                                             : core_task_replay(api_core(call->api), create);
    if (err != ERR_OK)
        call_fail(call, err);
}

/* A refusal of a report with a key is given only when no earlier send of it was accepted. */
static void intake_end(struct intake *intake, enum err err)
{
    struct call *call = intake->call;
    bool judged = err == ERR_INVALID || err == ERR_FORBIDDEN || err == ERR_NOT_FOUND;
    intake->refusal = err;
    intake->refused = call->op;
    if (err == ERR_OK && intake->dry_run)
        give_verdict(intake);
    else if (err == ERR_OK || (judged && intake->create.key.key.p != NULL))
        intake_submit(intake);
    else
        give_refusal(intake, err);
}

static void intake_judge_by(struct intake *intake, const struct form *form)
{
    struct call *call = intake->call;
    if (call->note.workspace_id != 0)
        call->note.form = form->name;
    faults_init(&intake->faults, call->op.arena);
    faults_init(&intake->warnings, call->op.arena);
    enum err err = task_judge(&call->op, &intake->draft, form, intake->workspace, call->directory,
                              call->caller, &intake->faults,
                              intake->dry_run ? &intake->warnings : NULL, &intake->judged);
    if (err == ERR_OK)
        err = intake->warnings.err;
    if (err == ERR_OK && right_reach(call->directory, call->caller, RIGHT_CREATE,
                                     intake->judged.workspace) == REACH_NONE)
        err = op_fail(&call->op, ERR_FORBIDDEN,
                      "You may read in this workspace; to create records you need the role of a "
                      "member.");
    if (err == ERR_OK && !form_serves(form, call->caller->email))
        err = op_fail(&call->op, ERR_FORBIDDEN,
                      "The form %.*s is for other accounts; use one that is for yours.",
                      STR_ARG(form->name));
    intake_end(intake, err);
}

static enum err form_run(struct core_read *read, struct db *db)
{
    struct call *call = call_of_read(read);
    const struct intake *intake = call->state;
    const struct form *form = NULL;
    enum err err =
        form_cache_load(core_forms(api_core(call->api)), db, read->op, intake->head, &form);
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
        intake_judge_by(call->state, call->form);
}

/* Judges by the form that was asked for; what names no workspace is judged by the built-in one,
 * which tells that among all else. */
static void intake_judge(struct intake *intake)
{
    struct call *call = intake->call;
    intake->tries++;
    call->note.form = STR_NONE;
    if (call->caller == NULL) {
        intake_end(intake, ERR_UNAUTHENTICATED);
        return;
    }
    const struct workspace *workspace = intake->workspace =
        task_workspace(&call->op, &intake->draft, call->directory, call->caller);
    struct str name = intake->form_name;
    intake->head = workspace == NULL ? NULL
                   : name.p == NULL  ? workspace->default_form
                                     : workspace_form(workspace, name);
    call->note.workspace_id = workspace == NULL ? 0 : workspace->id;
    bool built_in = intake->head == NULL &&
                    (name.p == NULL || workspace == NULL || str_eq_case(name, form_default.name));
    if (built_in) {
        intake_judge_by(intake, &form_default);
        return;
    }
    if (intake->head == NULL || intake->head->disabled) {
        intake_end(intake, op_fail(&call->op, ERR_NOT_FOUND, "There is no form \"%.*s\" in %.*s%s.",
                                   STR_ARG(str_sub(name, 0, 100)), STR_ARG(workspace->key),
                                   intake->head == NULL ? "" : " any more: it is disabled"));
        return;
    }
    form_release(call->form);
    call->form = form_cache_take(core_forms(api_core(call->api)), intake->head);
    if (call->form != NULL)
        intake_judge_by(intake, call->form);
    else
        call_read(call, form_run, form_read_done);
}

/* Reads ?dryRun= and ?form=; answers itself and returns false when one is wrong. */
static bool read_query(struct call *call, struct intake *intake)
{
    static const char *const parameters[] = {"form", "dryRun", NULL};
    if (!call_query_accept(call, parameters))
        return false;
    struct str dry_run = call_query(call, "dryRun"), form = call_query(call, "form");
    if (dry_run.p != NULL && !str_eq(dry_run, STR("true")) && !str_eq(dry_run, STR("false"))) {
        call_fail_status(call, 400, "dryRun is true or false.");
        return false;
    }
    intake->form_name = form;
    intake->dry_run = call->note.dry_run = str_eq(dry_run, STR("true"));
    return true;
}

/* What a key's second use is compared by: raw query and raw body. */
static struct sha256 request_digest(const struct http_request *request)
{
    struct hasher hasher;
    hash_begin(&hasher);
    hash_field(&hasher, request->query);
    hash_field(&hasher, request->body);
    return hash_end(&hasher);
}

static bool read_key(struct call *call, struct intake *intake)
{
    struct idempotency_key *key = &intake->create.key;
    struct str value = http_header_get(call->request, STR("idempotency-key"));
    size_t count = http_header_count(call->request, STR("idempotency-key"));
    if (count == 0 || intake->dry_run)
        return true;
    if (count > 1) {
        call_fail_status(call, 400, "Idempotency-Key is sent more than once; send one.");
        return false;
    }
    enum err err = idempotency_key_read(&call->op, value, &key->key);
    if (err != ERR_OK) {
        call_fail(call, err);
        return false;
    }
    call->note.idempotency_key = key->key;
    key->account_id = call->caller->id;
    key->endpoint = STR("add-task");
    key->request = request_digest(call->request);
    return true;
}

void add_task(struct call *call)
{
    struct intake *intake = ARENA_NEW(call->op.arena, struct intake);
    if (intake == NULL) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    intake->call = call;
    call->state = intake;
    if (!read_query(call, intake) || !call_expect_json(call) || !read_key(call, intake))
        return;
    enum err err = task_decode(&call->op, call->request->body, &intake->draft);
    call->note.json = err == ERR_OK;
    if (err != ERR_OK)
        call_fail(call, err);
    else
        intake_judge(intake);
}
