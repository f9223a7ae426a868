/*
 * The second person: /tasks/{key}/closing proposes that a record is closed, maybe as a duplicate, and
 * somebody else accepts that or returns the record; the proposer can withdraw that.
 */
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/record_link.h"
#include "base/container.h"
#include "form/life.h"

enum { NOTE_MAX = 1000 };

struct closing_draft {
    struct str result, duplicate_of, note;
    bool has_result, has_duplicate_of, has_note;
};

struct closing_call {
    struct record_link link; /* if it is a duplicate */
    struct str duplicate_of; /* as sent; absent: it is not proposed as one */
};

/* ---- what was sent ---- */

#define DRAFT_FIELD(field)                                                                         \
    offsetof(struct closing_draft, field), offsetof(struct closing_draft, has_##field)

static const struct body_member members[] = {
    {STR_INIT("note"), MEMBER_TEXT_OR_NULL, true, true, DRAFT_FIELD(note)},
    {STR_INIT("result"), MEMBER_TEXT_OR_NULL, true, false, DRAFT_FIELD(result)},
    {STR_INIT("duplicateOf"), MEMBER_TEXT_OR_NULL, true, false, DRAFT_FIELD(duplicate_of)},
};

/* Reads the body: of a proposal it can have more than the note. */
static enum err closing_read(struct closing_call *closing, bool proposes)
{
    struct record_change *change = &closing->link.change;
    struct call *call = change->call;
    struct closing_draft draft = {0};
    struct faults faults;
    const struct json *body;
    enum err err = call_body(call, true, &body);
    if (err != ERR_OK)
        return err;
    faults_init(&faults, call->op.arena);
    members_decode(members, sizeof members / sizeof members[0], body, proposes, call->op.arena,
                   &faults, &draft);
    if (utf8_length(draft.note) > NOTE_MAX)
        fault_add(&faults, STR("note"), FAULT_WHOLE, FAULT_TOO_LONG, NO_OPTIONS,
                  "note can have at most %d characters.", NOTE_MAX);
    if (faults.err != ERR_OK || faults.n > 0)
        return call_judged(call, faults.err != ERR_OK ? faults.err : ERR_INVALID, &faults);
    if (utf8_visible(draft.note))
        change->note = (struct task_note){"note", draft.note};
    if (draft.has_result)
        change->draft.members[MEMBER_RESULT] =
            (struct draft_value){.kind = draft.result.p == NULL ? DRAFT_NULL : DRAFT_TEXT,
                                 .name = STR("result"),
                                 .text = draft.result};
    closing->duplicate_of = draft.duplicate_of;
    return ERR_OK;
}

/* ---- the judges ---- */

static struct record_link *link_of(struct record_change *change)
{
    return container_of(change, struct record_link, change);
}

/* It is linked to the other one from now on, and will be closed with a result that names that. */
static enum err propose_duplicate(struct record_link *link)
{
    enum err err =
        record_link_read(link, container_of(link, struct closing_call, link)->duplicate_of);
    link->kind = LINK_DUPLICATES;
    if (err == ERR_OK)
        err = record_link_add(link);
    return err == ERR_OK ? record_link_name_result(link) : err;
}

static enum err propose_judge(struct record_change *change)
{
    const struct task *before = &change->record.task;
    struct op *op = &change->call->op;
    enum err err = record_expect_version_sent(change->call, &change->record);
    if (err != ERR_OK)
        return err;
    if (before->status == STATUS_DONE)
        return op_fail(op, ERR_CONFLICT, "This record is closed already.");
    if (before->proposed_by != 0)
        return op_fail(op, ERR_CONFLICT,
                       "Closing this record was proposed already, and awaits a second person.");
    err = task_change_judge(&change->by, &change->draft, &change->changed);
    if (err == ERR_OK)
        err = container_of(link_of(change), struct closing_call, link)->duplicate_of.p == NULL
                  ? record_link_read_original(link_of(change))
                  : propose_duplicate(link_of(change));
    if (err != ERR_OK && err != ERR_INVALID)
        return err;
    life_judge_close(&change->by, &change->changed.task);
    if (change->faults.err != ERR_OK || change->faults.n > 0)
        return change->faults.err != ERR_OK ? change->faults.err : ERR_INVALID;
    change->changed.task.proposed_by = change->call->caller->id;
    change->changed.task.proposed_at = op->now;
    return ERR_OK;
}

static enum err expect_proposal(struct record_change *change)
{
    enum err err = record_expect_version_sent(change->call, &change->record);
    if (err == ERR_OK && change->record.task.proposed_by == 0)
        err = op_fail(&change->call->op, ERR_CONFLICT, "Nobody has proposed to close this record.");
    return err;
}

/* Is there something to decide, and may the caller? */
static enum err decide(struct record_change *change)
{
    const struct task *before = &change->record.task;
    struct op *op = &change->call->op;
    int64_t caller = change->call->caller->id;
    enum err err = expect_proposal(change);
    if (err != ERR_OK)
        return err;
    if (caller == before->proposed_by || caller == before->assignee_id)
        return op_fail(op, ERR_FORBIDDEN,
                       "This is for a second person: somebody who neither proposed it nor is the "
                       "assignee.");
    return ERR_OK;
}

static enum err accept_judge(struct record_change *change)
{
    enum err err = decide(change);
    if (err != ERR_OK)
        return err;
    life_judge_close(&change->by, &change->changed.task);
    if (change->faults.err != ERR_OK || change->faults.n > 0)
        return change->faults.err != ERR_OK ? change->faults.err : ERR_INVALID;
    life_close(&change->by, &change->changed);
    err = record_link_read_original(link_of(change));
    return err == ERR_OK && link_of(change)->there.task.id != 0
               ? record_link_carry_tags(link_of(change))
               : err;
}

/* The link that was made with the proposal goes with it. */
static enum err proposal_end(struct record_change *change)
{
    change->changed.task.proposed_by = 0;
    change->changed.task.proposed_at = TIME_NONE;
    enum err err = record_link_read_original(link_of(change));
    if (err == ERR_OK)
        record_link_remove(link_of(change), LINK_DUPLICATES);
    return err;
}

static enum err return_judge(struct record_change *change)
{
    enum err err = decide(change);
    return err == ERR_OK ? proposal_end(change) : err;
}

static enum err withdraw_judge(struct record_change *change)
{
    enum err err = expect_proposal(change);
    if (err == ERR_OK && change->record.task.proposed_by != change->call->caller->id)
        err =
            op_fail(&change->call->op, ERR_FORBIDDEN,
                    "Only the one who proposed it can withdraw that; somebody else can return the "
                    "record.");
    return err == ERR_OK ? proposal_end(change) : err;
}

/* ---- the calls ---- */

static enum err closing_run(struct closing_call *closing)
{
    enum err err = record_link_run(&closing->link);
    return err == ERR_OK ? record_change_answer(&closing->link.change) : err;
}

static enum err closing(struct call *call, enum err (*judge)(struct record_change *change),
                        bool proposes)
{
    struct closing_call closing = {
        .link = {.change = {.call = call, .judge = judge}, .member = "duplicateOf"}};
    enum err err = closing_read(&closing, proposes);
    return err == ERR_OK ? closing_run(&closing) : err;
}

enum err closing_propose(struct call *call)
{
    return closing(call, propose_judge, true);
}

enum err closing_accept(struct call *call)
{
    return closing(call, accept_judge, false);
}

enum err closing_return(struct call *call)
{
    return closing(call, return_judge, false);
}

enum err closing_withdraw(struct call *call)
{
    struct closing_call closing = {.link = {.change = {.call = call, .judge = withdraw_judge}}};
    enum err err = call_query_accept(call, NULL);
    return err == ERR_OK ? closing_run(&closing) : err;
}
