#include "form/life.h"

#include "json/read.h"
#include "model/right.h"
#include "model/task_field.h"
#include "model/task_state.h"

enum { TREE_MAX = 128 * 1024 * 1024 };

/* For how long those who have closed a record may open it again. */
static const int64_t REGRET_MS = INT64_C(24) * 60 * 60 * 1000;

/* ---- closing ---- */

/* Does the record have a value that the form needs, by its name? A field of the other todoType is
 * not needed. */
static bool has(const struct form *form, const struct task *task, const struct json *extra,
                struct str name)
{
    enum member member;
    const struct form_custom *custom = form_custom(form, name);
    unsigned types = FOR_BOTH;
    if (custom != NULL)
        types = custom->field.types;
    else if (member_read(name, &member))
        types = form->fields[member].types;
    if ((types & (1U << task->type)) == 0)
        return true;
    const struct task_field *field = custom == NULL ? task_field_named(name) : NULL;
    return field == NULL ? json_member(extra, name) != NULL : task_field_has(task, field);
}

/* Adds a fault for each value that closing needs and that the record lacks; of a record that is
 * closed already, only those that it `had`. */
static void judge_needed(const struct task_change_by *by, const struct task *task,
                         const struct task *had)
{
    const struct str_list needed = by->form->need_to_close;
    struct arena tree;
    const struct json *extra, *extra_had = NULL;
    if (needed.n == 0)
        return;
    arena_init(&tree, TREE_MAX);
    enum err err = json_read(by->op, &tree, task->extra, &extra);
    if (err == ERR_OK && had != NULL)
        err = json_read(by->op, &tree, had->extra, &extra_had);
    for (size_t i = 0; i < needed.n && err == ERR_OK; i++)
        if (!has(by->form, task, extra, needed.items[i]) &&
            (had == NULL || has(by->form, had, extra_had, needed.items[i])))
            fault_add(by->faults, needed.items[i], FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                      "%.*s is required to close this record.", STR_ARG(needed.items[i]));
    arena_finish(&tree);
    if (err != ERR_OK)
        by->faults->err = err;
}

void life_judge_close(const struct task_change_by *by, const struct task *task)
{
    judge_needed(by, task, NULL);
}

void life_close(const struct task_change_by *by, struct task_changed *changed)
{
    struct task *task = &changed->task;
    changed->closes = true;
    task->status = STATUS_DONE;
    task->closed_at = by->op->now;
    task->closed_by = by->caller->id;
    task->proposed_at = TIME_NONE;
    task->proposed_by = 0;
    if (task->due_date == DATE_NONE)
        task->due_date = zone_date(changed->workspace->zone, by->op->now);
}

bool life_confirms(const struct form *form, const struct task *task)
{
    const struct form_confirm *confirm = &form->confirm;
    return confirm->always ||
           (confirm->by_amount && task->financial_impact != CENTS_NONE &&
            task->financial_impact >= confirm->amount) ||
           (task->priority != LEVEL_NONE && (confirm->priorities >> task->priority & 1) != 0);
}

/* ---- opening again ---- */

static bool may_reopen(const struct task_change_by *by)
{
    const struct task *before = by->before;
    return right_manages(by->directory, by->caller, by->workspace->domain) ||
           (task_closed_by(before) == by->caller->id &&
            by->op->now - task_closed_at(before) <= REGRET_MS);
}

/* ---- the due date ---- */

/* The first one is kept, and how often it was moved; an overdue one is not moved in silence. */
static void due_follow(const struct task_change_by *by, struct task_changed *changed)
{
    const struct task *before = by->before;
    struct task *task = &changed->task;
    if (task->due_date == before->due_date) {
        changed->due_reason = STR_NONE;
        return;
    }
    if (before->due_date == DATE_NONE)
        return;
    if (task->due_moves++ == 0)
        task->first_due_date = before->due_date;
    int32_t today = zone_date(by->workspace->zone, by->op->now);
    if (task_is_overdue(before->status, before->due_date, today) && changed->due_reason.p == NULL &&
        !faults_have(by->faults, "/dueReason"))
        fault_add(by->faults, STR("dueReason"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "dueReason is required: the record is overdue, so say why its due date moves.");
}

enum err life_follow(const struct task_change_by *by, struct task_changed *changed)
{
    bool was_open = status_is_open(by->before->status);
    bool is_open = status_is_open(changed->task.status);
    due_follow(by, changed);
    if (!is_open)
        judge_needed(by, &changed->task, was_open ? NULL : by->before);
    if (by->faults->err != ERR_OK)
        return by->faults->err;
    if (by->faults->n > 0)
        return ERR_INVALID;
    if (!was_open && is_open) {
        if (!may_reopen(by))
            return op_fail(by->op, ERR_FORBIDDEN,
                           "To open a closed record again you need the role of a manager, unless "
                           "you closed it yourself within the last day.");
        changed->reopens = true;
        changed->task.closed_at = TIME_NONE;
        changed->task.closed_by = 0;
    }
    if (was_open && !is_open) {
        changed->needs_second_person =
            life_confirms(by->form, by->before) || life_confirms(by->form, &changed->task);
        if (changed->needs_second_person)
            return op_fail(by->op, ERR_CONFLICT,
                           "A second person must confirm that this record is closed: propose it "
                           "with POST /tasks/{key}/closing.");
        life_close(by, changed);
    }
    return ERR_OK;
}
