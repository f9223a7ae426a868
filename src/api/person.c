/* GET and POST /people, GET and PATCH /people/{email}, POST /people/{email}/erase. */
#include "api/person.h"

#include "api/api.h"
#include "api/handlers.h"
#include "api/query.h"
#include "core/erasure.h"
#include "model/email.h"
#include "model/right.h"
#include "json/write.h"

static void fail_unless_manager(struct call *call)
{
    call_fail_status(call, 403, "To manage people you need the role of a manager.");
}

const struct account *person_find(struct call *call)
{
    struct str email = call->parameters[0];
    const struct directory *d = call->directory;
    const struct account *person = email.n > EMAIL_MAX ? NULL : directory_account(d, email);
    if (person != NULL && person->kind == ACCOUNT_PERSON &&
        (person == call->caller || right_sees_person(d, call->caller, person)))
        return person;
    if (!right_manages_any(d, call->caller))
        fail_unless_manager(call);
    else
        call_fail_status(call, 404, "There is no person %.*s, or you may not see it.",
                         STR_ARG(str_sub(email, 0, 100)));
    return NULL;
}

static void encode_stored(struct call *call, const struct account *person)
{
    const struct person_settings settings = person_settings_of(call->directory, person);
    person_encode(&call->body, call->directory, call->caller, person->id, &settings,
                  person->created_at, person->version, "");
}

/* ---- reading ---- */

void person_get(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (!call_query_accept(call, parameters))
        return;
    const struct account *person = person_find(call);
    if (person == NULL)
        return;
    encode_stored(call, person);
    call_answer_version(call, 200, person->version, NULL, STR_NONE);
}

void person_list(struct call *call)
{
    static const char *const parameters[] = {"limit", "cursor", NULL};
    const struct directory *d = call->directory;
    int64_t limit, before, shown = 0, last = 0;
    if (!call_query_accept(call, parameters) || !call_query_limit(call, &limit) ||
        !call_query_cursor(call, &before))
        return;
    if (!right_manages_any(d, call->caller)) {
        fail_unless_manager(call);
        return;
    }
    call_items_begin(call);
    for (size_t i = d->account_count; i > 0; i--) {
        const struct account *person = d->accounts_by_id[i - 1];
        if ((before > 0 && person->id >= before) || !right_sees_person(d, call->caller, person))
            continue;
        if (shown++ == limit)
            break;
        if (shown > 1)
            buf_char(&call->body, ',');
        encode_stored(call, person);
        last = person->id;
    }
    call_items_end(call, shown > limit ? last : 0);
}

/* ---- making and changing ---- */

struct person_call {
    struct call_change base; /* first */
    struct person_save save;
};

static struct person_call *person_call_of(struct change *done)
{
    return (struct person_call *)(void *)((char *)done - offsetof(struct person_call, save.change));
}

static void change_done(struct change *done)
{
    struct person_call *change = person_call_of(done);
    struct call *call = change->base.call;
    const struct person_save *save = &change->save;
    const struct account *before = save->before;
    if (done->err == ERR_OK) {
        int64_t version = before == NULL ? 1 : before->version + 1;
        const char *more = save->clears_password                ? ",\"passwordCleared\":true"
                           : before != NULL && change->base.new ? ",\"existed\":true"
                                                                : "";
        person_encode(&call->body, save->directory, call->caller, save->account_id, &save->settings,
                      before == NULL ? call->op.now : before->created_at, version, more);
        call_answer_version(call, before == NULL ? 201 : 200, version, "/people/",
                            save->settings.email);
    } else {
        call_change_failed(&change->base, done->err);
    }
}

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
        return op_fail(&call->op, ERR_CONFLICT, "There is an account of %.*s already.",
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

/* The person before, found anew, and held against If-Match; false when that is answered. */
static bool change_find(struct call *call, struct person_save *save)
{
    const struct account *person = person_find(call);
    if (person == NULL) /* and answered: nothing of the call is there any more */
        return false;
    save->before = person;
    if (right_sees_person(call->directory, call->caller, person))
        return call_expect_version(call, person->version);
    call_fail_status(call, 403, "People are changed by those who manage a domain of theirs.");
    return false;
}

static void change_start(struct call_change *base)
{
    struct call *call = base->call;
    struct person_save *save = &((struct person_call *)(void *)base)->save;
    struct person_draft draft = {0};
    struct faults faults;
    if (!base->new && !change_find(call, save))
        return;
    if (base->new && !right_manages_any(call->directory, call->caller)) {
        fail_unless_manager(call);
        return;
    }
    faults_init(&faults, call->op.arena);
    person_decode(base->body, base->new, call->op.arena, &faults, &draft);
    enum err err = base->new ? judge_new(call, save, &draft, &faults)
                             : person_judge(&call->op, &draft, save->before, call->directory,
                                            call->caller, &faults, &save->settings);
    if (!call_change_judged(base, err, &faults))
        return;
    save->change.op = &call->op;
    save->change.done = change_done;
    save->directory = call->directory;
    save->actor_id = call->caller->id;
    err = person_save(api_core(call->api), save);
    if (err != ERR_OK)
        call_fail(call, err);
}

static void change_begin(struct call *call, bool new)
{
    const struct json *body = call_body(call, false);
    if (body != NULL)
        call_change_begin(call, sizeof(struct person_call), body, new, change_start);
}

void person_create(struct call *call)
{
    change_begin(call, true);
}

void person_patch(struct call *call)
{
    change_begin(call, false);
}

/* ---- erasing ---- */

static void erase_done(struct change *done)
{
    struct person_call *change = person_call_of(done);
    struct call *call = change->base.call;
    if (done->err == ERR_OK) {
        BUF_LIT(&call->body, "{\"email\":");
        buf_json_string(&call->body, change->save.settings.email);
        buf_char(&call->body, '}');
        call_answer_json(call, 202);
    } else {
        call_change_failed(&change->base, done->err);
    }
}

static void erase_start(struct call_change *base)
{
    struct call *call = base->call;
    struct person_save *save = &((struct person_call *)(void *)base)->save;
    const struct account *person = person_find(call);
    if (person == NULL) /* and answered: nothing of the call is there any more */
        return;
    save->before = person;
    if (!directory_is_admin(call->caller)) {
        call_fail_status(call, 403, "A person's data is erased by admins only.");
        return;
    }
    if (email_erased(save->before->email)) {
        call_fail_status(call, 409, "It is erased already.");
        return;
    }
    save->change.op = &call->op;
    save->change.done = erase_done;
    save->directory = call->directory;
    save->actor_id = call->caller->id;
    enum err err = erasure_prepare(save);
    if (err == ERR_OK)
        err = person_save(api_core(call->api), save);
    if (err != ERR_OK)
        call_fail(call, err);
}

void person_erase(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (call_query_accept(call, parameters))
        call_change_begin(call, sizeof(struct person_call), NULL, false, erase_start);
}
