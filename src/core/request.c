#include "core/request.h"

#include "store/request.h"

#include <stdlib.h>

enum {
    CHUNK = 500,
    READ_MAX = 5000, /* rows looked at for one page; retention leaves about a thousand */
};

static int id_cmp(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static bool matches(const struct request_list_request *request, const struct request_head *head)
{
    if (head->status < request->status_least || head->status > request->status_most)
        return false;
    return request->all ||
           (request->workspace_count > 0 &&
            bsearch(&head->workspace_id, request->workspaces, request->workspace_count,
                    sizeof request->workspaces[0], id_cmp) != NULL);
}

/* One match more than fits is looked for, so that the last page knows that it is. */
enum err core_request_list(struct db *db, struct op *op, const struct request_list_request *request,
                           struct request_page *ret_page)
{
    struct logged_request *items = ARENA_ARRAY(op->arena, struct logged_request, request->limit);
    struct request_heads heads = {.n = CHUNK};
    int64_t below = request->below == 0 ? INT64_MAX : request->below, next = 0;
    size_t n = 0;
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t looked_at = 0; heads.n == CHUNK; looked_at += heads.n) {
        if (looked_at >= READ_MAX) {
            next = below;
            break;
        }
        enum err err = store_request_heads(db, op, request->account_id, below, CHUNK, &heads);
        for (size_t i = 0; i < heads.n && err == ERR_OK && next == 0; i++) {
            below = heads.items[i].id;
            if (!matches(request, &heads.items[i]))
                continue;
            if (n == request->limit)
                next = items[n - 1].id;
            else
                err = store_request_get(db, op, below, &items[n++]);
        }
        if (err != ERR_OK)
            return err;
        if (next != 0)
            break;
    }
    *ret_page = (struct request_page){items, n, next};
    return ERR_OK;
}
