/* Passwords: your own, a link for somebody's new one, and what that link leads to. */
#include "core/password.h"
#include "api/api.h"
#include "api/authentication.h"
#include "api/handlers.h"
#include "api/person.h"
#include "api/query.h"
#include "api/session.h"
#include "core/login.h"
#include "core/password_reset.h"
#include "model/right.h"

/* Takes a body's texts; each is required. */
static enum err take_texts(struct call *call, const struct body_member members[], size_t count,
                           struct str draft[], struct faults *faults)
{
    const struct json *body;
    enum err err = call_body(call, false, &body);
    if (err != ERR_OK)
        return err;
    members_decode(members, count, body, true, call->op.arena, faults, draft);
    for (size_t i = 0; i < count; i++) {
        struct str pointer = arena_printf(call->op.arena, "/%s", members[i].name.p);
        if (draft[i].n == 0 && pointer.p != NULL && !faults_have(faults, pointer.p))
            fault_add(faults, members[i].name, FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                      "%s is required and must be a text.", members[i].name.p);
    }
    return faults->err;
}

/* Adds the fault of a new password that breaks a rule. */
static void fault_weak(struct call *call, struct faults *faults, struct str member)
{
    fault_add(faults, member, FAULT_WHOLE, FAULT_WEAK_PASSWORD, NO_OPTIONS, "%s", call->op.detail);
    op_forget(&call->op);
}

/* Somebody who signs in elsewhere needs no password, and must not be given one by anybody but the
 * operator. `person` NULL: nobody in particular. */
static enum err expect_passwords(struct call *call, const struct account *person)
{
    bool taken = api_sign_in(call->api)->passwords ||
                 (person != NULL && login_takes_password(api_login(call->api), person));
    return taken ? ERR_OK
                 : call_refuse(call, 409,
                               "Passwords are switched off here; people sign in with single "
                               "sign-on.");
}

/* ---- your own ---- */

enum err password_change(struct call *call)
{
    static const struct body_member members[2] = {
        {STR_INIT("current"), MEMBER_TEXT, true, true, 0, 0},
        {STR_INIT("new"), MEMBER_TEXT, true, true, sizeof(struct str), 0},
    };
    struct str sent[2] = {STR_NONE, STR_NONE};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    enum err err = expect_passwords(call, call->caller);
    if (err == ERR_OK)
        err = take_texts(call, members, 2, sent, &faults);
    if (err != ERR_OK)
        return err;
    err = sent[1].n == 0 ? ERR_OK : password_check_for(&call->op, sent[1], call->caller->email);
    if (err == ERR_OK && sent[1].n > 0 && str_eq(sent[0], sent[1]))
        err = op_fail(&call->op, ERR_INVALID,
                      "The new password is the same as the old one. Choose another.");
    if (err == ERR_INVALID)
        fault_weak(call, &faults, STR("new"));
    if (faults.n > 0)
        return call_refuse_faults(call, &faults);
    if (faults.err != ERR_OK)
        return faults.err;

    struct login_attempt attempt = {
        .op = &call->op,
        .way = LOGIN_APP,
        .email = call->caller->email,
        .password = sent[0],
        .address = call_client_address(call),
    };
    err = call_check_password(call, &attempt);
    if (err == ERR_OK)
        err = login_set_password(api_login(call->api), &attempt, sent[1], call->grant.family_id);
    if (err == ERR_THROTTLED)
        return call_throttle(call, attempt.retry_after);
    if (err == ERR_UNAUTHENTICATED) {
        fault_add(&faults, STR("current"), FAULT_WHOLE, FAULT_WRONG_PASSWORD, NO_OPTIONS,
                  "current is not your current password.");
        return call_refuse_faults(call, &faults);
    }
    return err == ERR_OK ? call_answer_empty(call) : err;
}

/* ---- a link for somebody ---- */

enum err password_reset_create(struct call *call)
{
    const struct directory *d = call->directory;
    struct password_reset_make make = {
        .op = &call->op, .directory = d, .made_by = call->caller->id};
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = person_find(call, &make.person);
    if (err != ERR_OK)
        return err;
    if (make.person == call->caller)
        return call_refuse(call, 403,
                           "To change your own password, use the current one, or ask somebody else "
                           "for a reset link.");
    if (!right_sees_person(d, call->caller, make.person) ||
        !right_over_person(d, call->caller, make.person))
        return call_refuse(call, 403,
                           "Only an admin, or a manager of every domain on which the person has a "
                           "role, can create a reset link.");
    err = expect_passwords(call, NULL);
    if (err == ERR_OK)
        err = password_reset_make(api_core(call->api), &make);
    if (err != ERR_OK)
        return err;

    struct str link = arena_printf(call->op.arena, "%.*s/app/#/reset/%.*s",
                                   STR_ARG(api_public_url(call->api)), STR_ARG(make.token));
    if (link.p == NULL)
        return ERR_MEMORY;
    json_begin_object(&call->json, NULL);
    json_put_text(&call->json, "link", link);
    json_put_time(&call->json, "expiresAt", make.reset.expires_at);
    json_end(&call->json);
    return call_answer_json(call, 201);
}

/* ---- what the link leads to ---- */

static enum err refuse_link(struct call *call)
{
    return call_refuse(call, 404,
                       "This link is no longer valid: it was used, replaced by a newer one, or "
                       "is older than 24 hours. Ask for a new one.");
}

enum err password_reset_person(struct call *call)
{
    static const struct body_member members[1] = {
        {STR_INIT("token"), MEMBER_TEXT, true, true, 0, 0},
    };
    struct str token = STR_NONE;
    struct faults faults;
    faults_init(&faults, call->op.arena);
    enum err err = session_expect_own_page(call);
    if (err == ERR_OK)
        err = take_texts(call, members, 1, &token, &faults);
    if (err == ERR_OK && faults.n > 0)
        err = call_refuse_faults(call, &faults);
    if (err != ERR_OK)
        return err;

    const struct account *person;
    err = password_reset_find(call->db, &call->op, call->directory, token, &person);
    if (err == ERR_NOT_FOUND)
        return refuse_link(call);
    if (err != ERR_OK)
        return err;
    json_begin_object(&call->json, NULL);
    json_put_text(&call->json, "email", person->email);
    json_put_text(&call->json, "name", person->name);
    json_end(&call->json);
    return call_answer_json(call, 200);
}

enum err password_reset_take(struct call *call)
{
    static const struct body_member members[2] = {
        {STR_INIT("token"), MEMBER_TEXT, true, true, 0, 0},
        {STR_INIT("password"), MEMBER_TEXT, true, true, sizeof(struct str), 0},
    };
    struct str sent[2] = {STR_NONE, STR_NONE};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    enum err err = session_expect_own_page(call);
    if (err == ERR_OK)
        err = take_texts(call, members, 2, sent, &faults);
    if (err == ERR_OK && faults.n > 0)
        err = call_refuse_faults(call, &faults);
    if (err == ERR_OK && !call->hashing)
        err = ERR_ELSEWHERE; /* the password will be hashed */
    if (err != ERR_OK)
        return err;

    err = password_reset_use(api_core(call->api), &call->op, sent[0], sent[1]);
    if (err == ERR_INVALID) {
        fault_weak(call, &faults, STR("password"));
        return call_refuse_faults(call, &faults);
    }
    if (err == ERR_NOT_FOUND)
        return refuse_link(call);
    return err == ERR_OK ? call_answer_empty(call) : err;
}
