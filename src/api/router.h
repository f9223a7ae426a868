/*
 * The router: which route of a table a path means. A route's path is literal segments, "{name}"
 * for any one segment, and maybe a last "*" for all that is left.
 */
#ifndef BZCTRL_API_ROUTER_H
#define BZCTRL_API_ROUTER_H

#include "api/call.h"

struct route_match {
    const struct route *route;                  /* NULL: see path_exists */
    bool path_exists;                           /* the path is known, the method is not */
    struct str parameters[PATH_PARAMETERS_MAX]; /* still percent-encoded */
};

/* HEAD finds the route of GET. */
struct route_match router_find(const struct route *routes, size_t count, struct str method,
                               struct str path);

/* Appends the methods that a path knows, for the Allow header: "GET, HEAD, POST". */
void router_allow(const struct route *routes, size_t count, struct str path, struct buf *buf);

#endif
