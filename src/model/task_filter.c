#include "model/task_filter.h"

#include "model/task_state.h"

void task_filter_init(struct task_filter *filter)
{
    *filter = (struct task_filter){
        .due_before = DATE_NONE,
        .due_after = DATE_NONE,
        .created_before = TIME_NONE,
        .created_after = TIME_NONE,
    };
}

const struct filter_workspace *filter_workspace(const struct task_filter *filter, int64_t id)
{
    size_t low = 0, high = filter->workspace_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (filter->workspaces[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < filter->workspace_count && filter->workspaces[low].id == id;
    return found ? &filter->workspaces[low] : NULL;
}

/* An empty set or list lets everything pass. */
static bool set_has(unsigned set, unsigned value)
{
    return set == 0 || (value < 32 && (set & FILTER_BIT(value)) != 0);
}

static bool ids_have(struct id_list list, int64_t id)
{
    if (list.n == 0)
        return true;
    for (size_t i = 0; i < list.n; i++)
        if (list.ids[i] == id)
            return true;
    return false;
}

static bool texts_meet(struct str_list wanted, struct str_list texts)
{
    if (wanted.n == 0)
        return true;
    for (size_t i = 0; i < wanted.n; i++)
        for (size_t j = 0; j < texts.n; j++)
            if (str_eq(wanted.items[i], texts.items[j]))
                return true;
    return false;
}

static bool due_matches(const struct task_filter *filter, const struct task *task, int32_t today)
{
    int32_t due = task->due_date;
    bool asked =
        filter->due_before != DATE_NONE || filter->due_after != DATE_NONE || filter->overdue;
    if (!asked)
        return true;
    return due != DATE_NONE && (filter->due_before == DATE_NONE || due < filter->due_before) &&
           (filter->due_after == DATE_NONE || due > filter->due_after) &&
           (!filter->overdue || task_is_overdue(task->status, due, today));
}

bool task_matches(const struct task_filter *filter, const struct task *task)
{
    const struct filter_workspace *workspace = filter_workspace(filter, task->workspace_id);
    if (workspace == NULL || (workspace->own && task->source_id != filter->caller_id))
        return false;
    return set_has(filter->types, task->type) && set_has(filter->statuses, task->status) &&
           set_has(filter->priorities, task->priority) &&
           ids_have(filter->assignees, task->assignee_id) &&
           ids_have(filter->reporters, task->reporter_id) &&
           ids_have(filter->sources, task->source_id) &&
           due_matches(filter, task, workspace->today) &&
           (filter->created_before == TIME_NONE || task->created_at < filter->created_before) &&
           (filter->created_after == TIME_NONE || task->created_at > filter->created_after) &&
           texts_meet(filter->tags, task->tags) && texts_meet(filter->categories, task->category);
}
