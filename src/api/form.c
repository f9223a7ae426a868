/* ApiForms under /workspaces/{key}/forms: list, read, make, change, and their versions. */
#include "api/form_call.h"

#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "core/form_cache.h"
#include "form/form_document.h"
#include "form/form_json.h"
#include "model/key.h"
#include "model/label.h"

/* ---- what the path names ---- */

static bool has_right(const struct call *call, enum right right, const struct workspace *workspace)
{
    return right_reach(call->directory, call->caller, right, workspace) != REACH_NONE;
}

/* The workspace, if the caller has the right there; else 404, or 403 where it may see it. */
static enum err find_workspace(struct call *call, enum right right,
                               const struct workspace **ret_workspace)
{
    struct str key = call->parameters[0];
    const struct workspace *workspace =
        key.n > KEY_MAX ? NULL : directory_workspace(call->directory, key);
    if (workspace == NULL || !has_right(call, RIGHT_SEE, workspace))
        return call_refuse(call, 404, "There is no workspace %.*s, or you may not see it.",
                           STR_ARG(str_sub(key, 0, KEY_MAX)));
    if (!has_right(call, right, workspace))
        return call_refuse(call, 403,
                           "To change forms you need the role of a manager of the domain.");
    *ret_workspace = workspace;
    return ERR_OK;
}

/* The same, with the form's name, of which there need not be a form. */
static enum err find_name(struct call *call, enum right right, struct form_named *named)
{
    enum err err = find_workspace(call, right, &named->workspace);
    if (err != ERR_OK)
        return err;
    named->head = workspace_form(named->workspace, call->parameters[1]);
    named->name =
        named->head == NULL ? call->parameters[1] : arena_str(call->op.arena, named->head->name);
    return named->name.p == NULL ? ERR_MEMORY : ERR_OK;
}

static bool built_in(const struct form_named *named)
{
    return named->head == NULL && str_eq(named->name, form_default.name);
}

enum err form_find(struct call *call, struct form_named *ret_named)
{
    enum err err = find_name(call, RIGHT_SEE, ret_named);
    if (err != ERR_OK || ret_named->head != NULL || built_in(ret_named))
        return err;
    return call_refuse(call, 404, "There is no form \"%.*s\" in %.*s.",
                       STR_ARG(str_sub(ret_named->name, 0, 100)),
                       STR_ARG(ret_named->workspace->key));
}

/* ---- the list ---- */

/* Each title is read from its form, which may be large: of more forms none is said. */
enum { TITLED_MAX = 100, TITLE_ARENA = 64 * 1024 * 1024 };

static void encode_head(struct json_writer *json, const struct form_head *head, struct str title)
{
    json_begin_object(json, NULL);
    json_put_text(json, "name", head->name);
    json_put_text(json, "title", title);
    json_put_i64(json, "version", head->version);
    json_put_flag(json, "default", head->is_default);
    json_put_flag(json, "disabled", head->disabled);
    json_end(json);
}

static enum err encode_titled(struct call *call, const struct form_head *head, struct str language)
{
    struct form_cache *cache = core_forms(api_core(call->api));
    const struct form *form = form_cache_take(cache, head);
    struct arena arena;
    struct op op = {.arena = &arena, .now = call->op.now};
    enum err err = ERR_OK;
    arena_init(&arena, TITLE_ARENA);
    if (form == NULL)
        err = form_cache_load(cache, call->db, &op, head, &form);
    if (err == ERR_OK)
        encode_head(&call->json, head, label_pick(form->title, language));
    else
        err = op_fail(&call->op, err, "%s", op.detail);
    form_release(form);
    arena_finish(&arena);
    return err;
}

/* ?language= is that of titles. A workspace has few forms, so that one page has them all. */
enum err form_list(struct call *call)
{
    static const char *const parameters[] = {"language", NULL};
    const struct workspace *workspace;
    enum err err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = find_workspace(call, RIGHT_SEE, &workspace);
    if (err != ERR_OK)
        return err;
    struct str language = call_query(call, "language");
    if (language.p != NULL && !language_valid(language))
        return call_refuse(call, 400, "language must be a language tag such as nl or pt-BR.");
    call_items_begin(call);
    if (workspace_form(workspace, form_default.name) == NULL)
        encode_head(&call->json,
                    &(struct form_head){.name = form_default.name,
                                        .version = FORM_BUILT_IN_VERSION,
                                        .is_default = workspace->default_form == NULL},
                    STR_NONE);
    for (size_t i = 0; i < workspace->form_count && err == ERR_OK; i++) {
        const struct form_head *head = &workspace->forms[i];
        if (workspace->form_count > TITLED_MAX)
            encode_head(&call->json, head, STR_NONE);
        else
            err = encode_titled(call, head, language);
    }
    return err == ERR_OK ? call_items_end(call, 0) : err;
}

/* ---- one form ---- */

static enum err answer_form(struct call *call, const struct form_named *named,
                            const struct form_version *version, int status)
{
    const struct account *account = directory_account_by_id(call->directory, version->account_id);
    struct json_writer *json = &call->json;
    json_begin_object(json, NULL);
    json_put_text(json, "name", named->name);
    json_put_text(json, "workspace", named->workspace->key);
    json_put_i64(json, "version", version->version);
    json_put_time(json, "changedAt", version->at == 0 ? TIME_NONE : version->at);
    json_put_text(json, "changedBy", account == NULL ? STR_NONE : account->email);
    json_put_raw(json, "form", version->document);
    json_end(json);
    struct str folder =
        arena_printf(call->op.arena, "/workspaces/%.*s/forms/", STR_ARG(named->workspace->key));
    return folder.p == NULL
               ? ERR_MEMORY
               : call_answer_version(call, status, version->version, folder.p, named->name);
}

enum err form_read_version(struct call *call, const struct form_named *named,
                           struct form_version *ret_version)
{
    struct str text = call_query(call, "version");
    uint64_t asked = 0;
    if (text.p != NULL && (!str_to_u64(text, INT64_MAX, &asked) || asked == 0))
        return call_refuse(call, 400, "version must be a number of at least 1, not \"%.*s\".",
                           STR_ARG(text));
    int64_t number = asked == 0 && named->head != NULL ? named->head->version : (int64_t)asked;

    /* A stored form "default" comes after the built-in one, which is its first version. */
    bool named_default = str_eq(named->name, form_default.name);
    enum err err = ERR_NOT_FOUND;
    if (built_in(named) ? number <= FORM_BUILT_IN_VERSION
                        : named_default && number == FORM_BUILT_IN_VERSION) {
        *ret_version =
            (struct form_version){.version = FORM_BUILT_IN_VERSION, .document = STR("{}")};
        return ERR_OK;
    }
    if (named->head != NULL)
        err = store_form_version_get(call->db, &call->op, named->head->id, number, ret_version);
    if (err == ERR_NOT_FOUND)
        return call_refuse(call, 404, "The form %.*s has no such version.", STR_ARG(named->name));
    return err;
}

/* ?version= asks for an older one. */
enum err form_get(struct call *call)
{
    static const char *const parameters[] = {"version", NULL};
    struct form_named named;
    struct form_version version;
    enum err err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = form_find(call, &named);
    if (err == ERR_OK)
        err = form_read_version(call, &named, &version);
    return err == ERR_OK ? answer_form(call, &named, &version, 200) : err;
}

static void encode_version(struct call *call, const struct form_version *version)
{
    const struct account *account = directory_account_by_id(call->directory, version->account_id);
    json_begin_object(&call->json, NULL);
    json_put_i64(&call->json, "version", version->version);
    json_put_time(&call->json, "changedAt", version->at);
    json_put_text(&call->json, "changedBy", account == NULL ? STR_NONE : account->email);
    json_end(&call->json);
}

enum err form_versions(struct call *call)
{
    struct form_named named;
    struct form_version_list versions = {0};
    int64_t limit, before;
    enum err err = call_query_page(call, &limit, &before);
    if (err == ERR_OK)
        err = form_find(call, &named);
    /* The built-in form was never changed, so it has no versions to show. */
    if (err == ERR_OK && named.head != NULL)
        err =
            store_form_versions(call->db, &call->op, named.head->id, before, limit + 1, &versions);
    if (err != ERR_OK)
        return err;
    size_t shown = versions.n > (size_t)limit ? (size_t)limit : versions.n;
    call_items_begin(call);
    for (size_t i = 0; i < shown; i++)
        encode_version(call, &versions.items[i]);
    return call_items_end(call, versions.n > shown ? versions.items[shown - 1].version : 0);
}

/* ---- making and changing ---- */

/* Is there what the caller says there is, or nothing where nothing must be? `creates`: POST. */
static enum err expect_condition(struct call *call, const struct form_named *named, bool creates)
{
    const struct form_head *head = named->head;
    struct str none = str_trim(http_header_get(call->request, STR("if-none-match")));
    bool match = http_header_count(call->request, STR("if-match")) > 0;
    if (head != NULL && creates)
        return call_refuse(call, 409, "The form %.*s already exists in %.*s; change it with PUT.",
                           STR_ARG(head->name), STR_ARG(named->workspace->key));
    if (head != NULL && !match && str_eq(none, STR("*")))
        return call_refuse(call, 412, "The form %.*s already exists.", STR_ARG(head->name));
    if (creates || (head == NULL && !match))
        return ERR_OK;
    int64_t version = built_in(named) ? FORM_BUILT_IN_VERSION : 0;
    return call_expect_version(call, head != NULL ? head->version : version);
}

static enum err expect_name(struct call *call, struct str name)
{
    if (form_name_valid(name))
        return ERR_OK;
    struct faults faults;
    faults_init(&faults, call->op.arena);
    fault_add(&faults, STR("name"), FAULT_WHOLE, name.p == NULL ? FAULT_REQUIRED : FAULT_WRONG_TYPE,
              NO_OPTIONS,
              "name must be 1 to 63 lower-case letters, digits and dashes, not starting with a "
              "dash, such as customs-claim.");
    return call_refuse_faults(call, &faults);
}

/* {"valid":true,"form","schema","sample"}: what the form would be. */
static enum err answer_preview(struct call *call, const struct form_named *named,
                               struct str document, const struct form *form)
{
    json_begin_object(&call->json, NULL);
    json_put_flag(&call->json, "valid", true);
    json_put_raw(&call->json, "form", document);
    enum err err = form_encode_preview(call, named, form);
    json_end(&call->json);
    return err == ERR_OK ? call_answer_json(call, 200) : err;
}

/* Judges the document, stores it as a new version, and answers with that; or, in a dry run, says what
 * it would ask for. */
static enum err put_and_answer(struct call *call, const struct form_named *named,
                               struct str document, bool dry_run)
{
    struct form form;
    struct faults faults;
    const struct form_place place = {.directory = call->directory,
                                     .workspace = named->workspace,
                                     .name = named->name,
                                     .version = 1};
    faults_init(&faults, call->op.arena);
    enum err err = form_read(&call->op, call->op.arena, document, &place, &faults, &form);
    if (err != ERR_OK)
        return call_judged(call, err, &faults);
    if (dry_run)
        return answer_preview(call, named, document, &form);

    struct form_put put = {.op = &call->op,
                           .directory = call->directory,
                           .workspace = named->workspace,
                           .name = named->name,
                           .document = document,
                           .is_default = form.is_default,
                           .disabled = form.disabled,
                           .account_id = call->caller->id};
    err = core_form_put(api_core(call->api), &put);
    if (err != ERR_OK)
        return err;
    const struct form_version version = {.version = put.version,
                                         .at = call->op.now,
                                         .account_id = put.account_id,
                                         .document = document};
    return answer_form(call, named, &version, named->head == NULL ? 201 : 200);
}

static enum err dry_run_read(struct call *call, bool *ret_dry_run)
{
    static const char *const parameters[] = {"dryRun", NULL};
    enum err err = call_query_accept(call, parameters);
    return err == ERR_OK ? call_query_flag(call, "dryRun", ret_dry_run) : err;
}

/* POST: the name is in the document. */
enum err form_create(struct call *call)
{
    struct form_named named;
    struct str document;
    bool dry_run;
    enum err err = dry_run_read(call, &dry_run);
    if (err == ERR_OK)
        err = call_expect_json(call);
    if (err == ERR_OK)
        err = find_workspace(call, RIGHT_MANAGE, &named.workspace);
    if (err == ERR_OK)
        err = form_document_take(&call->op, call->request->body, &document, &named.name);
    if (err == ERR_OK)
        err = expect_name(call, named.name);
    if (err != ERR_OK)
        return err;
    named.head = workspace_form(named.workspace, named.name);
    err = expect_condition(call, &named, true);
    return err == ERR_OK ? put_and_answer(call, &named, document, dry_run) : err;
}

/* PUT: the name is in the path. */
enum err form_change(struct call *call)
{
    struct form_named named;
    struct str document, name;
    bool dry_run;
    enum err err = dry_run_read(call, &dry_run);
    if (err == ERR_OK)
        err = call_expect_json(call);
    if (err == ERR_OK)
        err = find_name(call, RIGHT_MANAGE, &named);
    if (err == ERR_OK)
        err = expect_name(call, named.name);
    if (err == ERR_OK)
        err = form_document_take(&call->op, call->request->body, &document, &name);
    if (err == ERR_OK && !dry_run)
        err = expect_condition(call, &named, false);
    return err == ERR_OK ? put_and_answer(call, &named, document, dry_run) : err;
}
