/* /single-sign-on: how it is set, which groups give which roles, and an admin's test of it. */
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/sso.h"
#include "base/container.h"
#include "core/identity.h"
#include "model/faults.h"
#include "model/key.h"
#include "oidc/provider.h"
#include "store/identity.h"

#include <stddef.h>

static enum err expect_admin(struct call *call)
{
    return directory_is_admin(call->caller) ? ERR_OK
                                            : call_refuse(call, 403, "Only an admin can do this.");
}

/* ---- GET /single-sign-on ---- */

static struct str text_or_none(struct str text)
{
    return text.n > 0 ? text : STR_NONE;
}

enum err single_sign_on_get(struct call *call)
{
    const struct api_sign_in *settings = api_sign_in(call->api);
    bool on = settings->provider != NULL;
    struct json_writer *json = &call->json;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = expect_admin(call);
    if (err != ERR_OK)
        return err;
    struct str back =
        arena_printf(call->op.arena, "%.*s/app/sso/callback", STR_ARG(api_public_url(call->api)));
    json_begin_object(json, NULL);
    json_put_text(json, "issuer", on ? provider_issuer(settings->provider) : STR_NONE);
    json_put_text(json, "clientId", on ? settings->client_id : STR_NONE);
    json_put_text(json, "scopes", on ? settings->scopes : STR_NONE);
    json_put_text(json, "groupsClaim", on ? settings->groups_claim : STR_NONE);
    json_put_text(json, "redirectUri", back);
    json_put_text(json, "label", text_or_none(settings->label));
    json_put_text(json, "help", text_or_none(settings->help));
    json_put_i64(json, "checkSeconds", settings->check_ms / 1000);
    json_put_i64(json, "graceSeconds", settings->grace_ms / 1000);
    json_put_flag(json, "localPasswords", settings->passwords);
    json_end(json);
    return back.p == NULL ? ERR_MEMORY : call_answer_json(call, 200);
}

/* ---- /single-sign-on/rules ---- */

struct group_rule_draft {
    struct str group, domain, role;
};

#define AT(field) offsetof(struct group_rule_draft, field)

static const struct body_member rule_members[] = {
    {STR_INIT("group"), MEMBER_TEXT, true, true, AT(group), 0},
    {STR_INIT("domain"), MEMBER_TEXT, true, true, AT(domain), 0},
    {STR_INIT("role"), MEMBER_TEXT, true, true, AT(role), 0},
};

static void rule_encode(struct call *call, const struct group_rule *rule)
{
    struct json_writer *json = &call->json;
    const struct domain *domain = directory_domain_by_id(call->directory, rule->domain_id);
    json_begin_object(json, NULL);
    json_put_id(json, "id", rule->id);
    json_put_text(json, "group", rule->group);
    json_put_text(json, "domain", domain == NULL ? STR_NONE : domain->key);
    json_put_text(json, "role", str_of(role_name(rule->role)));
    json_put_i64(json, "people", rule->people);
    json_put_time(json, "createdAt", rule->created_at);
    json_end(json);
}

enum err group_rule_list(struct call *call)
{
    struct group_rules rules;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = expect_admin(call);
    if (err == ERR_OK)
        err = store_group_rules(call->db, &call->op, &rules);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = 0; i < rules.n; i++)
        rule_encode(call, &rules.items[i]);
    return call_items_end(call, 0);
}

static void group_rule_judge(const struct call *call, const struct group_rule_draft *draft,
                             struct faults *faults, struct group_rule_save *save)
{
    static const struct str roles[] = {STR_INIT("viewer"), STR_INIT("member"), STR_INIT("manager")};
    struct str group = utf8_trim(draft->group);
    enum role role = ROLE_NONE;
    save->domain =
        draft->domain.n > KEY_MAX ? NULL : directory_domain(call->directory, draft->domain);
    if (!utf8_visible(group) || group.n > GROUP_NAME_MAX)
        fault_add(faults, STR("group"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "group is required: a group as the provider names it, of at most %d bytes.",
                  GROUP_NAME_MAX);
    if (save->domain == NULL)
        fault_add(faults, STR("domain"), FAULT_WHOLE, FAULT_UNKNOWN_DOMAIN, NO_OPTIONS,
                  "There is no domain \"%.*s\".", STR_ARG(fault_excerpt(draft->domain)));
    if (!role_read(draft->role, &role) || role > ROLE_MANAGER)
        fault_add(faults, STR("role"), FAULT_WHOLE, FAULT_NOT_AN_OPTION,
                  (struct str_list){roles, sizeof roles / sizeof roles[0]},
                  "\"%.*s\" is not a role that a group can give; use viewer, member or manager.",
                  STR_ARG(fault_excerpt(draft->role)));
    save->rule.group = group;
    save->rule.domain_id = save->domain == NULL ? 0 : save->domain->id;
    save->rule.role = role;
}

enum err group_rule_create(struct call *call)
{
    const struct json *body;
    struct group_rule_draft draft = {0};
    struct faults faults;
    struct group_rule_save save = {
        .op = &call->op, .directory = call->directory, .actor_id = call->caller->id};
    faults_init(&faults, call->op.arena);
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = expect_admin(call);
    if (err != ERR_OK)
        return err;
    members_decode(rule_members, sizeof rule_members / sizeof rule_members[0], body, true,
                   call->op.arena, &faults, &draft);
    if (faults.n == 0)
        group_rule_judge(call, &draft, &faults, &save);
    if (faults.err != ERR_OK)
        return faults.err;
    if (faults.n > 0)
        return call_refuse_faults(call, &faults);
    err = group_rule_save(api_core(call->api), &save);
    if (err != ERR_OK)
        return err;
    rule_encode(call, &save.rule);
    return call_answer_json(call, 201);
}

struct rules_read {
    struct core_read read;
    struct group_rules rules;
};

static enum err rules_run(struct core_read *read, struct db *db)
{
    struct rules_read *rules = container_of(read, struct rules_read, read);
    return store_group_rules(db, read->op, &rules->rules);
}

enum err group_rule_delete(struct call *call)
{
    uint64_t id = 0;
    struct rules_read read = {.read = {.op = &call->op, .run = rules_run}};
    struct group_rule_save save = {
        .op = &call->op, .directory = call->directory, .actor_id = call->caller->id, .ends = true};
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = expect_admin(call);
    if (err == ERR_OK)
        err = core_read_wait(api_core(call->api), &read.read);
    if (err != ERR_OK)
        return err;
    (void)str_to_u64(call->parameters[0], INT64_MAX, &id);
    for (size_t i = 0; i < read.rules.n; i++)
        if (read.rules.items[i].id == (int64_t)id)
            save.rule = read.rules.items[i];
    save.domain = directory_domain_by_id(call->directory, save.rule.domain_id);
    err = save.rule.id == 0 || save.domain == NULL ? ERR_NOT_FOUND
                                                   : group_rule_save(api_core(call->api), &save);
    if (err == ERR_NOT_FOUND)
        return call_refuse(call, 404, "There is no such rule.");
    return err == ERR_OK ? call_answer_empty(call) : err;
}

/* ---- /single-sign-on/test ---- */

static const int64_t test_ms = INT64_C(600000);

enum err sign_in_test_create(struct call *call)
{
    static const struct body_member members[] = {{STR_INIT("to"), MEMBER_TEXT, true, true, 0, 0}};
    const struct json *body;
    struct str to = STR_NONE, url, state;
    struct http_header cookie;
    struct faults faults;
    faults_init(&faults, call->op.arena);
    enum err err = call_body(call, true, &body);
    if (err == ERR_OK)
        err = expect_admin(call);
    if (err == ERR_OK && api_sign_in(call->api)->provider == NULL)
        err = call_refuse(call, 409,
                          "Single sign-on is not set up: the operator names a provider "
                          "with --oidc-issuer.");
    if (err != ERR_OK)
        return err;
    members_decode(members, 1, body, true, call->op.arena, &faults, &to);
    if (faults.err != ERR_OK)
        return faults.err;
    if (faults.n > 0)
        return call_refuse_faults(call, &faults);
    err = sso_begin(call, true, to, &url, &cookie, &state);
    if (err == ERR_UNAVAILABLE || err == ERR_INVALID)
        return call_refuse(call, 409, "The provider cannot be used: %s.", call->op.detail);
    struct sha256 hash = sha256(state);
    if (err == ERR_OK)
        err = sign_in_test_begin(api_core(call->api), &call->op, call->caller->id, &hash,
                                 call->op.now + test_ms);
    if (err != ERR_OK)
        return err;
    json_begin_object(&call->json, NULL);
    json_put_text(&call->json, "url", url);
    json_put_time(&call->json, "expiresAt", call->op.now + test_ms);
    json_end(&call->json);
    return call_answer(call, 201, STR("application/json"), &cookie, 1);
}

enum err sign_in_test_get(struct call *call)
{
    struct str result;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = expect_admin(call);
    if (err == ERR_OK)
        err = store_sign_in_test_get(call->db, &call->op, call->caller->id, &result);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && result.p == NULL))
        return call_refuse(call, 404,
                           err == ERR_OK ? "Your test has no result yet: sign in at the provider."
                                         : "You have not run a test.");
    if (err != ERR_OK)
        return err;
    buf_add(&call->body, result);
    return call_answer_json(call, 200);
}
