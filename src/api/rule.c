/* GET and POST /workspaces/{key}/rules, GET, PATCH and DELETE /workspaces/{key}/rules/{id}. */
#include "core/rule.h"
#include "api/accept_language.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/part.h"
#include "api/query.h"
#include "api/rule.h"
#include "core/rule_recur.h"
#include "json/read.h"
#include "model/key.h"
#include "model/right.h"
#include "store/rule.h"

#include <stddef.h>

/* ---- decode, encode ---- */

#define AT(field) offsetof(struct rule_draft, field)

static const struct body_member members[] = {
    {STR_INIT("kind"), MEMBER_TEXT, true, false, AT(kind), 0},
    {STR_INIT("name"), MEMBER_TEXT, true, true, AT(name), 0},
    {STR_INIT("position"), MEMBER_NUMBER, true, true, AT(place), AT(place_sent)},
    {STR_INIT("active"), MEMBER_FLAG, true, true, AT(active), AT(active_sent)},
    {STR_INIT("filter"), MEMBER_TEXT, true, true, AT(filter), 0},
    {STR_INIT("people"), MEMBER_TEXTS, true, true, AT(people), 0},
    {STR_INIT("steps"), MEMBER_LIST, true, true, AT(steps), 0},
    {STR_INIT("days"), MEMBER_NUMBER, true, true, AT(days), AT(days_sent)},
    {STR_INIT("notify"), MEMBER_TEXTS, true, true, AT(notify), 0},
    {STR_INIT("backlog"), MEMBER_FLAG, true, true, AT(backlog), AT(backlog_sent)},
    {STR_INIT("schedule"), MEMBER_OBJECT, true, true, AT(schedule), 0},
    {STR_INIT("template"), MEMBER_OBJECT, true, true, AT(template), 0},
    {STR_INIT("missed"), MEMBER_TEXT, true, true, AT(missed), 0},
};

/* Would its template be accepted for its next date? By call->db. */
static enum err template_judge(struct call *call, const struct workspace *workspace,
                               const struct rule *rule, struct faults *faults)
{
    struct task_create create = {
        .change.op = &call->op, .directory = call->directory, .workspace = workspace};
    int32_t today = zone_date(workspace->zone, call->op.now);
    int32_t date = schedule_next(&rule->schedule, today - 1);
    return recur_judge(api_core(call->api), call->db, rule, date == DATE_NONE ? today : date,
                       faults, &create);
}

/* Why it does not do what it says; absent: it does. */
static enum err problem_of(struct call *call, const struct workspace *workspace,
                           const struct rule *rule, struct str *ret_problem)
{
    struct task_filter filter;
    struct faults faults;
    if (rule->kind != RULE_RECUR)
        return rule_filter(&call->op, rule, call->directory, &filter, ret_problem);
    *ret_problem = STR_NONE;
    if (call->db == NULL) /* it has just been judged */
        return ERR_OK;
    faults_init(&faults, call->op.arena);
    enum err err = template_judge(call, workspace, rule, &faults);
    if (err == ERR_INVALID && faults.n > 0)
        *ret_problem = faults.items[0].detail;
    if (err == ERR_CORRUPT) { /* the form cannot be read */
        *ret_problem = arena_str(call->op.arena, str_of(call->op.detail));
        op_forget(&call->op);
    }
    return err == ERR_INVALID || err == ERR_CORRUPT ? ERR_OK : err;
}

static enum err rule_encode(struct call *call, const struct workspace *workspace,
                            const struct rule *rule)
{
    struct json_writer *json = &call->json;
    const struct account *author = directory_account_by_id(call->directory, rule->author_id);
    struct str problem;
    enum err err = problem_of(call, workspace, rule, &problem);
    if (err != ERR_OK)
        return err;
    json_begin_object(json, NULL);
    json_put_id(json, "id", rule->id);
    json_put_text(json, "workspace", workspace->key);
    json_put_text(json, "kind", rule_kind_name(rule->kind));
    json_put_text(json, "name", rule->name);
    json_put_i64(json, "position", rule->place);
    json_put_flag(json, "active", rule->active_at != TIME_NONE);
    json_put_time(json, "activeSince", rule->active_at);
    json_put_rule_members(json, rule);
    json_put_text(json, "problem", problem);
    json_put_text(json, "changedBy", author == NULL ? STR_NONE : author->email);
    json_put_time(json, "createdAt", rule->created_at);
    json_put_time(json, "updatedAt", rule->updated_at);
    json_put_i64(json, "version", rule->version);
    json_end(json);
    return ERR_OK;
}

/* ---- finding ---- */

enum err rule_workspace(struct call *call, enum right right, const struct workspace **ret_workspace)
{
    struct str key = call->parameters[0];
    call_language(call); /* of what its rules' filters lack */
    const struct workspace *workspace =
        key.n > KEY_MAX ? NULL : directory_workspace(call->directory, key);
    if (workspace == NULL ||
        right_reach(call->directory, call->caller, RIGHT_READ, workspace) == REACH_NONE)
        return call_refuse(call, 404, "There is no workspace %.*s, or you may not see it.",
                           STR_ARG(str_sub(key, 0, KEY_MAX)));
    if (right_reach(call->directory, call->caller, right, workspace) != REACH_ALL)
        return call_refuse(call, 403,
                           "To change what happens by itself in a workspace you need the role of a "
                           "manager of its domain.");
    *ret_workspace = workspace;
    return ERR_OK;
}

struct rule_found {
    const struct workspace *workspace;
    struct rule rule;
};

/* The rule that the path names. */
static enum err rule_find(struct call *call, void *arg)
{
    struct rule_found *found = arg;
    uint64_t id;
    enum err err = str_to_u64(call->parameters[1], INT64_MAX, &id)
                       ? store_rule_get(call->db, &call->op, (int64_t)id, &found->rule)
                       : ERR_NOT_FOUND;
    if (err == ERR_NOT_FOUND || (err == ERR_OK && found->rule.workspace_id != found->workspace->id))
        return call_refuse(call, 404, "There is no rule %.*s in %.*s.",
                           STR_ARG(str_sub(call->parameters[1], 0, 40)),
                           STR_ARG(found->workspace->key));
    return err;
}

/* ---- reading ---- */

/* A workspace has few rules, so that one page has them all. */
enum err rule_list(struct call *call)
{
    const struct workspace *workspace;
    struct rule_list rules = {0};
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = rule_workspace(call, RIGHT_READ, &workspace);
    if (err == ERR_OK)
        err = store_rules(call->db, &call->op, workspace->id, &rules);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = 0; i < rules.n && err == ERR_OK; i++)
        err = rule_encode(call, workspace, &rules.items[i]);
    return err == ERR_OK ? call_items_end(call, 0) : err;
}

/* Never 304: whether its filter still names something changes without the rule. */
enum err rule_get(struct call *call)
{
    struct rule_found found;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = rule_workspace(call, RIGHT_READ, &found.workspace);
    if (err == ERR_OK)
        err = rule_find(call, &found);
    if (err == ERR_OK)
        err = rule_encode(call, found.workspace, &found.rule);
    if (err != ERR_OK)
        return err;
    return call_answer_etag(call, found.rule.version);
}

/* ---- making and changing ---- */

static enum err body_read(struct call *call, const struct json **ret_body)
{
    enum err err = call_expect_json(call);
    if (err == ERR_OK)
        err = json_read(&call->op, call->op.arena, call->request->body, ret_body);
    if (err == ERR_OK && (*ret_body)->kind != JSON_OBJECT)
        err = op_fail(&call->op, ERR_SYNTAX, "The body must be a JSON object.");
    return err;
}

static enum err rule_save(struct call *call, const struct workspace *workspace,
                          const struct rule *before, const struct rule *rule)
{
    struct rule_save save = {.op = &call->op,
                             .directory = call->directory,
                             .workspace = workspace,
                             .before = before,
                             .rule = *rule,
                             .actor_id = call->caller->id};
    enum err err = core_rule_save(api_core(call->api), &save);
    if (err == ERR_OK)
        err = rule_encode(call, workspace, &save.rule);
    struct str folder =
        arena_printf(call->op.arena, "/workspaces/%.*s/rules/", STR_ARG(workspace->key));
    struct str id = arena_printf(call->op.arena, "%lld", (long long)save.rule.id);
    if (err == ERR_OK && (folder.p == NULL || id.p == NULL))
        err = ERR_MEMORY;
    return err == ERR_OK ? call_answer_version(call, before == NULL ? 201 : 200, save.rule.version,
                                               folder.p, id)
                         : err;
}

struct template_read {
    const struct workspace *workspace;
    const struct rule *rule;
    struct faults *faults;
};

static enum err template_read(struct call *call, void *arg)
{
    const struct template_read *read = arg;
    return template_judge(call, read->workspace, read->rule, read->faults);
}

/* The template that was sent, or is there, as a report of the caller's. */
static enum err template_take(struct call *call, const struct workspace *workspace,
                              struct faults *faults, struct rule *rule)
{
    struct template_read read = {workspace, rule, faults};
    if (rule->template.n > RULE_TEMPLATE_MAX) {
        fault_add(faults, STR("template"), FAULT_WHOLE, FAULT_TOO_LONG, NO_OPTIONS,
                  "template has %zu bytes; at most %d are possible.", rule->template.n,
                  RULE_TEMPLATE_MAX);
        return ERR_INVALID;
    }
    rule->author_id = call->caller->id;
    faults->base = STR("/template");
    return call_read_wait(call, template_read, &read);
}

/* Of a rule with other faults: a template that was sent is judged for today, so that one answer has all
 * faults. */
static enum err template_fault(struct call *call, const struct workspace *workspace,
                               const struct rule_draft *draft, const struct rule *before,
                               struct faults *faults)
{
    int32_t today = zone_date(workspace->zone, call->op.now);
    enum rule_kind kind = RULE_KINDS;
    if (before != NULL)
        kind = before->kind;
    else if (draft->kind.p == NULL || !rule_kind_read(draft->kind, &kind))
        return ERR_INVALID;
    if (draft->template == NULL || kind != RULE_RECUR)
        return ERR_INVALID;
    struct rule rule = {.kind = kind,
                        .template = draft->template->raw,
                        .schedule = {.interval = 1, .from = today, .until = DATE_NONE}};
    enum err err = template_take(call, workspace, faults, &rule);
    return err == ERR_OK ? ERR_INVALID : err;
}

/* Judges the body, stores it, and answers with the resulting rule; or, in a dry run, says what it
 * would have done. `before` NULL: a new one. */
static enum err judge_and_answer(struct call *call, const struct workspace *workspace,
                                 const struct rule *before, bool dry_run)
{
    struct rule_draft draft = {0};
    struct rule rule;
    struct faults faults;
    const struct json *body;
    faults_init(&faults, call->op.arena);
    enum err err = body_read(call, &body);
    if (err != ERR_OK)
        return err;
    members_decode(members, sizeof members / sizeof members[0], body, before == NULL,
                   call->op.arena, &faults, &draft);
    err = rule_judge(&call->op, &draft, before, call->directory, workspace, &faults, &rule);
    if (err == ERR_OK && rule.kind == RULE_RECUR)
        err = template_take(call, workspace, &faults, &rule);
    else if (err == ERR_INVALID)
        err = template_fault(call, workspace, &draft, before, &faults);
    if (err != ERR_OK)
        return call_judged(call, err, &faults);
    return dry_run ? rule_past_answer(call, workspace, &rule)
                   : rule_save(call, workspace, before, &rule);
}

static enum err dry_run_read(struct call *call, bool *ret_dry_run)
{
    static const char *const parameters[] = {"dryRun", NULL};
    enum err err = call_query_accept(call, parameters);
    return err == ERR_OK ? call_query_flag(call, "dryRun", ret_dry_run) : err;
}

enum err rule_create(struct call *call)
{
    const struct workspace *workspace;
    bool dry_run;
    enum err err = dry_run_read(call, &dry_run);
    if (err == ERR_OK)
        err = rule_workspace(call, RIGHT_MANAGE, &workspace);
    return err == ERR_OK ? judge_and_answer(call, workspace, NULL, dry_run) : err;
}

enum err rule_patch(struct call *call)
{
    struct rule_found found;
    bool dry_run;
    enum err err = dry_run_read(call, &dry_run);
    if (err == ERR_OK)
        err = rule_workspace(call, RIGHT_MANAGE, &found.workspace);
    if (err == ERR_OK)
        err = call_read_wait(call, rule_find, &found);
    if (err == ERR_OK)
        err = call_expect_version(call, found.rule.version);
    return err == ERR_OK ? judge_and_answer(call, found.workspace, &found.rule, dry_run) : err;
}

/* If-Match is looked at when it is sent. */
enum err rule_delete(struct call *call)
{
    struct rule_found found;
    struct rule_save save = {
        .op = &call->op, .directory = call->directory, .actor_id = call->caller->id};
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = rule_workspace(call, RIGHT_MANAGE, &found.workspace);
    if (err == ERR_OK)
        err = call_read_wait(call, rule_find, &found);
    if (err == ERR_OK && http_header_count(call->request, STR("if-match")) > 0)
        err = call_expect_version(call, found.rule.version);
    if (err != ERR_OK)
        return err;
    save.workspace = found.workspace;
    save.before = &found.rule;
    save.rule = found.rule;
    save.rule.ended_at = call->op.now;
    save.rule.active_at = TIME_NONE;
    err = core_rule_save(api_core(call->api), &save);
    return err == ERR_OK ? call_answer_empty(call) : err;
}
