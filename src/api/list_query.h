/*
 * The query of GET /tasks, for the calls that take the same filters.
 */
#ifndef BZCTRL_API_LIST_QUERY_H
#define BZCTRL_API_LIST_QUERY_H

#include "core/task.h"

struct call;
struct task_query;

/* call_query_accept() for the filters' parameters and, up to a NULL, the call's own: at most 8. */
enum err call_list_accept(struct call *call, const char *const *own) MUST_CHECK;

/* A query by the caller that selects all that they may read, in the arena. NULL when out of memory. */
struct task_query *call_list_query(struct call *call);

/* Reads list->filter from each parameter and from `q`; and list->exact_first, if there is no `sort`.
 * ERR_SYNTAX, ERR_MEMORY, or an error of the database. */
enum err call_list_filter(struct call *call, struct task_list_request *list) MUST_CHECK;

/* The same with another text for `q`; list->exact_first stays as it is. */
enum err call_list_filter_of(struct call *call, struct str q,
                             struct task_list_request *list) MUST_CHECK;

/* Reads list->sort and list->descending; the newest first without `sort`. ERR_ANSWERED (400). */
enum err call_list_sort(struct call *call, struct task_list_request *list) MUST_CHECK;

/* Reads the query string of GET /tasks, on the read lane: which records it selects, newest first; of
 * the list's own parameters it can have `sort`, which is not looked at. The call has its parameters
 * from here on. *ret_filters: it filters at all; without that it selects every record. ERR_ANSWERED
 * (400), ERR_SYNTAX, ERR_MEMORY. */
enum err call_list_select(struct call *call, struct str query, bool *ret_filters,
                          struct task_list_request *ret_list) MUST_CHECK;

/* Before each piece of an answer but the first: ERR_FORBIDDEN when the caller has lost a right since it
 * began. *version is that of the directory in which that was last looked up. */
enum err call_list_expect_still(struct call *call, const struct task_filter *filter,
                                int64_t *version) MUST_CHECK;

#endif
