/* ApiForms under /workspaces/{key}/forms: list, read, make, change, and their versions. */
#include "api/form_call.h"

#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "model/form_document.h"
#include "model/form_json.h"
#include "model/key.h"
#include "json/write.h"

static struct form_call *form_call_of(struct form_put *put)
{
    return (struct form_call *)(void *)((char *)put - offsetof(struct form_call, put));
}

/* ---- what the path names ---- */

static bool has_right(const struct call *call, enum right right, const struct workspace *workspace)
{
    return right_reach(call->directory, call->caller, right, workspace) != REACH_NONE;
}

/* The workspace, if the caller has the right there; else answers 404, or 403 where it may see it.
 */
static struct form_call *find_workspace(struct call *call, enum right right)
{
    struct form_call *state = ARENA_NEW(call->op.arena, struct form_call);
    if (state == NULL) {
        call_fail(call, ERR_MEMORY);
        return NULL;
    }
    struct str key = call->parameters[0];
    state->call = call;
    state->workspace = key.n > KEY_MAX ? NULL : directory_workspace(call->directory, key);
    if (state->workspace == NULL || !has_right(call, RIGHT_SEE, state->workspace)) {
        call_fail_status(call, 404, "There is no workspace %.*s, or you may not see it.",
                         STR_ARG(str_sub(key, 0, KEY_MAX)));
        return NULL;
    }
    if (!has_right(call, right, state->workspace)) {
        call_fail_status(call, 403, "Forms are changed by managers of the domain.");
        return NULL;
    }
    state->workspace_id = state->workspace->id;
    call->state = state;
    return state;
}

/* The same, with the form's name, which need not be of one that there is. */
static struct form_call *find_name(struct call *call, enum right right)
{
    struct form_call *state = find_workspace(call, right);
    if (state == NULL)
        return NULL;
    state->head = workspace_form(state->workspace, call->parameters[1]);
    state->name =
        state->head == NULL ? call->parameters[1] : arena_str(call->op.arena, state->head->name);
    if (state->name.p == NULL) {
        call_fail(call, ERR_MEMORY);
        return NULL;
    }
    return state;
}

static bool built_in(const struct form_call *state)
{
    return state->head == NULL && str_eq(state->name, form_default.name);
}

struct form_call *form_call_find(struct call *call)
{
    struct form_call *state = find_name(call, RIGHT_SEE);
    if (state == NULL || state->head != NULL || built_in(state))
        return state;
    call_fail_status(call, 404, "There is no form \"%.*s\" in %.*s.",
                     STR_ARG(str_sub(state->name, 0, 100)), STR_ARG(state->workspace->key));
    return NULL;
}

/* ---- the list ---- */

static void encode_head(struct buf *buf, const struct form_head *head)
{
    BUF_LIT(buf, "{\"name\":");
    buf_json_string(buf, head->name);
    BUF_LIT(buf, ",\"version\":");
    buf_i64(buf, head->version);
    buf_printf(buf, ",\"default\":%s,\"disabled\":%s}", head->is_default ? "true" : "false",
               head->disabled ? "true" : "false");
}

/* A workspace has few forms, so that one page has them all. */
void form_list(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (!call_query_accept(call, parameters))
        return;
    const struct form_call *state = find_workspace(call, RIGHT_SEE);
    if (state == NULL)
        return;
    const struct workspace *workspace = state->workspace;
    const struct form_head own = {.name = form_default.name,
                                  .version = FORM_BUILT_IN_VERSION,
                                  .is_default = workspace->default_form == NULL};
    bool stored = workspace_form(workspace, form_default.name) != NULL;
    BUF_LIT(&call->body, "{\"items\":[");
    if (!stored)
        encode_head(&call->body, &own);
    for (size_t i = 0; i < workspace->form_count; i++) {
        if (i > 0 || !stored)
            buf_char(&call->body, ',');
        encode_head(&call->body, &workspace->forms[i]);
    }
    BUF_LIT(&call->body, "]}");
    call_answer_json(call, 200);
}

/* ---- one form ---- */

static void answer_form(struct call *call, const struct form_call *state, int status)
{
    const struct form_version *version = &state->version;
    const struct account *account = directory_account_by_id(call->directory, version->account_id);
    struct buf *body = &call->body;
    BUF_LIT(body, "{\"name\":");
    buf_json_string(body, state->name);
    BUF_LIT(body, ",\"workspace\":");
    buf_json_string(body, state->workspace->key);
    BUF_LIT(body, ",\"version\":");
    buf_i64(body, version->version);
    BUF_LIT(body, ",\"changedAt\":");
    if (version->at == 0) {
        BUF_LIT(body, "null");
    } else {
        buf_char(body, '"');
        buf_time(body, version->at);
        buf_char(body, '"');
    }
    BUF_LIT(body, ",\"changedBy\":");
    buf_json_string(body, account == NULL ? STR_NONE : account->email);
    BUF_LIT(body, ",\"form\":");
    buf_add(body, version->document);
    buf_char(body, '}');
    struct http_header headers[2] = {
        call_etag(call, version->version),
        {STR("Location"),
         arena_printf(call->op.arena, "%.*s/bzctrl-core-api/api/v1/workspaces/%.*s/forms/%.*s",
                      STR_ARG(api_public_url(call->api)), STR_ARG(state->workspace->key),
                      STR_ARG(state->name))}};
    if (headers[0].value.p == NULL || headers[1].value.p == NULL) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    if (status == 200 && call_client_has(call, headers[0].value)) {
        buf_clear(body);
        call_answer(call, 304, STR_NONE, headers, 1);
        return;
    }
    call_answer(call, status, STR("application/json"), headers, status == 201 ? 2 : 1);
}

bool form_call_version(struct call *call, struct form_call *state)
{
    struct str text = call_query(call, "version");
    uint64_t number = 0;
    if (text.p != NULL && (!str_to_u64(text, INT64_MAX, &number) || number == 0)) {
        call_fail_status(call, 400, "version is a number from 1 on, not \"%.*s\".", STR_ARG(text));
        return false;
    }
    state->number = (int64_t)number;
    return true;
}

static void no_such_version(struct call *call, const struct form_call *state)
{
    call_fail_status(call, 404, "The form %.*s has no such version.", STR_ARG(state->name));
}

enum err form_call_read(struct core_read *read, struct db *db)
{
    struct form_call *state = call_of_read(read)->state;
    int64_t number =
        state->number == 0 && state->head != NULL ? state->head->version : state->number;
    bool named_default = str_eq(state->name, form_default.name);
    if (built_in(state) ? number <= FORM_BUILT_IN_VERSION
                        : named_default && number == FORM_BUILT_IN_VERSION) {
        state->version =
            (struct form_version){.version = FORM_BUILT_IN_VERSION, .document = STR("{}")};
        return ERR_OK;
    }
    return state->head == NULL
               ? ERR_NOT_FOUND
               : store_form_version_get(db, read->op, state->head->id, number, &state->version);
}

bool form_call_got(struct core_read *read)
{
    struct call *call = call_of_read(read);
    enum err err = read->err; /* which is gone with the call once it is answered */
    if (err == ERR_NOT_FOUND)
        no_such_version(call, call->state);
    else if (err != ERR_OK)
        call_fail(call, err);
    return err == ERR_OK;
}

static void version_got(struct core_read *read)
{
    struct call *call = call_of_read(read);
    if (form_call_got(read))
        answer_form(call, call->state, 200);
}

/* ?version= asks for an older one. */
void form_get(struct call *call)
{
    static const char *const parameters[] = {"version", NULL};
    if (!call_query_accept(call, parameters))
        return;
    struct form_call *state = form_call_find(call);
    if (state != NULL && form_call_version(call, state))
        call_read(call, form_call_read, version_got);
}

static enum err versions_run(struct core_read *read, struct db *db)
{
    struct form_call *state = call_of_read(read)->state;
    return store_form_versions(db, read->op, state->head->id, state->before, state->limit + 1,
                               &state->versions);
}

static void encode_version(struct call *call, const struct form_version *version)
{
    const struct account *account = directory_account_by_id(call->directory, version->account_id);
    BUF_LIT(&call->body, "{\"version\":");
    buf_i64(&call->body, version->version);
    BUF_LIT(&call->body, ",\"changedAt\":\"");
    buf_time(&call->body, version->at);
    BUF_LIT(&call->body, "\",\"changedBy\":");
    buf_json_string(&call->body, account == NULL ? STR_NONE : account->email);
    buf_char(&call->body, '}');
}

static void versions_got(struct core_read *read)
{
    struct call *call = call_of_read(read);
    const struct form_call *state = call->state;
    if (read->err != ERR_OK) {
        call_fail(call, read->err);
        return;
    }
    size_t n = state->versions.n, shown = n > (size_t)state->limit ? (size_t)state->limit : n;
    BUF_LIT(&call->body, "{\"items\":[");
    for (size_t i = 0; i < shown; i++) {
        if (i > 0)
            buf_char(&call->body, ',');
        encode_version(call, &state->versions.items[i]);
    }
    buf_char(&call->body, ']');
    if (n > shown)
        buf_printf(&call->body, ",\"next\":\"%lld\"",
                   (long long)state->versions.items[shown - 1].version);
    buf_char(&call->body, '}');
    call_answer_json(call, 200);
}

void form_versions(struct call *call)
{
    static const char *const parameters[] = {"limit", "cursor", NULL};
    if (!call_query_accept(call, parameters))
        return;
    struct form_call *state = form_call_find(call);
    if (state == NULL)
        return;
    if (!call_query_limit(call, &state->limit) || !call_query_cursor(call, &state->before))
        return;
    if (state->head == NULL) { /* built in: it was never changed */
        BUF_LIT(&call->body, "{\"items\":[]}");
        call_answer_json(call, 200);
        return;
    }
    call_read(call, versions_run, versions_got);
}

/* ---- making and changing ---- */

/* Is there what the caller says there is, or nothing where nothing must be? Else answers itself. */
static bool condition_holds(struct call *call, const struct form_call *state)
{
    const struct form_head *head = state->head;
    struct str none = str_trim(http_header_get(call->request, STR("if-none-match")));
    bool match = http_header_count(call->request, STR("if-match")) > 0;
    if (head != NULL && state->make) {
        call_fail_status(call, 409, "There is a form %.*s in %.*s already; change it with PUT.",
                         STR_ARG(head->name), STR_ARG(state->workspace->key));
        return false;
    }
    if (head != NULL && !match && str_eq(none, STR("*"))) {
        call_fail_status(call, 412, "There is a form %.*s already.", STR_ARG(head->name));
        return false;
    }
    if (state->make || (head == NULL && !match))
        return true;
    int64_t version = head != NULL ? head->version : built_in(state) ? FORM_BUILT_IN_VERSION : 0;
    struct http_header etag = call_etag(call, version);
    if (etag.value.p != NULL)
        return call_expect_match(call, etag.value);
    call_fail(call, ERR_MEMORY);
    return false;
}

static void put_submit(struct form_call *state);

static void put_done(struct change *change)
{
    struct form_call *state = form_call_of(
        (struct form_put *)(void *)((char *)change - offsetof(struct form_put, change)));
    struct call *call = state->call;
    if (change->err == ERR_OUTDATED && state->tries < JUDGE_TRIES) {
        call->op.detail[0] = '\0';
        call_refresh_directory(call);
        put_submit(state);
        return;
    }
    if (change->err != ERR_OK) {
        call_fail(call, change->err);
        return;
    }
    state->version = (struct form_version){.version = state->put.version,
                                           .at = call->op.now,
                                           .account_id = state->put.account_id,
                                           .document = state->put.document};
    answer_form(call, state, state->head == NULL ? 201 : 200);
}

/* On the read lane: a form may have a hundred patterns to compile, and thousands of texts for them.
 */
static enum err put_judge(struct core_read *read, struct db *db)
{
    (void)db;
    const struct call *call = call_of_read(read);
    struct form_call *state = call->state;
    const struct form_place place = {.directory = call->directory,
                                     .workspace = state->workspace,
                                     .name = state->name,
                                     .version = 1};
    struct form form;
    faults_init(&state->faults, read->op->arena);
    enum err err =
        form_read(read->op, read->op->arena, state->put.document, &place, &state->faults, &form);
    if (err != ERR_OK)
        return err;
    state->put.is_default = form.is_default;
    state->put.disabled = form.disabled;
    return ERR_OK;
}

/* Hands what has been judged to the write lane. */
static void put_judged(struct core_read *read)
{
    struct call *call = call_of_read(read);
    struct form_call *state = call->state;
    enum err err = read->err;
    if (err == ERR_INVALID) {
        call_fail_faults(call, &state->faults);
        return;
    }
    if (err == ERR_OK) {
        state->put.change.op = &call->op;
        state->put.change.done = put_done;
        state->put.directory = call->directory;
        state->put.workspace = state->workspace;
        state->put.name = state->name;
        state->put.account_id = call->caller->id;
        err = core_form_put(api_core(call->api), &state->put);
    }
    if (err != ERR_OK)
        call_fail(call, err);
}

/* Has the document judged by the directory that is in force. */
static void put_submit(struct form_call *state)
{
    struct call *call = state->call;
    state->tries++;
    state->workspace = directory_workspace_by_id(call->directory, state->workspace_id);
    if (state->workspace == NULL || call->caller == NULL ||
        !has_right(call, RIGHT_MANAGE, state->workspace)) {
        call_fail_status(call, 403, "Forms are changed by managers of the domain.");
        return;
    }
    state->head = workspace_form(state->workspace, state->name);
    if (condition_holds(call, state))
        call_read(call, put_judge, put_judged);
}

/* The body as it is stored and shown, and the form's name where the path has none. */
static bool take_document(struct call *call, struct form_call *state)
{
    struct str name;
    enum err err = form_document_take(&call->op, call->request->body, &state->put.document, &name);
    if (err != ERR_OK)
        call_fail(call, err);
    else if (state->name.p == NULL)
        state->name = name;
    return err == ERR_OK;
}

static bool name_right(struct call *call, const struct form_call *state)
{
    if (form_name_valid(state->name))
        return true;
    struct faults faults;
    faults_init(&faults, call->op.arena);
    fault_add(&faults, STR("name"), FAULT_WHOLE,
              state->name.p == NULL ? FAULT_REQUIRED : FAULT_WRONG_TYPE, (struct str_list){0},
              "name is 1 to 63 small letters, digits and dashes, and begins with no dash, such as "
              "customs-claim.");
    call_fail_faults(call, &faults);
    return false;
}

void form_create(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (!call_query_accept(call, parameters) || !call_expect_json(call))
        return;
    struct form_call *state = find_workspace(call, RIGHT_MANAGE);
    if (state == NULL || !take_document(call, state) || !name_right(call, state))
        return;
    state->make = true;
    put_submit(state);
}

void form_change(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (!call_query_accept(call, parameters) || !call_expect_json(call))
        return;
    struct form_call *state = find_name(call, RIGHT_MANAGE);
    if (state != NULL && name_right(call, state) && take_document(call, state))
        put_submit(state);
}
