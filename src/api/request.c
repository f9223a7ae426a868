/* GET /requests: what an account sent lately, and the verdict on each; POST /requests/{id}/judge. */
#include "core/request.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/intake.h"
#include "api/problem.h"
#include "api/query.h"
#include "core/form.h"
#include "form/pattern.h"
#include "model/draft_json.h"
#include "model/key.h"
#include "model/right.h"
#include "model/task_encode.h"
#include "store/request.h"

static void request_encode(struct json_writer *json, const struct logged_request *request,
                           const struct directory *directory)
{
    const struct account *account = directory_account_by_id(directory, request->account_id);
    const struct workspace *workspace = directory_workspace_by_id(directory, request->workspace_id);
    json_begin_object(json, NULL);
    json_put_id(json, "id", request->id);
    json_put_time(json, "at", request->at);
    json_put_text(json, "account", account == NULL ? STR_NONE : account->email);
    json_put_text(json, "method", request->method);
    json_put_text(json, "path", request->path);
    json_put_text(json, "askedForm", request->asked_form);
    json_put_text(json, "form", request->form);
    json_put_text(json, "workspace", workspace == NULL ? STR_NONE : workspace->key);
    json_put_i64(json, "status", request->status);
    json_put_flag(json, "dryRun", request->dry_run);
    json_put_flag(json, "replayed", request->replayed);
    json_put_text(json, "idempotencyKey", request->idempotency_key);
    json_put_text(json, "traceId", request->trace_id);
    json_put_i64(json, "durationMs", request->duration_ms);
    json_put_text(json, "key", request->key);
    json_put_raw(json, "problem", request->problem);
    json_put_text(json, "body", request->body);
    json_put_flag(json, "bodyWhole", request->whole);
    json_end(json);
}

/* ---- what the caller may see ---- */

/* The workspaces whose calls by others the caller may see. A token that was granted less than all
 * shows nothing but its own account's. */
static enum err managed_workspaces(struct call *call, struct request_list_request *request)
{
    const struct directory *directory = call->directory;
    int64_t *ids = ARENA_ARRAY(call->op.arena, int64_t, directory->workspace_count);
    if (ids == NULL)
        return ERR_MEMORY;
    bool limited = !right_scope(call->caller, call->grant.scope, STR("*"));
    for (size_t i = 0; i < directory->workspace_count && !limited; i++) {
        const struct workspace *workspace = directory->workspaces_by_id[i];
        if (directory_role(directory, call->caller, workspace->domain) >= ROLE_MANAGER)
            ids[request->workspace_count++] = workspace->id;
    }
    request->workspaces = ids;
    request->all = call->caller->admin && !limited;
    return ERR_OK;
}

/* The workspaces that the caller still sees, and 0, for calls that named none: somebody who has
 * lost a role no longer reads what was sent there, and neither does one who takes the account over.
 */
static enum err seen_workspaces(struct call *call, struct request_list_request *request)
{
    const struct directory *directory = call->directory;
    int64_t *ids = ARENA_ARRAY(call->op.arena, int64_t, directory->workspace_count + 1);
    if (ids == NULL)
        return ERR_MEMORY;
    ids[request->workspace_count++] = 0;
    for (size_t i = 0; i < directory->workspace_count; i++) {
        const struct workspace *workspace = directory->workspaces_by_id[i];
        if (right_reach(directory, call->caller, RIGHT_SEE, workspace) != REACH_NONE)
            ids[request->workspace_count++] = workspace->id;
    }
    request->workspaces = ids;
    return ERR_OK;
}

/* `account`: whose calls. Of one that nobody knows there are none, as of one whose calls the caller
 * may not see. */
static enum err filter_account(struct call *call, struct request_list_request *request)
{
    struct str email = call_query(call, "account");
    const struct account *account =
        email.p == NULL ? call->caller : directory_account(call->directory, email);
    request->account_id = account == NULL ? 0 : account->id;
    return account == call->caller ? seen_workspaces(call, request)
                                   : managed_workspaces(call, request);
}

/* `workspace`: only the visible requests that named that workspace. */
static enum err workspace_filter(struct call *call, struct request_list_request *request)
{
    struct str text = call_query(call, "workspace"), key = STR_NONE;
    if (text.p == NULL)
        return ERR_OK;
    if (key_read(call->op.arena, text, &key) == ERR_MEMORY)
        return ERR_MEMORY;
    const struct workspace *workspace =
        key.p == NULL ? NULL : directory_workspace(call->directory, key);
    bool seen = request->all && workspace != NULL;
    for (size_t i = 0; i < request->workspace_count && workspace != NULL; i++)
        seen = seen || request->workspaces[i] == workspace->id;
    request->all = false;
    request->workspace_count = seen;
    request->workspaces = seen ? &workspace->id : NULL;
    return ERR_OK;
}

static enum err filter_status(struct call *call, struct request_list_request *request)
{
    struct str text = call_query(call, "status");
    uint64_t status;
    request->status_least = 0;
    request->status_most = 999;
    if (text.p == NULL)
        return ERR_OK;
    if (str_eq(text, STR("accepted"))) {
        request->status_most = 399;
    } else if (str_eq(text, STR("refused"))) {
        request->status_least = 400;
    } else if (str_to_u64(text, 599, &status) && status >= 100) {
        request->status_least = request->status_most = (int)status;
    } else {
        return op_fail(
            &call->op, ERR_SYNTAX,
            "status must be accepted, refused or an HTTP status such as 422, not \"%.*s\".",
            STR_ARG(str_sub(text, 0, 100)));
    }
    return ERR_OK;
}

enum err request_list(struct call *call)
{
    static const char *const parameters[] = {"account", "workspace", "status",
                                             "limit",   "cursor",    NULL};
    struct request_list_request list = {0};
    struct request_page page;
    int64_t limit;
    enum err err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = call_query_limit(call, &limit);
    if (err == ERR_OK)
        err = call_query_cursor(call, &list.below);
    if (err == ERR_OK)
        err = filter_account(call, &list);
    if (err == ERR_OK)
        err = workspace_filter(call, &list);
    if (err == ERR_OK)
        err = filter_status(call, &list);
    if (err != ERR_OK)
        return err;

    list.limit = (size_t)limit;
    err = core_request_list(call->db, &call->op, &list, &page);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = 0; i < page.n; i++)
        request_encode(&call->json, &page.items[i], call->directory);
    return call_items_end(call, page.next);
}

/* ---- judging again ---- */

static const struct str judged_path = STR_INIT("/bzctrl-core-api/api/v1/task/add-task");

/* The one that the path names, if the list would show it to the caller; else 404. */
static enum err request_find(struct call *call, struct logged_request *ret_request)
{
    uint64_t id;
    struct request_list_request list = {0};
    struct logged_request request;
    enum err err = str_to_u64(call->parameters[0], INT64_MAX, &id)
                       ? store_request_get(call->db, &call->op, (int64_t)id, &request)
                       : ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = request.account_id == call->caller->id ? seen_workspaces(call, &list)
                                                     : managed_workspaces(call, &list);
    bool seen = err == ERR_OK && list.all;
    for (size_t i = 0; i < list.workspace_count && err == ERR_OK; i++)
        seen = seen || list.workspaces[i] == request.workspace_id;
    if (err == ERR_NOT_FOUND || (err == ERR_OK && !seen))
        return call_refuse(call, 404,
                           "There is no such request in the log any more, or you may not see it.");
    if (err == ERR_OK)
        *ret_request = request;
    return err;
}

/* Held by the call, as the form of a report that comes in is. */
static enum err form_hold(struct call *call, const struct form_head *head,
                          const struct form **ret_form)
{
    struct form_cache *cache = core_forms(api_core(call->api));
    form_release(call->form);
    call->form = head == NULL ? NULL : form_cache_take(cache, head);
    if (head != NULL && call->form == NULL) {
        const struct form *form = NULL;
        enum err err = form_cache_load(cache, call->db, &call->op, head, &form);
        if (err != ERR_OK)
            return err;
        call->form = form;
    }
    *ret_form = head == NULL ? &form_default : call->form;
    return ERR_OK;
}

/* Says what would become of it now. An error is the machine's; a refusal is kept in `intake`. */
static enum err judge_again_now(struct call *call, const struct logged_request *request,
                                struct intake *intake)
{
    const struct form *form;
    intake->refusal = task_decode(&call->op, request->body, &intake->draft);
    if (intake->refusal == ERR_OK)
        intake->refusal = intake_find_form(intake);
    if (intake->refusal != ERR_OK)
        return problem_status(intake->refusal) >= 500 ? intake->refusal : ERR_OK;
    enum err err = form_hold(call, intake->head, &form);
    if (err != ERR_OK)
        return err;
    pattern_allow(&call->op, PATTERN_WORK_MAX);
    err = intake_judge(intake, form);
    return err != ERR_OK && problem_status(err) >= 500 ? err : ERR_OK;
}

static void verdict_encode(struct json_writer *json, struct intake *intake)
{
    struct str detail;
    const struct faults *faults;
    bool valid = intake->refusal == ERR_OK;
    int status = valid ? 200 : intake_problem(intake, intake->refusal, &detail, &faults);
    json_begin_object(json, NULL);
    json_put_i64(json, "status", status);
    json_put_text(json, "form", intake->head == NULL ? form_default.name : intake->head->name);
    json_put_i64(json, "formVersion",
                 intake->head == NULL ? FORM_BUILT_IN_VERSION : intake->head->version);
    if (valid) {
        intake_encode_verdict(json, intake);
    } else {
        json_put_flag(json, "valid", false);
        json_put_begin(json, "problem");
        problem_encode(json->buf, status, detail, faults);
    }
    json_end(json);
}

enum err request_judge(struct call *call)
{
    struct logged_request request;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = request_find(call, &request);
    if (err == ERR_OK && !str_eq(request.path, judged_path))
        err = call_refuse(call, 409,
                          "Only a call of add-task can be judged again, since it has one report.");
    else if (err == ERR_OK && !request.whole)
        err = call_refuse(call, 409,
                          "The log has only a part of this body: it is not JSON, is longer than "
                          "4 KiB, or had a secret in it. Send the report again with dryRun=true.");
    if (err != ERR_OK)
        return err;

    const struct intake_options options = {.form_name = request.asked_form, .dry_run = true};
    struct intake intake = {.call = call,
                            .op = &call->op,
                            .options = &options,
                            .source = directory_account_by_id(call->directory, request.account_id)};
    if (intake.source == NULL)
        return ERR_NOT_FOUND;
    err = judge_again_now(call, &request, &intake);
    if (err != ERR_OK)
        return err;
    verdict_encode(&call->json, &intake);
    return call_answer_json(call, 200);
}
