#include "api/list_query.h"

#include "api/accept_language.h"
#include "api/api.h"
#include "api/authentication.h"
#include "api/query.h"
#include "core/core.h"
#include "model/right.h"
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

struct task_query *call_list_query(struct call *call)
{
    struct task_query *query = ARENA_NEW(call->op.arena, struct task_query);
    if (query == NULL)
        return NULL;
    call_language(call);
    query->op = &call->op;
    query->directory = call->directory;
    query->caller = call->caller;
    query->find_record = find_record;
    query->arg = call;
    return query;
}

enum err call_list_filter_of(struct call *call, struct str q, struct task_list_request *list)
{
    struct query sent = {
        .items = ARENA_ARRAY(call->op.arena, struct query_parameter, call->query.n),
        .n = call->query.n,
    };
    struct task_query *query = call_list_query(call);
    if (query == NULL || sent.items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < sent.n; i++) {
        sent.items[i] = call->query.items[i];
        if (str_eq(sent.items[i].name, STR("q")))
            sent.items[i].value = q;
    }
    enum err err = task_query_add(query, &sent);
    return err == ERR_OK ? task_query_end(query, &list->filter) : err;
}

/* *ret_filters: something was sent that a record may fail. */
static enum err filter_make(struct call *call, struct task_list_request *list, bool *ret_filters)
{
    struct task_query *query = call_list_query(call);
    if (query == NULL)
        return ERR_MEMORY;
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

enum err call_list_expect_still(struct call *call, const struct task_filter *filter,
                                int64_t *version)
{
    const struct directory *directory = core_directory(api_core(call->api));
    enum err err = ERR_OK;
    if (directory->version != *version) {
        const struct account *caller = directory_account_by_id(directory, call->caller->id);
        bool may = caller != NULL && !caller->disabled;
        for (size_t i = 0; i < filter->workspace_count && may; i++) {
            const struct workspace *workspace =
                directory_workspace_by_id(directory, filter->workspaces[i].id);
            enum reach reach = workspace == NULL
                                   ? REACH_NONE
                                   : right_reach(directory, caller, RIGHT_READ, workspace);
            may = reach == REACH_ALL || (reach == REACH_OWN && filter->workspaces[i].own);
        }
        *version = directory->version;
        if (!may)
            err = op_fail(&call->op, ERR_FORBIDDEN, "the caller has lost a right since it began");
    }
    if (err == ERR_OK)
        err = call_expect_still(call, directory);
    directory_release(directory);
    return err;
}

enum err call_list_select(struct call *call, struct str query, bool *ret_filters,
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
