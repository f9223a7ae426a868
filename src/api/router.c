#include "api/router.h"

static bool path_matches(struct str pattern, struct str path, struct str *ret_parameters)
{
    size_t n = 0;
    while (pattern.p != NULL && path.p != NULL) {
        struct str want = str_cut(&pattern, '/');
        if (str_eq(want, STR("*"))) {
            ret_parameters[n] = path;
            return true;
        }
        struct str have = str_cut(&path, '/');
        if (want.n > 0 && want.p[0] == '{') {
            if (have.n == 0)
                return false;
            ret_parameters[n++] = have;
        } else if (!str_eq(want, have)) {
            return false;
        }
    }
    return pattern.p == NULL && path.p == NULL;
}

struct route_match router_find(const struct route *routes, size_t count, struct str method,
                               struct str path)
{
    struct route_match match = {0};
    if (str_eq(method, STR("HEAD")))
        method = STR("GET");
    for (size_t i = 0; i < count; i++) {
        if (!path_matches(routes[i].path, path, match.parameters))
            continue;
        match.path_exists = true;
        if (str_eq(routes[i].method, method)) {
            match.route = &routes[i];
            break;
        }
    }
    return match;
}

void router_allow(const struct route *routes, size_t count, struct str path, struct buf *buf)
{
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        /* A later route of the same method is never reached. */
        if (router_find(routes, count, routes[i].method, path).route != &routes[i])
            continue;
        if (!first)
            BUF_LIT(buf, ", ");
        first = false;
        buf_add(buf, routes[i].method);
        if (str_eq(routes[i].method, STR("GET")))
            BUF_LIT(buf, ", HEAD");
    }
}

static int hex_digit(char c)
{
    if (ascii_digit(c))
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct str percent_decode(struct arena *arena, struct str text, bool plus)
{
    char *to = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    if (to == NULL || text.p == NULL)
        return STR_NONE;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '+' && plus) {
            c = ' ';
        } else if (c == '%') {
            bool whole = text.n - i > 2;
            int high = whole ? hex_digit(text.p[i + 1]) : -1;
            int low = whole ? hex_digit(text.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return STR_NONE;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0')
            return STR_NONE;
        to[n++] = c;
    }
    to[n] = '\0';
    struct str decoded = {to, n};
    return utf8_valid(decoded) ? decoded : STR_NONE;
}
