/* The follower that notifies people of what has happened (model/notification.h). */
#include "base/log.h"
#include "core/mail.h"
#include "core/notification.h"
#include "follow/follower.h"
#include "json/read.h"
#include "model/key.h"
#include "model/right.h"
#include "model/task_state.h"
#include "store/alias.h"
#include "store/event.h"
#include "store/follower.h"
#include "store/mail.h"
#include "store/task.h"
#include "store/webhook.h"

#include <stdlib.h>

enum {
    EVENT_STEP = 500,           /* events of one step */
    ENOUGH = 256,               /* notifications, after which it ends earlier */
    SAYS_MAX = 4 * 1024 * 1024, /* bytes of what an event says, to be looked at */
};

struct follow_notify {
    struct core *core;
    struct db *db;
    int64_t ordinal; /* of the chain that it read last: they take turns */
};

/* What a person has set, read once in a step. */
struct receiver {
    int64_t account_id, due_at;
    struct notify_settings settings;
};

/* One step. */
struct telling {
    struct core *core;
    struct db *db;
    struct op *op;
    const struct directory *directory;
    const struct notify_chain *chain;
    const struct notify_event *event; /* the one that is looked at now, … */
    const struct workspace *workspace;
    const struct json *changes; /* … what it says, NULL: nothing; and its first notification */
    size_t first;
    struct notify_item *items; /* room for ENOUGH and for each account */
    size_t n;
    struct receiver *receivers; /* room for each account */
    size_t receiver_count;
};

/* ---- one person ---- */

static enum err receiver_find(struct telling *telling, int64_t account_id,
                              const struct receiver **ret_receiver)
{
    struct op *op = telling->op;
    struct mail_address address;
    for (size_t i = 0; i < telling->receiver_count; i++)
        if (telling->receivers[i].account_id == account_id) {
            *ret_receiver = &telling->receivers[i];
            return ERR_OK;
        }
    struct receiver *receiver = &telling->receivers[telling->receiver_count];
    enum err err = store_notify_settings(telling->db, op, account_id, &receiver->settings);
    if (err == ERR_OK)
        err = store_mail_address(telling->db, op, account_id, &address);
    if (err != ERR_OK)
        return err;
    receiver->account_id = account_id;
    receiver->due_at = mail_due_at(telling->core, op->now, &receiver->settings, &address);
    if (address.suspended_at != TIME_NONE)
        receiver->settings.mail = 0;
    telling->receiver_count++;
    *ret_receiver = receiver;
    return ERR_OK;
}

/* Tells an account, unless it did it itself, has no business with the record, or was notified of this event
 * already: the first reason is the one that counts. 0 is nobody. */
static enum err tell(struct telling *telling, int64_t account_id, enum notify_reason reason,
                     int64_t comment_id, int32_t due_date)
{
    const struct notify_event *event = telling->event;
    const struct account *account = directory_account_by_id(telling->directory, account_id);
    const struct receiver *receiver;
    if (account == NULL || account->disabled || account_id == event->actor_id ||
        !right_takes_part(telling->directory, account, telling->workspace))
        return ERR_OK;
    for (size_t i = telling->first; i < telling->n; i++)
        if (telling->items[i].told.account_id == account_id)
            return ERR_OK;
    enum err err = receiver_find(telling, account_id, &receiver);
    if (err != ERR_OK)
        return err;
    bool app = (receiver->settings.app & 1U << reason) != 0;
    bool mail = (receiver->settings.mail & 1U << reason) != 0;
    if (!app && !mail)
        return ERR_OK;
    telling->items[telling->n++] = (struct notify_item){.told = {.account_id = account_id,
                                                                 .task_id = event->task.id,
                                                                 .reason = reason,
                                                                 .at = event->at,
                                                                 .actor_id = event->actor_id,
                                                                 .comment_id = comment_id,
                                                                 .due_date = due_date,
                                                                 .app = app,
                                                                 .mail = mail},
                                                        .seq = event->seq,
                                                        .due_at = receiver->due_at};
    return ERR_OK;
}

/* Those whose record it is, and who follow it. */
static enum err tell_concerned(struct telling *telling, enum notify_reason reason,
                               int64_t comment_id)
{
    struct task task = telling->event->task;
    enum err err = tell(telling, task.assignee_id, reason, comment_id, DATE_NONE);
    if (err == ERR_OK)
        err = tell(telling, task.reporter_id, reason, comment_id, DATE_NONE);
    if (err == ERR_OK && task.follower_count > 0)
        err = store_followers(telling->db, telling->op, &task);
    for (int64_t i = 0; err == ERR_OK && task.followers != NULL && i < task.follower_count; i++)
        err = tell(telling, task.followers[i], reason, comment_id, DATE_NONE);
    return err;
}

/* ---- what an event says ---- */

/* One side of a member, which is [before, after]; NULL: it is not there. */
static const struct json *side(const struct telling *telling, struct str name, bool after)
{
    const struct json *pair = telling->changes == NULL ? NULL : json_member(telling->changes, name);
    if (pair == NULL || pair->kind != JSON_LIST || pair->n != 2)
        return NULL;
    return after ? pair->first->next : pair->first;
}

static int64_t account_named(const struct telling *telling, const struct json *email)
{
    struct str text = json_text(email);
    const struct account *account =
        text.p == NULL ? NULL : directory_account(telling->directory, text);
    return account == NULL ? 0 : account->id;
}

static bool list_has(const struct json *list, struct str text)
{
    const struct json *one = list != NULL && list->kind == JSON_LIST ? list->first : NULL;
    while (one != NULL && !str_eq(json_text(one), text))
        one = one->next;
    return one != NULL;
}

/* Its report gave it to somebody; unless a change, maybe of a rule, has given it to another one since, and
 * notifies that one. */
static enum err tell_report(struct telling *telling)
{
    const struct task *task = &telling->event->task;
    return task->assigned_at == TIME_NONE
               ? tell(telling, task->assignee_id, NOTIFY_ASSIGNED, 0, DATE_NONE)
               : ERR_OK;
}

/* Mentions that were not there before, and a comment that is new. */
static enum err tell_comment(struct telling *telling)
{
    const struct json *before = side(telling, STR("comment"), false);
    const struct json *after = side(telling, STR("comment"), true);
    uint64_t id = 0;
    if (after == NULL || after->kind != JSON_OBJECT ||
        !str_to_u64(json_text(json_member(after, STR("id"))), INT64_MAX, &id))
        return ERR_OK;
    bool edits = before != NULL && before->kind == JSON_OBJECT;
    const struct json *were = edits ? json_member(before, STR("mentions")) : NULL;
    const struct json *are = json_member(after, STR("mentions"));
    const struct json *one = are != NULL && are->kind == JSON_LIST ? are->first : NULL;
    enum err err = ERR_OK;
    for (; one != NULL && err == ERR_OK; one = one->next)
        if (!list_has(were, json_text(one)))
            err = tell(telling, account_named(telling, one), NOTIFY_MENTIONED, (int64_t)id,
                       DATE_NONE);
    return err == ERR_OK && !edits ? tell_concerned(telling, NOTIFY_COMMENTED, (int64_t)id) : err;
}

static enum err tell_status(struct telling *telling)
{
    return tell_concerned(telling, NOTIFY_STATUS, 0);
}

/* Those whom the notice of a rule names (core/rule_pass.h). A record's own reminder is about its due date as well, if
 * it has one. */
static enum err tell_named(struct telling *telling, enum notify_reason reason)
{
    const struct json *notice = side(telling, STR("notice"), true);
    const struct task *task = &telling->event->task;
    if (notice == NULL || notice->kind != JSON_OBJECT)
        return ERR_OK;
    const struct json *people = json_member(notice, STR("for"));
    const struct json *one = people != NULL && people->kind == JSON_LIST ? people->first : NULL;
    int32_t due = task->due_date;
    enum err err = ERR_OK;
    if (json_text(json_member(notice, STR("rule"))).p != NULL &&
        !date_read(json_text(json_member(notice, STR("date"))), &due))
        due = DATE_NONE;
    int32_t today = zone_date(telling->workspace->zone, telling->event->at);
    if (reason == NOTIFY_DUE && task_is_overdue(task->status, due, today))
        reason = NOTIFY_OVERDUE;
    for (; one != NULL && err == ERR_OK; one = one->next)
        err = tell(telling, account_named(telling, one), reason, 0, due);
    return err;
}

static enum err tell_reminder(struct telling *telling)
{
    return tell_named(telling, NOTIFY_DUE);
}

static enum err tell_escalation(struct telling *telling)
{
    return tell_named(telling, NOTIFY_ESCALATED);
}

/* May the account be the second person, and does the record concern it more than others? */
static bool may_confirm(const struct telling *telling, const struct account *account, bool manages)
{
    const struct task *task = &telling->event->task;
    return account->kind == ACCOUNT_PERSON && account->id != task->proposed_by &&
           account->id != task->assignee_id &&
           right_reach(telling->directory, account, RIGHT_WRITE, telling->workspace) == REACH_ALL &&
           (!manages || directory_role(telling->directory, account, telling->workspace->domain) ==
                            ROLE_MANAGER);
}

/* Closing was proposed: managers and followers who may confirm it are asked; without any, everybody who
 * may. */
static enum err tell_proposal(struct telling *telling)
{
    const struct directory *directory = telling->directory;
    struct task task = telling->event->task;
    enum err err = ERR_OK;
    if (task.proposed_by == 0)
        return ERR_OK;
    if (task.follower_count > 0)
        err = store_followers(telling->db, telling->op, &task);
    for (int64_t i = 0; err == ERR_OK && task.followers != NULL && i < task.follower_count; i++) {
        const struct account *account = directory_account_by_id(directory, task.followers[i]);
        if (account != NULL && may_confirm(telling, account, false))
            err = tell(telling, account->id, NOTIFY_CONFIRM, 0, DATE_NONE);
    }
    for (int manages = 1; manages >= 0 && err == ERR_OK; manages--) {
        for (size_t i = 0; i < directory->account_count && err == ERR_OK; i++)
            if (may_confirm(telling, &directory->accounts[i], manages == 1))
                err = tell(telling, directory->accounts[i].id, NOTIFY_CONFIRM, 0, DATE_NONE);
        if (telling->n > telling->first)
            break;
    }
    return err;
}

/* The record by a key that it has, or had before it was moved. ERR_NOT_FOUND. */
static enum err undelivered_find(struct telling *telling, struct str text, struct task *ret_task)
{
    struct str key;
    int64_t number;
    enum err err =
        text.p == NULL ? ERR_SYNTAX : key_read_record(telling->op->arena, text, &key, &number);
    const struct workspace *workspace =
        err == ERR_OK ? directory_workspace(telling->directory, key) : NULL;
    if (err == ERR_MEMORY)
        return err;
    if (workspace == NULL)
        return ERR_NOT_FOUND;
    err = store_task_get(telling->db, telling->op, workspace->id, number, ret_task);
    return err == ERR_NOT_FOUND
               ? store_task_get_moved(telling->db, telling->op, workspace->id, number, ret_task)
               : err;
}

/* Who answers for a webhook, and who manages its domain; an admin is not a manager of everything. */
static enum err tell_holders(struct telling *telling, const struct webhook *webhook,
                             enum notify_reason reason)
{
    const struct directory *directory = telling->directory;
    const struct domain *domain = directory_domain_by_id(directory, webhook->domain_id);
    enum err err = tell(telling, webhook->owner_id, reason, 0, DATE_NONE);
    for (size_t i = 0; domain != NULL && i < directory->grant_count && err == ERR_OK; i++) {
        const struct grant *grant = &directory->grants[i];
        if (grant_role(grant) == ROLE_MANAGER && key_covers(grant->domain->key, domain->key))
            err = tell(telling, grant->account_id, reason, 0, DATE_NONE);
    }
    return err;
}

/* Of a record that a webhook does not deliver (core/webhook.h). */
static enum err tell_webhook(struct telling *telling, enum notify_reason reason)
{
    struct str id = json_text(side(telling, STR("webhook"), true));
    struct str key = json_text(side(telling, STR("undelivered"), true));
    const struct notify_event *event = telling->event;
    struct notify_event about = *event;
    struct webhook webhook;
    uint64_t number = 0;
    if (id.p == NULL || !str_to_u64(id, INT64_MAX, &number))
        return ERR_OK;
    enum err err = store_webhook_get(telling->db, telling->op, (int64_t)number, &webhook);
    if (err == ERR_OK)
        err = undelivered_find(telling, key, &about.task);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    telling->event = &about;
    telling->workspace = directory_workspace_by_id(telling->directory, about.task.workspace_id);
    if (telling->workspace != NULL)
        err = tell_holders(telling, &webhook, reason);
    telling->event = event;
    return err;
}

static enum err tell_webhook_failing(struct telling *telling)
{
    return tell_webhook(telling, NOTIFY_WEBHOOK_FAILING);
}

static enum err tell_webhook_paused(struct telling *telling)
{
    return tell_webhook(telling, NOTIFY_WEBHOOK_PAUSED);
}

/* A second person sent it back: who proposed to close it, and whose record it is, go on with it. */
static enum err tell_return(struct telling *telling, const struct json *proposal)
{
    const struct task *task = &telling->event->task;
    int64_t proposer = account_named(telling, json_member(proposal, STR("by")));
    if (telling->event->actor_id == proposer)
        return ERR_OK;
    enum err err = tell(telling, proposer, NOTIFY_RETURNED, 0, DATE_NONE);
    return err == ERR_OK ? tell(telling, task->assignee_id, NOTIFY_RETURNED, 0, DATE_NONE) : err;
}

/* Has somebody taken back what they did? Nobody needs to read of it any more, and whose record it was knows of
 * it already. */
static bool is_undo(const struct telling *telling)
{
    return side(telling, STR("undoes"), true) != NULL;
}

static void withdraw_assigned(struct telling *telling)
{
    int64_t account_id = account_named(telling, side(telling, STR("assignee"), false));
    const struct notify_event *event = telling->event;
    if (account_id != 0)
        telling->items[telling->n++] = (struct notify_item){.told = {.account_id = account_id,
                                                                     .task_id = event->task.id,
                                                                     .reason = NOTIFY_ASSIGNED,
                                                                     .at = event->at},
                                                            .seq = event->seq,
                                                            .due_at = INT64_MAX,
                                                            .withdraws = true};
}

/* By the changed members of a record, whatever the action was. */
static enum err tell_members(struct telling *telling)
{
    const struct json *assignee = side(telling, STR("assignee"), true);
    const struct json *awaited = side(telling, STR("awaits"), false);
    const struct json *awaits = side(telling, STR("awaits"), true);
    int64_t account_id = account_named(telling, assignee);
    enum err err = ERR_OK;
    if (is_undo(telling))
        withdraw_assigned(telling);
    else if (account_id == telling->event->task.assignee_id)
        err = tell(telling, account_id, NOTIFY_ASSIGNED, 0, DATE_NONE);
    if (err == ERR_OK && awaits != NULL && awaits->kind == JSON_OBJECT)
        err = tell_proposal(telling);
    if (err == ERR_OK && awaited != NULL && awaited->kind == JSON_OBJECT && awaits != NULL &&
        awaits->kind == JSON_NULL && status_is_open(telling->event->task.status))
        err = tell_return(telling, awaited);
    return err;
}

/* Opened again, it is its assignee's again. */
static enum err tell_reopened(struct telling *telling)
{
    enum err err = is_undo(telling) ? ERR_OK
                                    : tell(telling, telling->event->task.assignee_id,
                                           NOTIFY_ASSIGNED, 0, DATE_NONE);
    return err == ERR_OK ? tell_status(telling) : err;
}

static const struct {
    struct str action;
    bool says; /* what it says is to be read, members included */
    enum err (*tell)(struct telling *telling);
} rules[] = {
    {STR_INIT("task.created"), false, tell_report},
    {STR_INIT("task.commented"), true, tell_comment},
    {STR_INIT("task.assigned"), true, NULL},
    {STR_INIT("task.updated"), true, NULL},
    {STR_INIT("task.linked"), true, NULL},
    {STR_INIT("task.unlinked"), true, NULL},
    {STR_INIT("task.closed"), true, tell_status},
    {STR_INIT("task.reopened"), true, tell_reopened},
    {STR_INIT("task.expired"), true, tell_status},
    {STR_INIT("task.reminded"), true, tell_reminder},
    {STR_INIT("task.escalated"), true, tell_escalation},
    {STR_INIT("admin.webhook.failing"), true, tell_webhook_failing},
    {STR_INIT("admin.webhook.paused"), true, tell_webhook_paused},
};

static enum err tell_event(struct telling *telling, const struct notify_event *event)
{
    struct event whole;
    size_t i = 0, n = sizeof rules / sizeof rules[0];
    enum err err = ERR_OK;
    while (i < n && !str_eq(rules[i].action, event->action))
        i++;
    telling->event = event;
    telling->workspace = directory_workspace_by_id(telling->directory, event->task.workspace_id);
    telling->changes = NULL;
    telling->first = telling->n;
    bool of_record = event->task.id != 0;
    if (i == n || of_record == event_is_administration(event->action) ||
        (of_record && telling->workspace == NULL))
        return ERR_OK;

    /* What was erased says nothing any more; what cannot be read is not worth a stop. */
    if (rules[i].says)
        err = store_event_get(telling->db, telling->op, telling->chain->domain_id, event->seq,
                              &whole);
    if (err == ERR_OK && rules[i].says && whole.payload.p != NULL && whole.payload.n <= SAYS_MAX) {
        err = json_read_written(telling->op, telling->op->arena, whole.payload, &telling->changes);
        if (err == ERR_SYNTAX || (err == ERR_OK && telling->changes->kind != JSON_OBJECT)) {
            telling->changes = NULL;
            op_forget(telling->op);
            err = ERR_OK;
        }
    }
    if (err == ERR_OK && of_record)
        err = tell_members(telling);
    return err == ERR_OK && rules[i].tell != NULL ? rules[i].tell(telling) : err;
}

/* ---- the follower ---- */

static void notify_close(void *state)
{
    struct follow_notify *follow = state;
    db_close(follow->db);
    free(follow);
}

static enum err notify_open(struct core *core, struct op *op, void **ret_state)
{
    struct follow_notify *follow = calloc(1, sizeof *follow);
    if (follow == NULL)
        return ERR_MEMORY;
    follow->core = core;
    enum err err = core_open_reader(core, op, &follow->db);
    if (err != ERR_OK) {
        free(follow);
        return err;
    }
    *ret_state = follow;
    return ERR_OK;
}

static int item_cmp(const void *a, const void *b)
{
    int64_t left = ((const struct notify_item *)a)->told.account_id;
    int64_t right = ((const struct notify_item *)b)->told.account_id;
    return left < right ? -1 : left > right;
}

/* Puts whom the event concerns into the order of the position, without those whom it already covers. */
static void event_order(struct telling *telling)
{
    const struct notify_position *at = &telling->chain->at;
    struct notify_item *items = telling->items + telling->first;
    size_t n = telling->n - telling->first, covered = 0;
    if (n > 1)
        qsort(items, n, sizeof *items, item_cmp);
    while (telling->event->seq == at->seq + 1 && covered < n &&
           items[covered].told.account_id <= at->account_id)
        covered++;
    for (size_t i = covered; covered > 0 && i < n; i++)
        items[i - covered] = items[i];
    telling->n -= covered;
}

/* Reads the next events of a chain, and what they are to whom. */
static enum err step_read(struct follow_notify *follow, struct telling *telling,
                          struct notify_chain *chain, int64_t *ret_to)
{
    struct op *op = telling->op;
    struct notify_events events;
    enum err err = store_notify_chain(follow->db, op, follow->ordinal, chain);
    if (err == ERR_NOT_FOUND && follow->ordinal > 0)
        err = store_notify_chain(follow->db, op, 0, chain);
    if (err == ERR_OK)
        err =
            store_notify_events(follow->db, op, chain->ordinal, chain->at.seq, EVENT_STEP, &events);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < events.n && err == ERR_OK && telling->n < ENOUGH; i++) {
        struct arena_mark mark = arena_mark(op->arena);
        err = tell_event(telling, &events.items[i]);
        event_order(telling);
        arena_rewind(op->arena, mark);
        *ret_to = events.items[i].seq;
    }
    return err;
}

static enum err notify_step(void *state, struct op *op, enum follow_step *ret_step)
{
    struct follow_notify *follow = state;
    struct notify_chain chain;
    struct telling telling = {.core = follow->core, .db = follow->db, .op = op, .chain = &chain};
    int64_t to = 0;
    enum err err = db_begin_read(follow->db, op);
    if (err != ERR_OK)
        return err;
    /* As new as the events: who lost a role before them is not notified, and who got one is. */
    err = core_directory_of_view(follow->core, follow->db, op, &telling.directory);
    if (err == ERR_OK) {
        size_t accounts = telling.directory->account_count;
        telling.items = ARENA_ARRAY(op->arena, struct notify_item, ENOUGH + accounts);
        telling.receivers = ARENA_ARRAY(op->arena, struct receiver, accounts);
        err = telling.items != NULL && telling.receivers != NULL
                  ? step_read(follow, &telling, &chain, &to)
                  : ERR_MEMORY;
    }
    db_rollback(follow->db);
    directory_release(telling.directory);
    if (err == ERR_NOT_FOUND || err == ERR_RETRY) {
        op_forget(op);
        *ret_step = err == ERR_RETRY ? FOLLOW_MORE : FOLLOW_CURRENT;
        return ERR_OK;
    }
    if (err != ERR_OK)
        return err;

    struct notify_delivery delivery = {
        .op = op, .chain = chain, .to = to, .items = telling.items, .n = telling.n};
    err = notify_deliver(follow->core, &delivery);
    follow->ordinal = chain.ordinal;
    *ret_step = FOLLOW_MORE;
    return err;
}

const struct follow_kind follow_notify = {
    .name = "notify",
    .metric = FOLLOWER_NOTIFY,
    .open = notify_open,
    .close = notify_close,
    .step = notify_step,
};
