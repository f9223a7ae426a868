/* Passwords: the own one, a link for somebody's new one, and what that link leads to. */
#include "core/password.h"
#include "api/api.h"
#include "api/authentication.h"
#include "api/handlers.h"
#include "api/person.h"
#include "api/query.h"
#include "api/session.h"
#include "core/password_reset.h"
#include "model/right.h"
#include "json/write.h"

/* Takes a body's texts; both are required. False when that is answered. */
static bool take_texts(struct call *call, const struct body_member members[2], struct str draft[2],
                       struct faults *faults)
{
    const struct json *body = call_body(call, false);
    if (body == NULL)
        return false;
    members_decode(members, 2, body, true, call->op.arena, faults, draft);
    for (size_t i = 0; i < 2; i++) {
        struct str pointer = arena_printf(call->op.arena, "/%s", members[i].name.p);
        if (draft[i].n == 0 && pointer.p != NULL && !faults_have(faults, pointer.p))
            fault_add(faults, members[i].name, FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                      "%s is required: a text.", members[i].name.p);
    }
    return true;
}

/* Adds the fault of a new password that breaks a rule. */
static void fault_weak(struct call *call, struct faults *faults, struct str member)
{
    fault_add(faults, member, FAULT_WHOLE, FAULT_WEAK_PASSWORD, NO_OPTIONS, "%s", call->op.detail);
    call->op.detail[0] = '\0';
}

/* ---- the own one ---- */

static void password_changed(struct login_attempt *attempt)
{
    struct call *call = attempt->user;
    struct faults faults;
    faults_init(&faults, call->op.arena);
    if (attempt->err == ERR_OK) {
        call_answer_empty(call);
    } else if (attempt->err == ERR_THROTTLED) {
        call_throttle(call, attempt->retry_after);
    } else if (attempt->err == ERR_UNAUTHENTICATED) {
        fault_add(&faults, STR("current"), FAULT_WHOLE, FAULT_WRONG_PASSWORD, NO_OPTIONS,
                  "current is not your password.");
        call_fail_faults(call, &faults);
    } else {
        call_fail(call, attempt->err);
    }
}

void password_change(struct call *call)
{
    static const struct body_member members[2] = {
        {STR_INIT("current"), MEMBER_TEXT, true, true, 0, 0},
        {STR_INIT("new"), MEMBER_TEXT, true, true, sizeof(struct str), 0},
    };
    struct str sent[2] = {STR_NONE, STR_NONE};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    if (!take_texts(call, members, sent, &faults))
        return;
    enum err err =
        sent[1].n == 0 ? ERR_OK : password_check_for(&call->op, sent[1], call->caller->email);
    if (err == ERR_OK && sent[1].n > 0 && str_eq(sent[0], sent[1]))
        err = op_fail(&call->op, ERR_INVALID, "The new password is the old one.");
    if (err == ERR_INVALID)
        fault_weak(call, &faults, STR("new"));
    if (faults.n > 0) {
        call_fail_faults(call, &faults);
        return;
    }
    struct login_attempt *attempt = ARENA_NEW(call->op.arena, struct login_attempt);
    if (attempt == NULL || faults.err != ERR_OK) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    *attempt = (struct login_attempt){
        .op = &call->op,
        .way = LOGIN_APP,
        .email = call->caller->email,
        .password = sent[0],
        .address = call_client_address(call),
        .new_password = sent[1],
        .kept = call->grant.family_id,
        .done = password_changed,
        .user = call,
    };
    login_start(api_login(call->api), attempt);
}

/* ---- a link for somebody ---- */

struct make_call {
    struct call_change base; /* first */
    struct password_reset_make make;
};

static void make_done(struct change *change)
{
    struct make_call *state =
        (struct make_call *)(void *)((char *)change - offsetof(struct make_call, make.change));
    struct call *call = state->base.call;
    if (change->err == ERR_OK) {
        struct str link =
            arena_printf(call->op.arena, "%.*s/app/#/reset/%.*s",
                         STR_ARG(api_public_url(call->api)), STR_ARG(state->make.token));
        BUF_LIT(&call->body, "{\"link\":");
        buf_json_string(&call->body, link);
        BUF_LIT(&call->body, ",\"expiresAt\":");
        encode_time(&call->body, state->make.reset.expires_at);
        buf_char(&call->body, '}');
        if (link.p == NULL)
            call_fail(call, ERR_MEMORY);
        else
            call_answer_json(call, 201);
    } else {
        call_change_failed(&state->base, change->err);
    }
}

static void make_start(struct call_change *base)
{
    struct call *call = base->call;
    struct password_reset_make *make = &((struct make_call *)(void *)base)->make;
    const struct account *person = person_find(call);
    if (person == NULL) /* and answered: nothing of the call is there any more */
        return;
    if (person == call->caller) {
        call_fail_status(call, 403,
                         "Change your own password with the one that you have, or ask somebody "
                         "else for a link.");
        return;
    }
    make->person = person;
    if (!right_sees_person(call->directory, call->caller, make->person) ||
        !right_over_person(call->directory, call->caller, make->person)) {
        call_fail_status(call, 403,
                         "A link for a new password is made by an admin, or by who manages every "
                         "domain that the person holds a role on.");
        return;
    }
    make->change.op = &call->op;
    make->change.done = make_done;
    make->directory = call->directory;
    make->made_by = call->caller->id;
    enum err err = password_reset_make(api_core(call->api), make);
    if (err != ERR_OK)
        call_fail(call, err);
}

void password_reset_create(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (call_query_accept(call, parameters))
        call_change_begin(call, sizeof(struct make_call), NULL, true, make_start);
}

/* ---- what the link leads to ---- */

static void reset_used(struct password_reset_use *use)
{
    struct call *call = use->user;
    struct faults faults;
    faults_init(&faults, call->op.arena);
    if (use->err == ERR_OK) {
        call_answer_empty(call);
    } else if (use->err == ERR_INVALID) {
        fault_weak(call, &faults, STR("password"));
        call_fail_faults(call, &faults);
    } else if (use->err == ERR_NOT_FOUND) {
        call_fail_status(call, 404,
                         "This link is good no more: it was used, replaced by a newer one, or is "
                         "older than 24 hours. Ask for a new one.");
    } else {
        call_fail(call, use->err == ERR_BUSY ? ERR_THROTTLED : use->err);
    }
}

void password_reset_take(struct call *call)
{
    static const struct body_member members[2] = {
        {STR_INIT("token"), MEMBER_TEXT, true, true, 0, 0},
        {STR_INIT("password"), MEMBER_TEXT, true, true, sizeof(struct str), 0},
    };
    struct str sent[2] = {STR_NONE, STR_NONE};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    if (session_request_foreign(call) || !take_texts(call, members, sent, &faults))
        return;
    if (faults.n > 0) {
        call_fail_faults(call, &faults);
        return;
    }
    struct password_reset_use *use = ARENA_NEW(call->op.arena, struct password_reset_use);
    if (use == NULL || faults.err != ERR_OK) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    *use = (struct password_reset_use){
        .op = &call->op,
        .core = api_core(call->api),
        .login = api_login(call->api),
        .token = sent[0],
        .password = sent[1],
        .done = reset_used,
        .user = call,
    };
    password_reset_start(use);
}
