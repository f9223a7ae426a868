/*
 * What follows from a record's status, dates and history: the one place that says which records are
 * open and which are overdue, for lists, answers, counts and mails alike.
 */
#ifndef BZCTRL_MODEL_TASK_STATE_H
#define BZCTRL_MODEL_TASK_STATE_H

#include "model/task.h"

/* Open until it is Done, so an expired one is open too. */
bool status_is_open(enum task_status status);

/* Open, and its due date lies before `today`, the day in its workspace's zone. */
bool task_is_overdue(enum task_status status, int32_t due_date, int32_t today);

/* When and by whom it was closed; TIME_NONE and 0 while it is open. What was reported as Done was
 * closed by its source when it was created. */
int64_t task_closed_at(const struct task *task);
int64_t task_closed_by(const struct task *task);

/* The due date that it had before the first move, or has while it was never moved; or DATE_NONE. */
int32_t task_first_due_date(const struct task *task);

#endif
