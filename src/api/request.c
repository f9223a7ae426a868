/* GET /requests: what an account sent lately, and the verdict on each. */
#include "core/request.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/query.h"
#include "model/key.h"
#include "model/right.h"
#include "json/write.h"

struct requests_read {
    struct request_list_request request;
    struct request_page page;
};

/* ---- the answer ---- */

static void encode_flag(struct buf *buf, bool flag)
{
    buf_add(buf, flag ? STR("true") : STR("false"));
}

static void request_encode(struct buf *buf, const struct logged_request *request,
                           const struct directory *directory)
{
    const struct account *account = directory_account_by_id(directory, request->account_id);
    const struct workspace *workspace = directory_workspace_by_id(directory, request->workspace_id);
    BUF_LIT(buf, "{\"id\":\"");
    buf_i64(buf, request->id);
    BUF_LIT(buf, "\",\"at\":\"");
    buf_time(buf, request->at);
    BUF_LIT(buf, "\",\"account\":");
    buf_json_string(buf, account == NULL ? STR_NONE : account->email);
    BUF_LIT(buf, ",\"method\":");
    buf_json_string(buf, request->method);
    BUF_LIT(buf, ",\"path\":");
    buf_json_string(buf, request->path);
    BUF_LIT(buf, ",\"form\":");
    buf_json_string(buf, request->form);
    BUF_LIT(buf, ",\"workspace\":");
    buf_json_string(buf, workspace == NULL ? STR_NONE : workspace->key);
    BUF_LIT(buf, ",\"status\":");
    buf_i64(buf, request->status);
    BUF_LIT(buf, ",\"dryRun\":");
    encode_flag(buf, request->dry_run);
    BUF_LIT(buf, ",\"replayed\":");
    encode_flag(buf, request->replayed);
    BUF_LIT(buf, ",\"idempotencyKey\":");
    buf_json_string(buf, request->idempotency_key);
    BUF_LIT(buf, ",\"durationMs\":");
    buf_i64(buf, request->duration_ms);
    BUF_LIT(buf, ",\"key\":");
    buf_json_string(buf, request->key);
    BUF_LIT(buf, ",\"problem\":");
    buf_add(buf, request->problem.p == NULL ? STR("null") : request->problem);
    BUF_LIT(buf, ",\"body\":");
    buf_json_string(buf, request->body);
    buf_char(buf, '}');
}

static enum err requests_run(struct core_read *read, struct db *db)
{
    struct requests_read *requests = call_of_read(read)->state;
    return core_request_list(db, read->op, &requests->request, &requests->page);
}

static void requests_got(struct core_read *read)
{
    struct call *call = call_of_read(read);
    const struct requests_read *requests = call->state;
    const struct request_page *page = &requests->page;
    if (read->err != ERR_OK) {
        call_fail(call, read->err);
        return;
    }
    BUF_LIT(&call->body, "{\"items\":[");
    for (size_t i = 0; i < page->n; i++) {
        if (i > 0)
            buf_char(&call->body, ',');
        request_encode(&call->body, &page->items[i], call->directory);
    }
    buf_char(&call->body, ']');
    if (page->next != 0)
        buf_printf(&call->body, ",\"next\":\"%lld\"", (long long)page->next);
    buf_char(&call->body, '}');
    call_answer_json(call, 200);
}

/* ---- what may be seen ---- */

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

/* `workspace`: of what may be seen only what named that one. */
static enum err filter_workspace(struct call *call, struct request_list_request *request)
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
        return op_fail(&call->op, ERR_SYNTAX,
                       "status is accepted, refused, or a status of HTTP such as 422, not "
                       "\"%.*s\".",
                       STR_ARG(str_sub(text, 0, 100)));
    }
    return ERR_OK;
}

void request_list(struct call *call)
{
    static const char *const parameters[] = {"account", "workspace", "status",
                                             "limit",   "cursor",    NULL};
    int64_t limit, below;
    if (!call_query_accept(call, parameters) || !call_query_limit(call, &limit) ||
        !call_query_cursor(call, &below))
        return;
    struct requests_read *requests = ARENA_NEW(call->op.arena, struct requests_read);
    enum err err = requests == NULL ? ERR_MEMORY : filter_account(call, &requests->request);
    if (err == ERR_OK)
        err = filter_workspace(call, &requests->request);
    if (err == ERR_OK)
        err = filter_status(call, &requests->request);
    if (err != ERR_OK) {
        call_fail(call, err);
        return;
    }
    requests->request.limit = (size_t)limit;
    requests->request.below = below;
    call->state = requests;
    call_read(call, requests_run, requests_got);
}
