/*
 * The filter of GET /tasks, for calls that take the same.
 */
#ifndef BZCTRL_API_TASK_LIST_H
#define BZCTRL_API_TASK_LIST_H

#include "api/call.h"
#include "core/task.h"

/* Reads the query string of GET /tasks, on the read lane: which records it selects, newest first; of
 * the list's own parameters it can have `sort`, which is not looked at. The call has its parameters
 * from here on. *ret_filters: it filters at all; without that it selects every record. ERR_ANSWERED (400), ERR_SYNTAX, ERR_MEMORY. */
enum err task_list_select(struct call *call, struct str query, bool *ret_filters,
                          struct task_list_request *ret_list) MUST_CHECK;

#endif
