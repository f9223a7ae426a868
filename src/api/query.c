#include "api/query.h"

#include "api/call.h"

enum err call_query_accept(struct call *call, const char *const *names)
{
    return call_query_read(call, call->request->query, names);
}

enum err call_query_read(struct call *call, struct str query, const char *const *names)
{
    enum err err = query_read(&call->op, query, names, &call->query);
    return err == ERR_SYNTAX ? call_refuse(call, 400, "%.*s", STR_ARG(call->query.wrong)) : err;
}

struct str call_query(const struct call *call, const char *name)
{
    return query_value(&call->query, str_of(name));
}

enum err call_query_all(struct call *call, const char *name, struct str_list *ret_values)
{
    return query_values(&call->query, call->op.arena, str_of(name), ret_values);
}

enum err call_query_flag(struct call *call, const char *name, bool *ret_flag)
{
    struct str text = call_query(call, name);
    if (text.p != NULL && !str_eq(text, STR("true")) && !str_eq(text, STR("false")))
        return call_refuse(call, 400, "%s must be true or false, not \"%.*s\".", name,
                           STR_ARG(utf8_cut(text, 60)));
    *ret_flag = str_eq(text, STR("true"));
    return ERR_OK;
}

enum err call_query_limit(struct call *call, int64_t *ret_limit)
{
    struct str text = call_query(call, "limit");
    uint64_t limit = 50;
    if (text.p != NULL && (!str_to_u64(text, CALL_LIMIT_MAX, &limit) || limit == 0))
        return call_refuse(call, 400, "limit must be a number from 1 to %d, not \"%.*s\".",
                           CALL_LIMIT_MAX, STR_ARG(text));
    *ret_limit = (int64_t)limit;
    return ERR_OK;
}

enum err call_query_cursor(struct call *call, int64_t *ret_cursor)
{
    struct str text = call_query(call, "cursor");
    uint64_t cursor = 0;
    if (text.p != NULL && (!str_to_u64(text, INT64_MAX, &cursor) || cursor == 0))
        return call_cursor_unknown(call);
    *ret_cursor = (int64_t)cursor;
    return ERR_OK;
}

enum err call_query_page(struct call *call, int64_t *ret_limit, int64_t *ret_cursor)
{
    static const char *const parameters[] = {"limit", "cursor", NULL};
    enum err err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = call_query_limit(call, ret_limit);
    return err == ERR_OK ? call_query_cursor(call, ret_cursor) : err;
}

enum err call_cursor_unknown(struct call *call)
{
    return call_refuse(
        call, 400,
        "This cursor did not come from the \"next\" of an answer; begin again without it.");
}

void call_items_begin(struct call *call)
{
    json_begin_object(&call->json, NULL);
    json_begin_list(&call->json, "items");
}

void call_items_close(struct call *call, int64_t next)
{
    json_end(&call->json);
    if (next != 0)
        json_put_id(&call->json, "next", next);
    json_end(&call->json);
}

enum err call_items_end(struct call *call, int64_t next)
{
    call_items_close(call, next);
    return call_answer_json(call, 200);
}
