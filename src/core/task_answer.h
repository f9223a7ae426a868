/*
 * The answer to a report, as it is given and as it is stored for its idempotency key: the 201 with
 * Location, ETag and Bzctrl-Receipt and the five members of the contract, or the 200 of a report
 * that repeats another. It is made where number and receipt are known first, on the write lane.
 */
#ifndef BZCTRL_CORE_TASK_ANSWER_H
#define BZCTRL_CORE_TASK_ANSWER_H

#include "core/task.h"

/* Makes the answer to a create that is complete, in op->arena. Quick: it touches the create alone.
 * ERR_MEMORY. */
enum err task_answer_make(const struct task_create *create, struct answer *ret_answer) MUST_CHECK;

/* The record that it shows: the report's own, or the first one that it repeats. Of one that the
 * caller may not read it shows no more than where it is: the rest is as the caller sent it. */
struct task task_answer_shows(const struct task_create *create);

/* The key of the record that an answer is about; absent when there is none. */
struct str task_answer_key(const struct answer *answer);

/* A header of an answer; absent when it has none of that name. */
struct str task_answer_header(const struct answer *answer, struct str name);

#endif
