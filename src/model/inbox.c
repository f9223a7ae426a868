#include "model/inbox.h"

#include "base/sorted.h"
#include "model/task_state.h"

static const struct str names[INBOX_REASONS] = {
    STR_INIT("assigned"), STR_INIT("due"),     STR_INIT("overdue"),
    STR_INIT("new"),      STR_INIT("confirm"), STR_INIT("mentioned"),
};

struct str inbox_reason_name(unsigned place)
{
    return names[place];
}

unsigned inbox_reason_read(struct str name)
{
    unsigned bit = 0;
    for (unsigned place = 0; place < INBOX_REASONS; place++)
        if (str_eq(name, names[place]))
            bit = 1U << place;
    return bit;
}

int64_t task_assigned_at(const struct task *task)
{
    return task->assigned_at == TIME_NONE ? task->created_at : task->assigned_at;
}

int64_t task_assigned_by(const struct task *task)
{
    return task->assigned_at == TIME_NONE ? task->source_id : task->assigned_by;
}

bool task_is_untaken(const struct task *task)
{
    return task->assigned_at == TIME_NONE && task->proposed_by == 0 &&
           task->assignee_id == task->reporter_id;
}

const struct inbox_mention *inbox_mention_find(const struct inbox *inbox, int64_t task_id)
{
    return SORTED_FIND(inbox->mentions, inbox->mention_count, struct inbox_mention, task_id,
                       task_id);
}

static bool by_system(const struct inbox *inbox, const struct task *task)
{
    const struct account *source = directory_account_by_id(inbox->directory, task->source_id);
    return source != NULL && source->kind == ACCOUNT_CLIENT;
}

unsigned inbox_reasons(const struct inbox *inbox, const struct task *task, unsigned rights,
                       int32_t today)
{
    int64_t me = inbox->account_id;
    bool mine = task->assignee_id == me;
    unsigned reasons = inbox_mention_find(inbox, task->id) == NULL ? 0 : INBOX_MENTIONED;
    if (!status_is_open(task->status))
        return reasons & inbox->wanted;
    if (mine && task_assigned_by(task) != me)
        reasons |= INBOX_ASSIGNED;
    if (mine && task_is_overdue(task->status, task->due_date, today))
        reasons |= INBOX_OVERDUE;
    else if (mine && task->due_date != DATE_NONE && task->due_date <= today + INBOX_DUE_DAYS)
        reasons |= INBOX_DUE;
    if ((rights & INBOX_MANAGES) != 0 && task_is_untaken(task) && by_system(inbox, task))
        reasons |= INBOX_NEW;
    if ((rights & INBOX_WRITES) != 0 && task->proposed_by != 0 && task->proposed_by != me && !mine)
        reasons |= INBOX_CONFIRM;
    return reasons & inbox->wanted;
}

/* ---- marks ---- */

static int64_t mention_id(const struct inbox *inbox, int64_t task_id)
{
    const struct inbox_mention *mention = inbox_mention_find(inbox, task_id);
    return mention == NULL ? 0 : mention->comment_id;
}

struct inbox_mark inbox_mark_of(const struct inbox *inbox, const struct task *task,
                                unsigned reasons, int64_t until)
{
    return (struct inbox_mark){
        .task_id = task->id,
        .until = until,
        .assigned_at = task_assigned_at(task),
        .proposed_at = task->proposed_at,
        .mention_id = mention_id(inbox, task->id),
        .due_date = task->due_date,
        .reasons = reasons,
    };
}

const struct inbox_mark *inbox_mark_find(const struct inbox *inbox, int64_t task_id)
{
    return SORTED_FIND(inbox->marks, inbox->mark_count, struct inbox_mark, task_id, task_id);
}

/* Does the mark answer all of these reasons? */
static bool mark_holds(const struct inbox *inbox, const struct inbox_mark *mark,
                       const struct task *task, unsigned reasons)
{
    if (mark == NULL || (mark->until != TIME_NONE && mark->until <= inbox->now))
        return false;
    unsigned answered = mark->reasons;
    if (mark->assigned_at != task_assigned_at(task))
        answered &= ~(unsigned)INBOX_ASSIGNED;
    if (mark->due_date != task->due_date)
        answered &= ~(unsigned)(INBOX_DUE | INBOX_OVERDUE);
    if (mark->proposed_at != task->proposed_at)
        answered &= ~(unsigned)INBOX_CONFIRM;
    if (mark->mention_id != mention_id(inbox, task->id))
        answered &= ~(unsigned)INBOX_MENTIONED;
    return (reasons & ~answered) == 0;
}

bool inbox_shows(const struct inbox *inbox, const struct task *task, unsigned reasons)
{
    const struct inbox_mark *mark = inbox_mark_find(inbox, task->id);
    bool answered = mark_holds(inbox, mark, task, reasons);
    return reasons != 0 && (inbox->put_off ? answered && mark->until != TIME_NONE : !answered);
}
