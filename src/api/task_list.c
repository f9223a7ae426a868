/* GET /tasks. */
#include "api/task_list.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/list_query.h"
#include "api/query.h"
#include "api/record.h"
#include "core/task.h"
#include "core/task_index.h"
#include "model/task_query.h"
#include "store/alias.h"

enum { LIST_PARAMETERS_MAX = 40 };

static enum err list_accept(struct call *call, struct str query, const char *const *own)
{
    const char *names[LIST_PARAMETERS_MAX + 1];
    size_t n = 0;
    for (const char *const *p = task_parameters; *p != NULL; p++)
        names[n++] = *p;
    for (; *own != NULL; own++)
        names[n++] = *own;
    names[n] = NULL;
    return call_query_read(call, query, names);
}

enum err call_list_accept(struct call *call, const char *const *own)
{
    return list_accept(call, call->request->query, own);
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

enum err call_list_filter(struct call *call, struct task_list_request *list)
{
    struct task_query *query = ARENA_NEW(call->op.arena, struct task_query);
    if (query == NULL)
        return ERR_MEMORY;
    query->op = &call->op;
    query->directory = call->directory;
    query->caller = call->caller;
    query->find_record = find_record;
    query->arg = call;
    enum err err = ERR_OK;
    for (const char *const *p = task_parameters; *p != NULL && err == ERR_OK; p++) {
        struct str_list values;
        struct str name = str_of(*p);
        char text[32];
        name.n--; /* its '*' */
        for (size_t i = 0; i < name.n; i++)
            text[i] = name.p[i];
        text[name.n] = '\0';
        err = call_query_all(call, text, &values);
        if (err == ERR_OK)
            err = task_query_parameter(query, name, values);
    }
    struct str q = call_query(call, "q");
    if (err == ERR_OK && q.p != NULL)
        err = task_query_read(query, q);
    if (err == ERR_OK)
        err = task_query_end(query, &list->filter);
    /* Somebody who names an order of their own gets that. */
    if (call_query(call, "sort").p == NULL)
        list->exact_first = query->typed;
    return err;
}

enum err call_list_sort(struct call *call, struct task_list_request *list)
{
    static const struct {
        struct str name;
        enum task_sort sort;
    } sorts[] = {
        {STR_INIT("created"), SORT_CREATED},
        {STR_INIT("createdAt"), SORT_CREATED},
        {STR_INIT("updated"), SORT_UPDATED},
        {STR_INIT("updatedAt"), SORT_UPDATED},
        {STR_INIT("dueDate"), SORT_DUE},
        {STR_INIT("priority"), SORT_PRIORITY},
        {STR_INIT("financialImpact"), SORT_AMOUNT},
    };
    struct str text = call_query(call, "sort");
    list->sort = SORT_CREATED;
    list->descending = true;
    if (text.p == NULL)
        return ERR_OK;
    list->descending = str_starts(text, STR("-"));
    for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++)
        if (str_eq(str_from(text, list->descending), sorts[i].name)) {
            list->sort = sorts[i].sort;
            return ERR_OK;
        }
    return call_refuse(call, 400,
                       "sort must be one of created, updated, dueDate, priority, financialImpact, "
                       "with - before it for descending order, not \"%.*s\".",
                       STR_ARG(utf8_cut(text, 60)));
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

/* ---- the people of a page ---- */

struct people {
    int64_t ids[3 * TASK_LIST_MAX];
    size_t n;
};

static void people_add(struct people *people, int64_t id)
{
    for (size_t i = 0; i < people->n; i++)
        if (people->ids[i] == id)
            return;
    people->ids[people->n++] = id;
}

/* Everybody whom a record of the page names by an e-mail address. */
static enum err encode_people(struct call *call, const struct task_list *tasks)
{
    struct people *people = ARENA_NEW(call->op.arena, struct people);
    if (people == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < tasks->n; i++) {
        people_add(people, tasks->items[i].assignee_id);
        people_add(people, tasks->items[i].reporter_id);
        people_add(people, tasks->items[i].source_id);
    }
    json_begin_object(&call->json, "people");
    for (size_t i = 0; i < people->n; i++) {
        const struct account *account = directory_account_by_id(call->directory, people->ids[i]);
        struct str name = account == NULL ? STR_NONE : arena_str(call->op.arena, account->email);
        if (name.p == NULL)
            continue;
        json_begin_object(&call->json, name.p);
        json_put_text(&call->json, "name", account->name);
        json_put_flag(&call->json, "active", !account->disabled);
        json_end(&call->json);
    }
    json_end(&call->json);
    return ERR_OK;
}

enum err task_list_select(struct call *call, struct str query, struct task_list_request *ret_list)
{
    static const char *const own[] = {"q", "sort", NULL};
    struct task_list_request list = {.sort = SORT_CREATED, .descending = true};
    enum err err = list_accept(call, query, own);
    if (err == ERR_OK)
        err = call_list_filter(call, &list);
    list.exact_first = STR_NONE;
    if (err == ERR_OK)
        *ret_list = list;
    return err;
}

enum err task_list(struct call *call)
{
    static const char *const own[] = {"q", "sort", "total", "limit", "cursor", NULL};
    struct task_list_request list = {0};
    struct task_page page;
    int64_t limit;
    enum err err = call_list_accept(call, own);
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
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = 0; i < page.tasks.n; i++)
        call_put_task(call, NULL, &page.tasks.items[i]);
    json_end(&call->json);
    err = encode_people(call, &page.tasks);
    if (err != ERR_OK)
        return err;
    if (list.total)
        json_put_i64(&call->json, "total", page.total);
    if (page.next.p != NULL)
        json_put_text(&call->json, "next", page.next);
    json_end(&call->json);
    return call_answer_json(call, 200);
}
