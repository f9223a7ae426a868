/*
 * The life of a record: what closing it, opening it again and moving its due date ask for, and what
 * follows from them. Pure.
 */
#ifndef BZCTRL_FORM_LIFE_H
#define BZCTRL_FORM_LIFE_H

#include "form/change.h"

/* What follows from the status and due date that a change sets. Faults are added for what it lacks;
 * the result is that of task_change_judge(). */
enum err life_follow(const struct task_change_by *by, struct task_changed *changed) MUST_CHECK;

/* Adds a fault for each value that the form needs for closing and that the record lacks. */
void life_judge_close(const struct task_change_by *by, const struct task *task);

/* Makes the record Done by the caller. */
void life_close(const struct task_change_by *by, struct task_changed *changed);

/* Does the form want a second person to confirm that this record is closed? */
bool life_confirms(const struct form *form, const struct task *task);

#endif
