/*
 * The query of a URL: "status=todo&tag=A%20B", decoded into its parameters.
 */
#ifndef BZCTRL_BASE_QUERY_H
#define BZCTRL_BASE_QUERY_H

#include "base/op.h"

enum { QUERY_PARAMETERS_MAX = 64 };

struct query_parameter {
    struct str name, value;
};

struct query {
    struct query_parameter *items;
    size_t n;
    struct str wrong; /* by query_read(): a sentence about what is wrong with it */
};

/* Splits and decodes a query (absent: none) and checks it against `names`, a list that ends with
 * NULL (NULL: no parameters are accepted); a name that ends with '*' may appear more than once.
 * ERR_SYNTAX when a parameter is unknown, repeated or badly encoded: ret_query->wrong says so;
 * ERR_MEMORY. */
enum err query_read(struct op *op, struct str text, const char *const *names,
                    struct query *ret_query) MUST_CHECK;

/* The value of a parameter, absent when it was not sent; and all values of one. ERR_MEMORY. */
struct str query_value(const struct query *query, struct str name);
enum err query_values(const struct query *query, struct arena *arena, struct str name,
                      struct str_list *ret_values) MUST_CHECK;

/* "name=value" of each parameter, decoded, and how many bytes these are with one after each. ERR_MEMORY. */
enum err query_texts(const struct query *query, struct arena *arena, struct str_list *ret_texts,
                     size_t *ret_bytes) MUST_CHECK;

#endif
