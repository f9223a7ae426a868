/* GET and PATCH /me/preferences. */
#include "core/preference.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "store/preference.h"

#include <stddef.h>

#define AT(field) offsetof(struct preference, field)

static const struct body_member members[] = {
    {STR_INIT("pins"), MEMBER_TEXTS, false, true, AT(pins), 0},
    {STR_INIT("seen"), MEMBER_TEXTS, false, true, AT(seen), 0},
};

static enum err expect_person(struct call *call)
{
    return call->caller->kind == ACCOUNT_PERSON
               ? call_query_accept(call, NULL)
               : call_refuse(call, 403, "Preferences are for people.");
}

static enum err answer(struct call *call, const struct preference *preference)
{
    json_begin_object(&call->json, NULL);
    json_put_texts(&call->json, "pins", preference->pins);
    json_put_texts(&call->json, "seen", preference->seen);
    json_end(&call->json);
    return call_answer_json(call, 200);
}

enum err preference_get(struct call *call)
{
    struct preference preference;
    enum err err = expect_person(call);
    if (err == ERR_OK)
        err = store_preference_get(call->db, &call->op, call->caller->id, &preference);
    return err == ERR_OK ? answer(call, &preference) : err;
}

enum err preference_patch(struct call *call)
{
    struct preference_save save = {.op = &call->op, .account_id = call->caller->id};
    struct faults faults;
    const struct json *body;
    faults_init(&faults, call->op.arena);
    enum err err = expect_person(call);
    if (err == ERR_OK)
        err = call_body(call, false, &body);
    if (err != ERR_OK)
        return err;
    members_decode(members, sizeof members / sizeof members[0], body, false, call->op.arena,
                   &faults, &save.sent);
    err = preference_judge(&save.sent, &faults);
    if (err == ERR_OK)
        err = preference_save(api_core(call->api), &save);
    return err == ERR_OK ? answer(call, &save.now) : call_judged(call, err, &faults);
}
