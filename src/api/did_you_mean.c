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

enum { OFFERED_MAX = 2 };

/* Adds the text to the list, unless that is full, if it finds something; an absent one does not. */
static enum err offer(struct call *call, struct str q, size_t *n, bool *ret_found)
{
    enum err err = ERR_OK;
    *ret_found = false;
    if (q.p != NULL && *n < OFFERED_MAX)
        err = finds(call, q, ret_found);
    if (err != ERR_OK || !*ret_found)
        return err;
    if ((*n)++ == 0)
        json_begin_list(&call->json, "didYouMean");
    json_begin_object(&call->json, NULL);
    json_put_text(&call->json, "q", q);
    json_end(&call->json);
    return ERR_OK;
}

/* What the words of `q` outside its filters may mean: people, or an order; then the text as it is, if
 * `itself`; or else its last word as a beginning. */
static enum err words_offer(struct call *call, struct str q, bool itself, size_t *n)
{
    struct str run, beginning;
    bool found;
    enum err err = query_hint_run(&call->op, q, &run);
    if (err == ERR_OK)
        err = offer(call, run, n, &found);
    if (err == ERR_OK)
        err = offer(call, itself ? q : STR_NONE, n, &found);
    if (err != ERR_OK || found)
        return err;
    err = query_hint_beginning(&call->op, q, &beginning);
    return err == ERR_OK ? offer(call, beginning, n, &found) : err;
}

enum err did_you_mean_put(struct call *call)
{
    struct str filters, q = call_query(call, "q");
    size_t n = 0;
    if (q.n == 0)
        return ERR_OK;
    enum err err = query_hint_filters(&call->op, q, &filters);
    if (err == ERR_OK && filters.p != NULL)
        err = words_offer(call, filters, true, &n);
    if (err == ERR_OK && n == 0)
        err = words_offer(call, q, false, &n);
    if (n > 0)
        json_end(&call->json);
    return err;
}
