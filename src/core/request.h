/*
 * Reads the log of requests. For core_read.run: takes the connection and allocates in op->arena.
 */
#ifndef BZCTRL_CORE_REQUEST_H
#define BZCTRL_CORE_REQUEST_H

#include "base/op.h"
#include "model/request.h"

struct db;

enum { REQUEST_LIST_MAX = 200 };

struct request_list_request {
    int64_t account_id;            /* whose */
    int status_least, status_most; /* of HTTP */
    bool all;                      /* of all workspaces; otherwise only those in `workspaces` */
    const int64_t *workspaces;     /* ids in rising order */
    size_t workspace_count;
    size_t limit;  /* 1 to REQUEST_LIST_MAX */
    int64_t below; /* `next` of the page before; 0: the first page */
};

struct request_page {
    const struct logged_request *items; /* newest first */
    size_t n;
    int64_t next; /* 0 on the last page */
};

/* One page. Looks at a bounded number of rows, so a page can be short and still have a next. */
enum err core_request_list(struct db *db, struct op *op, const struct request_list_request *request,
                           struct request_page *ret_page) MUST_CHECK;

#endif
