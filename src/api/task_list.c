/* GET /tasks. */
#include "api/handlers.h"
#include "api/list_page.h"
#include "api/list_query.h"
#include "api/query.h"
#include "api/record.h"
#include "model/task_query.h"

static void item_put(struct call *call, const struct task_filter *filter, const struct task *task,
                     struct people *people)
{
    (void)filter;
    call_put_task(call, NULL, task);
    people_add_task(people, task);
}

enum err task_list(struct call *call)
{
    struct task_list_request list = {0};
    enum err err = call_query_accept(call, task_list_parameters);
    if (err == ERR_OK)
        err = call_list_sort(call, &list);
    if (err == ERR_OK)
        err = call_query_flag(call, "total", &list.total);
    if (err == ERR_OK)
        err = call_list_filter(call, &list);
    return err == ERR_OK ? list_page_answer(call, &list, item_put) : err;
}
