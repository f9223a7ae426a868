/* GET /requests: what an account sent lately, and the verdict on each. */
#include "core/request.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/query.h"
#include "model/key.h"
#include "model/right.h"

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
    json_put_text(json, "form", request->form);
    json_put_text(json, "workspace", workspace == NULL ? STR_NONE : workspace->key);
    json_put_i64(json, "status", request->status);
    json_put_flag(json, "dryRun", request->dry_run);
    json_put_flag(json, "replayed", request->replayed);
    json_put_text(json, "idempotencyKey", request->idempotency_key);
    json_put_i64(json, "durationMs", request->duration_ms);
    json_put_text(json, "key", request->key);
    json_put_raw(json, "problem", request->problem);
    json_put_text(json, "body", request->body);
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
