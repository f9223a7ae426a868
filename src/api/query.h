/*
 * The query of a call: its parameters, decoded once, and the parameters that many calls share.
 */
#ifndef BZCTRL_API_QUERY_H
#define BZCTRL_API_QUERY_H

#include "base/err.h"
#include "base/str.h"

struct call;

enum { CALL_LIMIT_MAX = 200 };

/* Splits and decodes the query and checks it against `names`, a list that ends with NULL (NULL:
 * no parameters are accepted); a name that ends with '*' may appear more than once. ERR_ANSWERED
 * (400) when a parameter is unknown, repeated or badly encoded; ERR_MEMORY. */
enum err call_query_accept(struct call *call, const char *const *names) MUST_CHECK;

/* The same with a query that was sent otherwise: from here on the call has its parameters. */
enum err call_query_read(struct call *call, struct str query, const char *const *names) MUST_CHECK;

/* The value of a parameter, absent when it was not sent; and all values of one. ERR_MEMORY. */
struct str call_query(const struct call *call, const char *name);
enum err call_query_all(struct call *call, const char *name,
                        struct str_list *ret_values) MUST_CHECK;

/* All parameters that were sent, in their order. */
size_t call_query_count(const struct call *call);
void call_query_at(const struct call *call, size_t at, struct str *ret_name, struct str *ret_value);

/* Reads a parameter that is true or false; false when absent. ERR_ANSWERED (400). */
enum err call_query_flag(struct call *call, const char *name, bool *ret_flag) MUST_CHECK;

/* Reads `limit`: 1 to CALL_LIMIT_MAX, 50 when absent; and `cursor`, where it is the number after
 * which a page begins: 0 when absent. ERR_ANSWERED (400). */
enum err call_query_limit(struct call *call, int64_t *ret_limit) MUST_CHECK;
enum err call_query_cursor(struct call *call, int64_t *ret_cursor) MUST_CHECK;

/* Reads both, for a list that has only these two parameters. */
enum err call_query_page(struct call *call, int64_t *ret_limit, int64_t *ret_cursor) MUST_CHECK;

/* The 400 for a cursor that did not come from an answer. */
enum err call_cursor_unknown(struct call *call);

/* Begins {"items":[ in call->json. Ends it after the last item, with `next` unless that is 0,
 * and answers; or only ends it. */
void call_items_begin(struct call *call);
void call_items_close(struct call *call, int64_t next);
enum err call_items_end(struct call *call, int64_t next) MUST_CHECK;

#endif
