/* POST and PATCH of rules with ?dryRun=true. */
#include "core/rule_past.h"
#include "api/api.h"
#include "api/call_answer.h"
#include "api/part.h"
#include "api/rule.h"
#include "core/task_index.h"

#include <stdatomic.h>

struct past_read {
    const struct workspace *workspace;
    const struct rule *rule;
    struct rule_past *past;
};

static enum err past_read(struct call *call, void *arg)
{
    const struct past_read *read = arg;
    return rule_past(call->db, &call->op, core_task_index(api_core(call->api)), call->directory,
                     read->workspace, read->rule, read->past);
}

static void deed_encode(struct json_writer *json, const struct rule *rule,
                        const struct rule_deed *deed)
{
    json_begin_object(json, NULL);
    json_put_time(json, "at", deed->at);
    json_put_text(json, "key", deed->key);
    json_put_text(json, "title", deed->title);
    if (rule->kind == RULE_REMIND)
        json_put_i64(json, "step", deed->step);
    else
        json_put_null(json, "step");
    json_put_texts(json, "people", deed->people);
    json_end(json);
}

enum err rule_past_answer(struct call *call, const struct workspace *workspace,
                          const struct rule *rule)
{
    struct rule_past *past = ARENA_NEW(call->op.arena, struct rule_past);
    struct past_read read = {workspace, rule, past};
    struct json_writer *json = &call->json;
    atomic_uint *running = api_dry_runs(call->api);
    if (past == NULL)
        return ERR_MEMORY;
    enum err err = ERR_OK;
    if (atomic_fetch_add(running, 1) >= RULE_PAST_AT_ONCE)
        err = op_fail(&call->op, ERR_THROTTLED,
                      "Another dry run of a rule is under way; try again when it is done, in a "
                      "second or so.");
    if (err == ERR_OK)
        err = call_read_wait(call, past_read, &read);
    atomic_fetch_sub(running, 1);
    if (err != ERR_OK)
        return err;
    json_begin_object(json, NULL);
    json_put_flag(json, "valid", true);
    json_put_text(json, "kind", rule_kind_name(rule->kind));
    json_put_time(json, "since", past->since);
    json_put_i64(json, "count", (int64_t)past->count);
    json_put_i64(json, "records", (int64_t)past->records);
    json_put_i64(json, "people", (int64_t)past->people);
    json_put_flag(json, "more", past->more);
    json_begin_list(json, "items");
    for (size_t i = 0; i < past->shown; i++)
        deed_encode(json, rule, &past->deeds[i]);
    json_end(json);
    json_end(json);
    return call_answer_json(call, 200);
}
