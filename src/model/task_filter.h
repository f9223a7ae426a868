/*
 * Which records a list shows. The database narrows a list by workspace and time only; all else is
 * this one pure function over rows, so that a filter costs no index on the way of a create.
 */
#ifndef BZCTRL_MODEL_TASK_FILTER_H
#define BZCTRL_MODEL_TASK_FILTER_H

#include "model/task.h"

/* One bit per value of an enum task_type, task_status or level. */
#define FILTER_BIT(value) (1U << (unsigned)(value))

struct filter_workspace {
    int64_t id;
    int32_t today; /* in its time zone; for `overdue` */
    bool own;      /* shows only what task_filter.caller_id was the source of */
};

struct id_list {
    const int64_t *ids;
    size_t n;
};

/* Zeroed means everything of `workspaces`; then task_filter_init() sets the bounds to "none". Two
 * members must both hold; of a set or list with several values any one does. */
struct task_filter {
    const struct filter_workspace *workspaces; /* that may be shown, ordered by id */
    size_t workspace_count;
    int64_t caller_id;
    unsigned types, statuses, priorities;         /* sets of FILTER_BIT; 0: any */
    struct id_list assignees, reporters, sources; /* accounts; n == 0: any */
    struct str_list tags, categories;             /* exact; n == 0: any */
    int32_t due_before, due_after;                /* both exclusive; DATE_NONE: no bound */
    int64_t created_before, created_after;        /* both exclusive; TIME_NONE: no bound */
    bool overdue;                                 /* model/task_state.h */
};

void task_filter_init(struct task_filter *filter);

/* True if the list shows the record. A record without a due date fails every bound on it. */
bool task_matches(const struct task_filter *filter, const struct task *task);

/* The entry for a workspace, or NULL when it is not among them. */
const struct filter_workspace *filter_workspace(const struct task_filter *filter, int64_t id);

#endif
