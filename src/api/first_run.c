/* POST /app/first-run: what the link leads to that a server without people has printed. */
#include "core/first_run.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/session.h"
#include "core/password.h"

struct first_run_draft {
    struct str token, email, name, password;
    const struct json *workspace; /* NULL: none is to be made */
};

#define AT(field)           offsetof(struct first_run_draft, field)
#define WORKSPACE_AT(field) offsetof(struct workspace_draft, field)

static const struct body_member members[] = {
    {STR_INIT("token"), MEMBER_TEXT, true, false, AT(token), 0},
    {STR_INIT("email"), MEMBER_TEXT, true, false, AT(email), 0},
    {STR_INIT("name"), MEMBER_TEXT, true, false, AT(name), 0},
    {STR_INIT("password"), MEMBER_TEXT, true, false, AT(password), 0},
    {STR_INIT("workspace"), MEMBER_OBJECT, true, false, AT(workspace), 0},
};

static const struct body_member workspace_members[] = {
    {STR_INIT("key"), MEMBER_TEXT, true, false, WORKSPACE_AT(key), 0},
    {STR_INIT("name"), MEMBER_TEXT, true, false, WORKSPACE_AT(name), 0},
    {STR_INIT("timezone"), MEMBER_TEXT, true, false, WORKSPACE_AT(zone), 0},
};

/* As the operator's, who has seen the link: person and workspace by the same rules as anywhere. */
static enum err person_part(struct call *call, const struct first_run_draft *draft,
                            struct faults *faults, struct first_run *run)
{
    const struct person_draft person = {
        .email = draft->email, .name = draft->name, .admin = true, .admin_sent = true};
    enum err err = person_judge(&call->op, &person, NULL, call->directory, NULL, faults,
                                &run->person.settings);
    return err == ERR_INVALID ? ERR_OK : err;
}

static enum err workspace_part(struct call *call, const struct json *sent, struct faults *faults,
                               struct first_run *run)
{
    struct workspace_draft draft = {0};
    if (sent == NULL)
        return ERR_OK;
    faults->base = STR("/workspace");
    members_decode(workspace_members, sizeof workspace_members / sizeof workspace_members[0], sent,
                   true, call->op.arena, faults, &draft);
    enum err err = workspace_judge(&call->op, &draft, NULL, call->directory, NULL, faults,
                                   &run->workspace.settings);
    faults->base = STR_NONE;
    return err == ERR_INVALID ? ERR_OK : err;
}

static enum err password_part(struct call *call, struct str password, struct faults *faults,
                              const struct first_run *run)
{
    if (faults_have(faults, "/password"))
        return ERR_OK;
    struct str email = run->person.settings.email;
    enum err err = email.p == NULL ? password_check(&call->op, password)
                                   : password_check_for(&call->op, password, email);
    if (err != ERR_INVALID)
        return err;
    fault_add(faults, STR("password"), FAULT_WHOLE,
              password.n == 0 ? FAULT_REQUIRED : FAULT_WEAK_PASSWORD, NO_OPTIONS, "%s",
              call->op.detail);
    op_forget(&call->op);
    return ERR_OK;
}

static enum err refuse_link(struct call *call)
{
    return call_refuse(call, 404,
                       "This link is not valid any more: there is an administrator already, or the "
                       "link is older than 24 hours or was replaced by a newer one. Start the "
                       "server again for a new link; `bzctrld user add` works at any time.");
}

enum err first_run_take(struct call *call)
{
    const struct json *body;
    struct first_run_draft draft = {0};
    struct first_run run = {.op = &call->op, .directory = call->directory};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    enum err err = session_expect_own_page(call);
    if (err == ERR_OK)
        err = call_body(call, false, &body);
    if (err != ERR_OK)
        return err;

    /* Who has no link learns nothing, and has nothing hashed. */
    members_decode(members, sizeof members / sizeof members[0], body, true, call->op.arena, &faults,
                   &draft);
    err = first_run_expect(api_core(call->api), &call->op, draft.token);
    if (err == ERR_NOT_FOUND)
        return refuse_link(call);
    if (err == ERR_OK)
        err = person_part(call, &draft, &faults, &run);
    if (err == ERR_OK)
        err = workspace_part(call, draft.workspace, &faults, &run);
    if (err == ERR_OK)
        err = password_part(call, draft.password, &faults, &run);
    if (err == ERR_OK && faults.n > 0)
        err = call_refuse_faults(call, &faults);
    if (err == ERR_OK && !call->hashing)
        err = ERR_ELSEWHERE; /* the password will be hashed */
    if (err == ERR_OK)
        err = password_hash(&call->op, draft.password, &run.person.password_hash);
    if (err != ERR_OK)
        return err;

    run.token = draft.token;
    err = first_run_use(api_core(call->api), &run);
    if (err == ERR_NOT_FOUND)
        return refuse_link(call);
    return err == ERR_OK ? session_open(call, run.person.account_id, 0) : err;
}
