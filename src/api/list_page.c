#include "api/list_page.h"

#include "api/api.h"
#include "api/did_you_mean.h"
#include "api/list_query.h"
#include "api/query.h"
#include "core/core.h"
#include "core/inbox.h"
#include "core/task_cursor.h"
#include "core/task_index.h"

/* How far a page is. */
struct page_walk {
    struct task_list_request list; /* what is left of it */
    char cursor[TASK_LIST_CURSOR_MAX];
    list_item_put *put;
    struct people people;
    int64_t total; /* -1: nobody asked */
    int64_t directory_version;
    bool begun, found; /* a record */
};

/* What comes after the items; `next` is absent on the last page. */
static enum err page_end(struct call *call, const struct page_walk *walk, struct str next)
{
    enum err err = ERR_OK;
    json_end(&call->json);
    people_encode(call, &walk->people);
    if (walk->total >= 0)
        json_put_i64(&call->json, "total", walk->total);
    if (next.p != NULL)
        json_put_text(&call->json, "next", next);
    else if (!walk->found && call_query(call, "cursor").p == NULL &&
             walk->list.filter.inbox == NULL)
        err = did_you_mean_put(call);
    json_end(&call->json);
    return err;
}

static enum err page_more(struct call *call, bool *ret_last)
{
    struct page_walk *walk = call->state;
    struct task_list_request *list = &walk->list;
    struct task_index *index = core_task_index(api_core(call->api));
    struct task_page page;
    enum err err = ERR_OK;
    if (walk->begun)
        err = call_list_expect_still(call, &list->filter, &walk->directory_version);
    if (err == ERR_OK)
        err = list->filter.inbox == NULL ? core_task_list(call->db, &call->op, index, list, &page)
                                         : inbox_page(call->db, &call->op, index, list, &page);
    if (err != ERR_OK)
        return err;

    for (size_t i = 0; i < page.tasks.n; i++)
        walk->put(call, &list->filter, &page.tasks.items[i], &walk->people);
    if (list->total)
        walk->total = page.total;
    list->total = false;
    list->limit -= page.tasks.n;
    walk->begun = true;
    walk->found = walk->found || page.tasks.n > 0;
    *ret_last = page.next.p == NULL || list->limit == 0;
    if (*ret_last)
        return page_end(call, walk, page.next);
    list->cursor = task_cursor_keep(page.next, walk->cursor);
    return ERR_OK;
}

enum err list_page_answer(struct call *call, const struct task_list_request *list,
                          list_item_put *put)
{
    struct page_walk *walk = ARENA_NEW(call->op.arena, struct page_walk);
    int64_t limit;
    enum err err = walk == NULL ? ERR_MEMORY : call_query_limit(call, &limit);
    if (err != ERR_OK)
        return err;
    *walk = (struct page_walk){
        .list = *list, .put = put, .total = -1, .directory_version = call->directory->version};
    walk->list.limit = (size_t)limit;
    walk->list.cursor = call_query(call, "cursor");
    err = people_begin(call, (PEOPLE_OF_TASK + INBOX_REASONS) * walk->list.limit, &walk->people);
    if (err != ERR_OK)
        return err;
    call->state = walk;
    call_items_begin(call);
    return call_answer_stream(call, 200, STR("application/json"), NULL, 0,
                              &(struct call_stream){.more = page_more,
                                                    .state_size = sizeof *walk,
                                                    .length = HTTP_LENGTH_UNKNOWN});
}
