#include "api/router.h"

static bool path_matches(struct str pattern, struct str path, struct str *ret_parameters)
{
    size_t at = 0; /* in the path */
    for (size_t i = 0; i < pattern.n; i++) {
        char want = pattern.p[i];
        if (want != '{' && want != '*') {
            if (at == path.n || path.p[at] != want)
                return false;
            at++;
            continue;
        }
        struct str rest = str_from(path, at);
        struct str taken = want == '*' ? rest : str_sub(rest, 0, str_find(rest, '/'));
        *ret_parameters++ = taken;
        if (want == '*')
            return true;
        if (taken.n == 0)
            return false;
        at += taken.n;
        i += str_find(str_from(pattern, i), '}');
    }
    return at == path.n;
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
