/* GET and PATCH /workspaces/{key}/workdays. */
#include "model/workdays.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/part.h"
#include "api/query.h"
#include "api/rule.h"
#include "core/rule.h"
#include "store/rule.h"

#include <stddef.h>

#define AT(field) offsetof(struct workdays_draft, field)

static const struct body_member members[] = {
    {STR_INIT("weekdays"), MEMBER_TEXTS, true, true, AT(weekdays), 0},
    {STR_INIT("holidays"), MEMBER_TEXTS, true, true, AT(holidays), 0},
    {STR_INIT("remindAt"), MEMBER_TEXT, true, true, AT(remind_at), 0},
};

static void workdays_encode(struct json_writer *json, const struct workspace *workspace,
                            const struct workdays *workdays)
{
    json_begin_object(json, NULL);
    json_put_text(json, "workspace", workspace->key);
    json_put_weekdays(json, "weekdays", workdays->weekdays);
    json_begin_list(json, "holidays");
    for (size_t i = 0; i < workdays->holiday_count; i++)
        json_put_date(json, NULL, workdays->holidays[i]);
    json_end(json);
    json_put_minute(json, "remindAt", workdays->remind_at);
    json_put_text(json, "timezone", workspace->zone_name);
    json_put_i64(json, "version", workdays->version);
    json_end(json);
}

/* Never 304: the time zone is the workspace's. */
enum err workdays_get(struct call *call)
{
    const struct workspace *workspace;
    struct workdays workdays;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = rule_workspace(call, RIGHT_READ, &workspace);
    if (err == ERR_OK)
        err = store_workdays(call->db, &call->op, workspace->id, &workdays);
    if (err != ERR_OK)
        return err;
    workdays_encode(&call->json, workspace, &workdays);
    return call_answer_etag(call, workdays.version);
}

static enum err workdays_read(struct call *call, void *arg)
{
    struct workdays *workdays = arg;
    return store_workdays(call->db, &call->op, workdays->workspace_id, workdays);
}

enum err workdays_patch(struct call *call)
{
    struct workdays_save save = {
        .op = &call->op, .directory = call->directory, .actor_id = call->caller->id};
    struct workdays_draft draft = {0};
    struct workdays before = {0};
    struct faults faults;
    const struct json *body;
    faults_init(&faults, call->op.arena);
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = rule_workspace(call, RIGHT_MANAGE, &save.workspace);
    if (err != ERR_OK)
        return err;
    before.workspace_id = save.workspace->id;
    err = call_read_wait(call, workdays_read, &before);
    if (err == ERR_OK)
        err = call_expect_version(call, before.version);
    if (err != ERR_OK)
        return err;
    members_decode(members, sizeof members / sizeof members[0], body, false, call->op.arena,
                   &faults, &draft);
    err = workdays_judge(call->op.arena, &draft, &before, &faults, &save.workdays);
    save.before = &before;
    if (err == ERR_OK)
        err = core_workdays_save(api_core(call->api), &save);
    if (err != ERR_OK)
        return call_judged(call, err, &faults);
    workdays_encode(&call->json, save.workspace, &save.workdays);
    return call_answer_version(call, 200, save.workdays.version, NULL, STR_NONE);
}
