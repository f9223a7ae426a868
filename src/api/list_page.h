/*
 * A page of a list of records as an answer, {"items":[…],"people":{…},"total":2,"next":"…"}: full, unless
 * it is the last. A search stops early where texts are long or hits rare (core/task.h); the page then
 * continues with another one, as the next piece of the answer (api/stream.h).
 */
#ifndef BZCTRL_API_LIST_PAGE_H
#define BZCTRL_API_LIST_PAGE_H

#include "api/people.h"
#include "core/task.h"

/* Writes an item into call->json, and adds whom it names: at most PEOPLE_OF_TASK, and one for each reason
 * of an inbox. */
typedef void list_item_put(struct call *call, const struct task_filter *filter,
                           const struct task *task, struct people *people);

/* Answers with the page. `list` has everything but its limit and cursor, which are read from the query; a
 * list whose filter has an inbox is read as that. */
enum err list_page_answer(struct call *call, const struct task_list_request *list,
                          list_item_put *put) MUST_CHECK;

#endif
