#include "api/query.h"

#include "api/call.h"
#include "base/percent.h"

#include <string.h>

enum { QUERY_MAX = 64 };

struct query_parameter {
    struct str name, value;
};

static bool query_name_known(struct str name, const char *const *names, bool *ret_many)
{
    for (; names != NULL && *names != NULL; names++) {
        struct str known = str_of(*names);
        *ret_many = known.p[known.n - 1] == '*';
        known.n -= *ret_many;
        if (str_eq(known, name))
            return true;
    }
    return false;
}

static enum err refuse_unknown(struct call *call, struct str name, const char *const *names)
{
    struct buf known;
    buf_init(&known, 512);
    for (const char *const *k = names; k != NULL && *k != NULL; k++)
        buf_printf(&known, "%s%.*s", k == names ? "" : ", ", (int)strcspn(*k, "*"), *k);
    enum err err =
        call_refuse(call, 400, "Unknown query parameter \"%.*s\". Parameters of this call: %.*s.",
                    STR_ARG(name), STR_ARG(known.n ? buf_str(&known) : STR("none")));
    buf_finish(&known);
    return err;
}

enum err call_query_accept(struct call *call, const char *const *names)
{
    return call_query_read(call, call->request->query, names);
}

enum err call_query_read(struct call *call, struct str query, const char *const *names)
{
    /* Just enough: some calls keep their arena for hours. */
    size_t most = 1;
    for (size_t i = 0; i < query.n && most < QUERY_MAX; i++)
        most += query.p[i] == '&';
    call->query_count = 0;
    call->query = ARENA_ARRAY(call->op.arena, struct query_parameter, most);
    if (call->query == NULL)
        return ERR_MEMORY;
    for (struct str rest = query; rest.p != NULL;) {
        struct str value = str_cut(&rest, '&');
        if (value.n == 0)
            continue;
        struct str raw = str_cut(&value, '=');
        struct query_parameter parameter = {STR_NONE};
        bool many = false;
        enum err err = percent_decode(call->op.arena, raw, true, &parameter.name);
        if (err == ERR_OK)
            err = percent_decode(call->op.arena, value, true, &parameter.value);
        if (err == ERR_SYNTAX)
            return call_refuse(call, 400,
                               "The query parameter \"%.*s\" is not encoded correctly; use "
                               "percent-encoded UTF-8 without NUL.",
                               STR_ARG(raw));
        if (err != ERR_OK)
            return err;
        struct str name = parameter.name;
        if (!query_name_known(name, names, &many))
            return refuse_unknown(call, name, names);
        if (!many && call_query(call, name.p).p != NULL)
            return call_refuse(call, 400, "The query parameter \"%.*s\" appears twice.",
                               STR_ARG(name));
        if (call->query_count == QUERY_MAX)
            return call_refuse(call, 400, "There are more than %d query parameters; send fewer.",
                               QUERY_MAX);
        call->query[call->query_count++] = parameter;
    }
    return ERR_OK;
}

struct str call_query(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->query_count; i++)
        if (str_eq(call->query[i].name, str_of(name)))
            return call->query[i].value;
    return STR_NONE;
}

enum err call_query_all(struct call *call, const char *name, struct str_list *ret_values)
{
    size_t n = 0;
    for (size_t i = 0; i < call->query_count; i++)
        n += str_eq(call->query[i].name, str_of(name));
    struct str *items = ARENA_ARRAY(call->op.arena, struct str, n);
    if (items == NULL)
        return ERR_MEMORY;
    n = 0;
    for (size_t i = 0; i < call->query_count; i++)
        if (str_eq(call->query[i].name, str_of(name)))
            items[n++] = call->query[i].value;
    *ret_values = (struct str_list){items, n};
    return ERR_OK;
}

size_t call_query_count(const struct call *call)
{
    return call->query_count;
}

void call_query_at(const struct call *call, size_t at, struct str *ret_name, struct str *ret_value)
{
    *ret_name = call->query[at].name;
    *ret_value = call->query[at].value;
}

enum err call_query_flag(struct call *call, const char *name, bool *ret_flag)
{
    struct str text = call_query(call, name);
    if (text.p != NULL && !str_eq(text, STR("true")) && !str_eq(text, STR("false")))
        return call_refuse(call, 400, "%s must be true or false.", name);
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
