/* GET (but see assignee.c) and POST /people, GET and PATCH /people/{email}, POST /people/{email}/erase. */
#include "api/person.h"

#include "api/api.h"
#include "api/handlers.h"
#include "api/query.h"
#include "core/erasure.h"
#include "model/email.h"
#include "model/right.h"

static enum err refuse_not_manager(struct call *call)
{
    return call_refuse(call, 403, "To manage people you need the role of a manager.");
}

enum err person_find(struct call *call, const struct account **ret_person)
{
    struct str email = call->parameters[0];
    const struct directory *d = call->directory;
    const struct account *person = email.n > EMAIL_MAX ? NULL : directory_account(d, email);
    if (person != NULL && person->kind == ACCOUNT_PERSON &&
        (person == call->caller || right_sees_person(d, call->caller, person))) {
        *ret_person = person;
        return ERR_OK;
    }
    if (!right_manages_any(d, call->caller))
        return refuse_not_manager(call);
    return call_refuse(call, 404, "There is no person %.*s, or you may not see them.",
                       STR_ARG(str_sub(email, 0, 100)));
}

static void encode_stored(struct call *call, const struct account *person)
{
    const struct person_settings settings = person_settings_of(call->directory, person);
    person_encode(&call->json, call->directory, call->caller, person->id, &settings,
                  person->created_at, person->version, NULL);
}

/* ---- reading ---- */

/* Never 304: which roles are shown follows from those of the caller. */
enum err person_get(struct call *call)
{
    const struct account *person;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = person_find(call, &person);
    if (err != ERR_OK)
        return err;
    encode_stored(call, person);
    return call_answer_etag(call, person->version);
}

enum err person_list(struct call *call)
{
    static const char *const parameters[] = {"workspace", "q", "inactive", "limit", "cursor", NULL};
    const struct directory *d = call->directory;
    int64_t limit, before, shown = 0, last = 0;
    enum err err = call_query_accept(call, parameters);
    if (err == ERR_OK && call_query(call, "workspace").p != NULL)
        return assignee_list(call);
    if (err == ERR_OK &&
        (call_query(call, "q").p != NULL || call_query(call, "inactive").p != NULL))
        err = call_refuse(call, 400, "q and inactive need workspace=KEY.");
    if (err == ERR_OK)
        err = call_query_limit(call, &limit);
    if (err == ERR_OK)
        err = call_query_cursor(call, &before);
    if (err == ERR_OK && !right_manages_any(d, call->caller))
        err = refuse_not_manager(call);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = d->account_count; i > 0; i--) {
        const struct account *person = d->accounts_by_id[i - 1];
        if ((before > 0 && person->id >= before) || !right_sees_person(d, call->caller, person))
            continue;
        if (shown++ == limit)
            break;
        encode_stored(call, person);
        last = person->id;
    }
    return call_items_end(call, shown > limit ? last : 0);
}

/* ---- making and changing ---- */

/*
 * Somebody who has an account already, which the caller does not see, gets the roles that the
 * caller may give, and stays as before; the answer says that there was one. So a manager can let in
 * somebody of another domain, unless that is for an admin (person_judge()). Anybody else of that
 * address is in the way.
 */
static enum err judge_known(struct call *call, struct person_save *save,
                            const struct account *known, const struct person_draft *draft,
                            struct faults *faults)
{
    if (known->admin || right_sees_person(call->directory, call->caller, known))
        return op_fail(&call->op, ERR_CONFLICT, "There is already an account for %.*s.",
                       STR_ARG(known->email));
    const struct person_draft roles = {
        .roles = draft->roles, .role_count = draft->role_count, .roles_sent = draft->roles_sent};
    save->before = known;
    return person_judge(&call->op, &roles, known, call->directory, call->caller, faults,
                        &save->settings);
}

static enum err judge_new(struct call *call, struct person_save *save,
                          const struct person_draft *draft, struct faults *faults)
{
    save->before = NULL;
    enum err err = person_judge(&call->op, draft, NULL, call->directory, call->caller, faults,
                                &save->settings);
    if (err != ERR_OK)
        return err;
    const struct account *known = directory_account(call->directory, save->settings.email);
    return known == NULL ? ERR_OK : judge_known(call, save, known, draft, faults);
}

/* Stores what was judged, and answers with the resulting person. `existed`: so the answer says, as
 * nobody asked for a change. */
static enum err save_and_answer(struct call *call, struct person_save *save, bool existed)
{
    const struct account *before = save->before;
    enum err err = person_save(api_core(call->api), save);
    if (err != ERR_OK)
        return err;
    int64_t version = before == NULL ? 1 : before->version + 1;
    person_encode(&call->json, save->directory, call->caller, save->account_id, &save->settings,
                  before == NULL ? call->op.now : before->created_at, version,
                  save->clears_password ? "passwordCleared"
                  : existed             ? "existed"
                                        : NULL);
    return call_answer_version(call, before == NULL ? 201 : 200, version, "/people/",
                               save->settings.email);
}

enum err person_create(struct call *call)
{
    const struct json *body;
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK && !right_manages_any(call->directory, call->caller))
        err = refuse_not_manager(call);
    if (err != ERR_OK)
        return err;

    struct person_draft draft = {0};
    struct person_save save = {
        .op = &call->op, .directory = call->directory, .actor_id = call->caller->id};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    person_decode(body, true, call->op.arena, &faults, &draft);
    err = judge_new(call, &save, &draft, &faults);
    return err == ERR_OK ? save_and_answer(call, &save, save.before != NULL)
                         : call_judged(call, err, &faults);
}

enum err person_patch(struct call *call)
{
    const struct json *body;
    struct person_save save = {
        .op = &call->op, .directory = call->directory, .actor_id = call->caller->id};
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = person_find(call, &save.before);
    if (err == ERR_OK && !right_sees_person(call->directory, call->caller, save.before))
        err = call_refuse(
            call, 403,
            "To change a person, you must be a manager of a domain on which they have a role.");
    if (err == ERR_OK)
        err = call_expect_version(call, save.before->version);
    if (err != ERR_OK)
        return err;

    struct person_draft draft = {0};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    person_decode(body, false, call->op.arena, &faults, &draft);
    err = person_judge(&call->op, &draft, save.before, call->directory, call->caller, &faults,
                       &save.settings);
    return err == ERR_OK ? save_and_answer(call, &save, false) : call_judged(call, err, &faults);
}

enum err person_erase(struct call *call)
{
    struct person_save save = {
        .op = &call->op, .directory = call->directory, .actor_id = call->caller->id};
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = person_find(call, &save.before);
    if (err == ERR_OK && !directory_is_admin(call->caller))
        err = call_refuse(call, 403, "Only an admin can erase a person's data.");
    if (err == ERR_OK && email_erased(save.before->email))
        err = call_refuse(call, 409, "This person's data is already erased.");
    if (err == ERR_OK)
        err = erasure_prepare(&save);
    if (err == ERR_OK)
        err = person_save(api_core(call->api), &save);
    if (err != ERR_OK)
        return err;
    json_begin_object(&call->json, NULL);
    json_put_text(&call->json, "email", save.settings.email);
    json_end(&call->json);
    return call_answer_json(call, 202);
}
