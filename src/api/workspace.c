/* GET and POST /workspaces, GET and PATCH /workspaces/{key}. */
#include "core/workspace.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "model/key.h"
#include "model/right.h"
#include "json/write.h"

static void workspace_encode(struct buf *buf, const struct workspace_settings *settings,
                             int64_t created_at, int64_t version)
{
    BUF_LIT(buf, "{\"key\":");
    buf_json_string(buf, settings->key);
    BUF_LIT(buf, ",\"domain\":");
    buf_json_string(buf, settings->domain_key);
    BUF_LIT(buf, ",\"name\":");
    buf_json_string(buf, settings->name);
    BUF_LIT(buf, ",\"timezone\":");
    buf_json_string(buf, settings->zone);
    BUF_LIT(buf, ",\"createdAt\":");
    encode_time(buf, created_at);
    BUF_LIT(buf, ",\"version\":");
    buf_i64(buf, version);
    buf_char(buf, '}');
}

static void encode_stored(struct buf *buf, const struct workspace *workspace)
{
    const struct workspace_settings settings = {workspace->key, workspace->domain->key,
                                                workspace->name, workspace->zone_name};
    workspace_encode(buf, &settings, workspace->created_at, workspace->version);
}

static bool sees(const struct call *call, const struct workspace *workspace)
{
    return right_reach(call->directory, call->caller, RIGHT_SEE, workspace) != REACH_NONE;
}

/* The one that the path names, if the caller may see it; else answers 404. */
static const struct workspace *find(struct call *call)
{
    struct str key = call->parameters[0];
    const struct workspace *workspace =
        key.n > KEY_MAX ? NULL : directory_workspace(call->directory, key);
    if (workspace != NULL && sees(call, workspace))
        return workspace;
    call_fail_status(call, 404, "There is no workspace %.*s, or you may not see it.",
                     STR_ARG(str_sub(key, 0, KEY_MAX)));
    return NULL;
}

/* ---- reading ---- */

void workspace_get(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (!call_query_accept(call, parameters))
        return;
    const struct workspace *workspace = find(call);
    if (workspace == NULL)
        return;
    encode_stored(&call->body, workspace);
    call_answer_version(call, 200, workspace->version, NULL, STR_NONE);
}

void workspace_list(struct call *call)
{
    static const char *const parameters[] = {"limit", "cursor", NULL};
    const struct directory *d = call->directory;
    int64_t limit, before, shown = 0, last = 0;
    if (!call_query_accept(call, parameters) || !call_query_limit(call, &limit) ||
        !call_query_cursor(call, &before))
        return;
    call_items_begin(call);
    for (size_t i = d->workspace_count; i > 0; i--) {
        const struct workspace *workspace = d->workspaces_by_id[i - 1];
        if ((before > 0 && workspace->id >= before) || !sees(call, workspace))
            continue;
        if (shown++ == limit)
            break;
        if (shown > 1)
            buf_char(&call->body, ',');
        encode_stored(&call->body, workspace);
        last = workspace->id;
    }
    call_items_end(call, shown > limit ? last : 0);
}

/* ---- making and changing ---- */

#define FIELD(field) offsetof(struct workspace_draft, field)

static const struct body_member members[] = {
    {STR_INIT("key"), MEMBER_TEXT, true, false, FIELD(key), 0},
    {STR_INIT("name"), MEMBER_TEXT, true, true, FIELD(name), 0},
    {STR_INIT("timezone"), MEMBER_TEXT, true, true, FIELD(zone), 0},
};

struct workspace_call {
    struct call_change base; /* first */
    struct workspace_save save;
};

static void change_done(struct change *done)
{
    struct workspace_call *change =
        (struct workspace_call *)(void *)((char *)done -
                                          offsetof(struct workspace_call, save.change));
    struct call *call = change->base.call;
    const struct workspace *before = change->save.before;
    if (done->err == ERR_OK) {
        int64_t version = before == NULL ? 1 : before->version + 1;
        workspace_encode(&call->body, &change->save.settings,
                         before == NULL ? call->op.now : before->created_at, version);
        call_answer_version(call, before == NULL ? 201 : 200, version, "/workspaces/",
                            change->save.settings.key);
    } else {
        call_change_failed(&change->base, done->err);
    }
}

/* The workspace before, found anew, and held against If-Match; false when that is answered. */
static bool change_find(struct call *call, struct workspace_save *save)
{
    const struct workspace *before = find(call);
    if (before == NULL) /* and answered: nothing of the call is there any more */
        return false;
    save->before = before;
    if (right_manages(call->directory, call->caller, before->domain))
        return call_expect_version(call, before->version);
    call_fail_status(call, 403, "Workspaces are changed by the managers of their domain.");
    return false;
}

static void change_start(struct call_change *base)
{
    struct call *call = base->call;
    struct workspace_save *save = &((struct workspace_call *)(void *)base)->save;
    struct workspace_draft draft = {0};
    struct faults faults;
    if (!base->new && !change_find(call, save))
        return;
    faults_init(&faults, call->op.arena);
    members_decode(members, sizeof members / sizeof members[0], base->body, base->new,
                   call->op.arena, &faults, &draft);
    enum err err = workspace_judge(&call->op, &draft, save->before, call->directory, call->caller,
                                   &faults, &save->settings);
    if (!call_change_judged(base, err, &faults))
        return;
    save->change.op = &call->op;
    save->change.done = change_done;
    save->directory = call->directory;
    save->actor_id = call->caller->id;
    err = workspace_save(api_core(call->api), save);
    if (err != ERR_OK)
        call_fail(call, err);
}

static void change_begin(struct call *call, bool new)
{
    const struct json *body = call_body(call, false);
    if (body != NULL)
        call_change_begin(call, sizeof(struct workspace_call), body, new, change_start);
}

void workspace_create(struct call *call)
{
    change_begin(call, true);
}

void workspace_patch(struct call *call)
{
    change_begin(call, false);
}
