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
