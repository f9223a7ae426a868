/*
 * The query of a call: its parameters, decoded once, and those that many calls have in common.
 */
#ifndef BZCTRL_API_QUERY_H
#define BZCTRL_API_QUERY_H

#include "base/err.h"
#include "base/str.h"

struct call;

enum { CALL_LIMIT_MAX = 200 };

/* Splits and decodes the query once and checks it against `names`, a list that ends with NULL; a
 * name that ends with '*' may stand more than once. Answers 400 itself and returns false when a
 * parameter is unknown, repeated or badly encoded. */
bool call_query_accept(struct call *call, const char *const *names) MUST_CHECK;

/* The value of a parameter, absent when it was not sent; and all values of one. ERR_MEMORY. */
struct str call_query(const struct call *call, const char *name);
enum err call_query_all(struct call *call, const char *name,
                        struct str_list *ret_values) MUST_CHECK;

/* Reads `limit`: 1 to CALL_LIMIT_MAX, 50 when absent. Answers 400 itself. */
bool call_query_limit(struct call *call, int64_t *ret_limit) MUST_CHECK;

/* Reads `cursor` where it is the number behind which a page begins; 0 when absent. Answers 400
 * itself. */
bool call_query_cursor(struct call *call, int64_t *ret_cursor) MUST_CHECK;
void call_cursor_unknown(struct call *call); /* the 400 for a cursor that no answer gave */

/* Begins {"items":[, and ends it behind the last item, with `next` unless that is 0. */
void call_items_begin(struct call *call);
void call_items_end(struct call *call, int64_t next);

#endif
