#include "base/query.h"

#include "base/near.h"
#include "base/percent.h"

#include <string.h>

static bool name_known(struct str name, const char *const *names, bool *ret_many)
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

/* The sentence about what is wrong, in the arena since it may be long. */
#define refuse(op, query, ...)                                                                     \
    ((query)->wrong = arena_printf((op)->arena, __VA_ARGS__),                                      \
     (query)->wrong.p == NULL ? ERR_MEMORY : ERR_SYNTAX)

static enum err refuse_unknown(struct op *op, struct query *query, struct str name,
                               const char *const *names)
{
    struct near near = {.name = name};
    struct str shown = utf8_cut(name, 60);
    struct buf known;
    buf_init(&known, 1024);
    for (const char *const *k = names; k != NULL && *k != NULL; k++) {
        struct str one = {*k, strcspn(*k, "*")};
        buf_printf(&known, "%s%.*s", k == names ? "" : ", ", STR_ARG(one));
        near_look(&near, one);
    }
    enum err err =
        near.best.p != NULL
            ? refuse(op, query, "Unknown query parameter \"%.*s\"; did you mean \"%.*s\"?",
                     STR_ARG(shown), STR_ARG(near.best))
            : refuse(op, query, "Unknown query parameter \"%.*s\". Parameters of this call: %.*s.",
                     STR_ARG(shown), STR_ARG(known.n > 0 ? buf_str(&known) : STR("none")));
    buf_finish(&known);
    return err;
}

static enum err parameter_read(struct op *op, struct str text, const char *const *names,
                               struct query *query)
{
    struct query_parameter parameter = {STR_NONE};
    struct str value = text, raw = str_cut(&value, '=');
    bool many = false;
    enum err err = percent_decode(op->arena, raw, true, &parameter.name);
    if (err == ERR_OK)
        err = percent_decode(op->arena, value, true, &parameter.value);
    if (err == ERR_SYNTAX)
        return refuse(op, query,
                      "The query parameter \"%.*s\" is not encoded correctly; use percent-encoded "
                      "UTF-8 without NUL.",
                      STR_ARG(str_sub(raw, 0, 60)));
    if (err != ERR_OK)
        return err;
    if (!name_known(parameter.name, names, &many))
        return refuse_unknown(op, query, parameter.name, names);
    if (!many && query_value(query, parameter.name).p != NULL)
        return refuse(op, query, "The query parameter \"%.*s\" appears twice.",
                      STR_ARG(parameter.name));
    if (query->n == QUERY_PARAMETERS_MAX)
        return refuse(op, query, "There are more than %d query parameters; send fewer.",
                      QUERY_PARAMETERS_MAX);
    query->items[query->n++] = parameter;
    return ERR_OK;
}

enum err query_read(struct op *op, struct str text, const char *const *names,
                    struct query *ret_query)
{
    /* Just enough: some calls keep their arena for hours. */
    size_t most = 1;
    for (size_t i = 0; i < text.n && most < QUERY_PARAMETERS_MAX; i++)
        most += text.p[i] == '&';
    *ret_query = (struct query){.items = ARENA_ARRAY(op->arena, struct query_parameter, most)};
    enum err err = ret_query->items == NULL ? ERR_MEMORY : ERR_OK;
    for (struct str rest = text; rest.p != NULL && err == ERR_OK;) {
        struct str one = str_cut(&rest, '&');
        if (one.n > 0)
            err = parameter_read(op, one, names, ret_query);
    }
    return err;
}

struct str query_value(const struct query *query, struct str name)
{
    for (size_t i = 0; i < query->n; i++)
        if (str_eq(query->items[i].name, name))
            return query->items[i].value;
    return STR_NONE;
}

enum err query_values(const struct query *query, struct arena *arena, struct str name,
                      struct str_list *ret_values)
{
    size_t n = 0;
    for (size_t i = 0; i < query->n; i++)
        n += str_eq(query->items[i].name, name);
    struct str *items = ARENA_ARRAY(arena, struct str, n);
    if (items == NULL)
        return ERR_MEMORY;
    n = 0;
    for (size_t i = 0; i < query->n; i++)
        if (str_eq(query->items[i].name, name))
            items[n++] = query->items[i].value;
    *ret_values = (struct str_list){items, n};
    return ERR_OK;
}

enum err query_texts(const struct query *query, struct arena *arena, struct str_list *ret_texts,
                     size_t *ret_bytes)
{
    struct str *items = ARENA_ARRAY(arena, struct str, query->n + 1);
    size_t bytes = 0;
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < query->n; i++) {
        items[i] = arena_printf(arena, "%.*s=%.*s", STR_ARG(query->items[i].name),
                                STR_ARG(query->items[i].value));
        if (items[i].p == NULL)
            return ERR_MEMORY;
        bytes += items[i].n + 1;
    }
    *ret_texts = query->n == 0 ? (struct str_list){0} : (struct str_list){items, query->n};
    *ret_bytes = bytes;
    return ERR_OK;
}
