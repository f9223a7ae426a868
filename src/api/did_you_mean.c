#include "api/did_you_mean.h"

#include "api/api.h"
#include "api/list_query.h"
#include "api/query.h"
#include "core/core.h"
#include "core/task_index.h"
#include "model/query_hint.h"

/* Does a record match if `q` is that text? Whatever hinders the look is not a fault of the list. */
static enum err finds(struct call *call, struct str q, bool *ret_finds)
{
    struct task_list_request list = {.sort = SORT_CREATED, .descending = true, .limit = 1};
    struct task_page page;
    *ret_finds = false;
    enum err err = call_list_filter_of(call, q, &list);
    if (err == ERR_OK)
        err =
            core_task_list(call->db, &call->op, core_task_index(api_core(call->api)), &list, &page);
    if (err == ERR_OK)
        *ret_finds = page.tasks.n > 0;
    if (err != ERR_SYNTAX && err != ERR_NOT_READY)
        return err;
    op_forget(&call->op);
    return ERR_OK;
}

/* The text that finds something: words as filters, then the last one as a beginning, then both. */
static enum err hint_find(struct call *call, struct str q, struct str *ret_hint)
{
    struct str hints[3] = {STR_NONE, STR_NONE, STR_NONE};
    bool found = false;
    enum err err = query_hint_filters(&call->op, q, &hints[0]);
    if (err == ERR_OK)
        err = query_hint_beginning(&call->op, q, &hints[1]);
    if (err == ERR_OK && hints[0].p != NULL)
        err = query_hint_beginning(&call->op, hints[0], &hints[2]);
    for (size_t i = 0; i < 3 && err == ERR_OK && !found; i++) {
        if (hints[i].p == NULL)
            continue;
        err = finds(call, hints[i], &found);
        *ret_hint = hints[i];
    }
    if (!found)
        *ret_hint = STR_NONE;
    return err;
}

enum err did_you_mean_put(struct call *call)
{
    struct str hint = STR_NONE, q = call_query(call, "q");
    enum err err = q.n == 0 ? ERR_OK : hint_find(call, q, &hint);
    if (err != ERR_OK || hint.p == NULL)
        return err;
    json_begin_list(&call->json, "didYouMean");
    json_begin_object(&call->json, NULL);
    json_put_text(&call->json, "q", hint);
    json_end(&call->json);
    json_end(&call->json);
    return ERR_OK;
}
