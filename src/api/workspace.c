/* GET and POST /workspaces, GET and PATCH /workspaces/{key}. */
#include "core/workspace.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "model/key.h"
#include "model/right.h"

static void workspace_encode(struct json_writer *json, const struct workspace_settings *settings,
                             int64_t created_at, int64_t version)
{
    json_begin_object(json, NULL);
    json_put_text(json, "key", settings->key);
    json_put_text(json, "domain", settings->domain_key);
    json_put_text(json, "name", settings->name);
    json_put_text(json, "timezone", settings->zone);
    json_put_time(json, "createdAt", created_at);
    json_put_i64(json, "version", version);
    json_end(json);
}

static void encode_stored(struct json_writer *json, const struct workspace *workspace)
{
    const struct workspace_settings settings = {workspace->key, workspace->domain->key,
                                                workspace->name, workspace->zone_name};
    workspace_encode(json, &settings, workspace->created_at, workspace->version);
}

static bool sees(const struct call *call, const struct workspace *workspace)
{
    return right_reach(call->directory, call->caller, RIGHT_SEE, workspace) != REACH_NONE;
}

/* The one that the path names, if the caller may see it; else 404. */
static enum err workspace_find(struct call *call, const struct workspace **ret_workspace)
{
    struct str key = call->parameters[0];
    const struct workspace *workspace =
        key.n > KEY_MAX ? NULL : directory_workspace(call->directory, key);
    if (workspace == NULL || !sees(call, workspace))
        return call_refuse(call, 404, "There is no workspace %.*s, or you may not see it.",
                           STR_ARG(str_sub(key, 0, KEY_MAX)));
    *ret_workspace = workspace;
    return ERR_OK;
}

enum err workspace_get(struct call *call)
{
    const struct workspace *workspace;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = workspace_find(call, &workspace);
    if (err != ERR_OK)
        return err;
    encode_stored(&call->json, workspace);
    return call_answer_version(call, 200, workspace->version, NULL, STR_NONE);
}

enum err workspace_list(struct call *call)
{
    const struct directory *d = call->directory;
    int64_t limit, before, shown = 0, last = 0;
    enum err err = call_query_page(call, &limit, &before);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = d->workspace_count; i > 0; i--) {
        const struct workspace *workspace = d->workspaces_by_id[i - 1];
        if ((before > 0 && workspace->id >= before) || !sees(call, workspace))
            continue;
        if (shown++ == limit)
            break;
        encode_stored(&call->json, workspace);
        last = workspace->id;
    }
    return call_items_end(call, shown > limit ? last : 0);
}

#define AT(field) offsetof(struct workspace_draft, field)

static const struct body_member members[] = {
    {STR_INIT("key"), MEMBER_TEXT, true, false, AT(key), 0},
    {STR_INIT("name"), MEMBER_TEXT, true, true, AT(name), 0},
    {STR_INIT("timezone"), MEMBER_TEXT, true, true, AT(zone), 0},
};

/* Judges the body, stores it, and answers with the resulting workspace. `before` NULL: a new
 * one. */
static enum err save_and_answer(struct call *call, const struct json *body,
                                const struct workspace *before)
{
    struct workspace_draft draft = {0};
    struct workspace_save save = {.op = &call->op,
                                  .directory = call->directory,
                                  .before = before,
                                  .actor_id = call->caller->id};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    members_decode(members, sizeof members / sizeof members[0], body, before == NULL,
                   call->op.arena, &faults, &draft);
    enum err err = workspace_judge(&call->op, &draft, before, call->directory, call->caller,
                                   &faults, &save.settings);
    if (err == ERR_OK)
        err = workspace_save(api_core(call->api), &save);
    if (err != ERR_OK)
        return call_judged(call, err, &faults);

    int64_t version = before == NULL ? 1 : before->version + 1;
    workspace_encode(&call->json, &save.settings,
                     before == NULL ? call->op.now : before->created_at, version);
    return call_answer_version(call, before == NULL ? 201 : 200, version, "/workspaces/",
                               save.settings.key);
}

enum err workspace_create(struct call *call)
{
    const struct json *body;
    enum err err = call_body(call, false, &body);
    return err == ERR_OK ? save_and_answer(call, body, NULL) : err;
}

enum err workspace_patch(struct call *call)
{
    const struct workspace *before;
    const struct json *body;
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = workspace_find(call, &before);
    if (err == ERR_OK && !right_manages(call->directory, call->caller, before->domain))
        err = call_refuse(call, 403,
                          "To change a workspace you need the role of a manager of its domain.");
    if (err == ERR_OK)
        err = call_expect_version(call, before->version);
    return err == ERR_OK ? save_and_answer(call, body, before) : err;
}
