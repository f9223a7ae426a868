/* GET /tasks. */
#include "api/task_list.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/list_query.h"
#include "api/people.h"
#include "api/query.h"
#include "api/record.h"
#include "core/task.h"
#include "core/task_index.h"
#include "model/task_query.h"
#include "store/alias.h"

enum { LIST_PARAMETERS_MAX = 40 };

enum err call_list_accept(struct call *call, const char *const *own)
{
    const char *names[LIST_PARAMETERS_MAX + 1];
    size_t n = 0;
    for (const char *const *p = task_parameters; *p != NULL; p++)
        names[n++] = *p;
    for (; *own != NULL; own++)
        names[n++] = *own;
    names[n] = NULL;
    return call_query_accept(call, names);
}

static enum err find_record(void *arg, const struct workspace *workspace, int64_t number,
                            int64_t *ret_id)
{
    struct call *call = arg;
    struct task task = {.id = -1};
    enum err err = store_task_get(call->db, &call->op, workspace->id, number, &task);
    if (err == ERR_NOT_FOUND)
        err = store_task_get_moved(call->db, &call->op, workspace->id, number, &task);
    *ret_id = task.id;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* *ret_filters: something was sent that a record may fail. */
static enum err filter_make(struct call *call, struct task_list_request *list, bool *ret_filters)
{
    struct task_query *query = ARENA_NEW(call->op.arena, struct task_query);
    if (query == NULL)
        return ERR_MEMORY;
    query->op = &call->op;
    query->directory = call->directory;
    query->caller = call->caller;
    query->find_record = find_record;
    query->arg = call;
    enum err err = task_query_add(query, &call->query);
    if (err == ERR_OK)
        err = task_query_end(query, &list->filter);
    *ret_filters = query->n > 0;
    /* Somebody who names an order of their own gets that. */
    if (call_query(call, "sort").p == NULL)
        list->exact_first = query->typed;
    return err;
}

enum err call_list_filter(struct call *call, struct task_list_request *list)
{
    bool filters;
    return filter_make(call, list, &filters);
}

enum err call_list_sort(struct call *call, struct task_list_request *list)
{
    struct str text = call_query(call, "sort");
    list->sort = SORT_CREATED;
    list->descending = true;
    return text.p == NULL ? ERR_OK
                          : task_sort_read(&call->op, text, &list->sort, &list->descending);
}

static enum err list_total(struct call *call, struct task_list_request *list)
{
    struct str text = call_query(call, "total");
    list->total = text.p != NULL && str_eq(text, STR("true"));
    if (text.p == NULL || list->total || str_eq(text, STR("false")))
        return ERR_OK;
    return call_refuse(call, 400, "total must be true or false, not \"%.*s\".",
                       STR_ARG(utf8_cut(text, 60)));
}

enum err task_list_select(struct call *call, struct str query, bool *ret_filters,
                          struct task_list_request *ret_list)
{
    struct task_list_request list = {.sort = SORT_CREATED, .descending = true};
    enum err err = call_query_read(call, query, task_select_parameters);
    if (err == ERR_OK)
        err = filter_make(call, &list, ret_filters);
    list.exact_first = STR_NONE;
    if (err == ERR_OK)
        *ret_list = list;
    return err;
}

enum err task_list(struct call *call)
{
    struct task_list_request list = {0};
    struct task_page page;
    struct people people;
    int64_t limit;
    enum err err = call_query_accept(call, task_list_parameters);
    if (err == ERR_OK)
        err = call_query_limit(call, &limit);
    if (err == ERR_OK)
        err = call_list_sort(call, &list);
    if (err == ERR_OK)
        err = list_total(call, &list);
    if (err == ERR_OK)
        err = call_list_filter(call, &list);
    if (err != ERR_OK)
        return err;

    list.limit = (size_t)limit;
    list.cursor = call_query(call, "cursor");
    err = core_task_list(call->db, &call->op, core_task_index(api_core(call->api)), &list, &page);
    if (err == ERR_OK)
        err = people_begin(call, PEOPLE_OF_TASK * page.tasks.n, &people);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = 0; i < page.tasks.n; i++) {
        call_put_task(call, NULL, &page.tasks.items[i]);
        people_add_task(&people, &page.tasks.items[i]);
    }
    json_end(&call->json);
    people_encode(call, &people);
    if (list.total)
        json_put_i64(&call->json, "total", page.total);
    if (page.next.p != NULL)
        json_put_text(&call->json, "next", page.next);
    json_end(&call->json);
    return call_answer_json(call, 200);
}
