#include "model/task_state.h"

bool status_is_open(enum task_status status)
{
    return status != STATUS_DONE;
}

bool task_is_overdue(enum task_status status, int32_t due_date, int32_t today)
{
    return status_is_open(status) && due_date != DATE_NONE && due_date < today;
}

int64_t task_closed_at(const struct task *task)
{
    if (status_is_open(task->status))
        return TIME_NONE;
    return task->closed_by != 0 ? task->closed_at : task->created_at;
}

int64_t task_closed_by(const struct task *task)
{
    if (status_is_open(task->status))
        return 0;
    return task->closed_by != 0 ? task->closed_by : task->source_id;
}

int32_t task_first_due_date(const struct task *task)
{
    return task->due_moves > 0 ? task->first_due_date : task->due_date;
}
