/*
 * The log of requests as it is stored (sql/0008_request.sql): clustered by a rising id, with one
 * index that gives an account's newest.
 */
#ifndef BZCTRL_STORE_REQUEST_H
#define BZCTRL_STORE_REQUEST_H

#include "db/db.h"
#include "model/request.h"

enum err store_request_add(struct db *db, struct op *op,
                           const struct logged_request *request) MUST_CHECK;

/* What a filter examines. */
struct request_head {
    int64_t id, workspace_id;
    int status;
};

struct request_heads {
    const struct request_head *items;
    size_t n;
};

/* An account's requests with an id below `below`, newest first, at most `limit`. */
enum err store_request_heads(struct db *db, struct op *op, int64_t account_id, int64_t below,
                             int64_t limit, struct request_heads *ret_heads) MUST_CHECK;

/* A whole request. ERR_NOT_FOUND. */
enum err store_request_get(struct db *db, struct op *op, int64_t id,
                           struct logged_request *ret_request) MUST_CHECK;

/* ---- dropping ---- */

/* Drops requests with an id below `below`, oldest first, at most `limit`; reports how many there
 * were. */
enum err store_requests_drop(struct db *db, struct op *op, int64_t below, int64_t limit,
                             size_t *ret_dropped) MUST_CHECK;

/* The smallest account id above `after` with any requests; 0: none. */
enum err store_request_account(struct db *db, struct op *op, int64_t after,
                               int64_t *ret_account_id) MUST_CHECK;

/* Drops all but the newest `kept` requests of an account, oldest first, at most `limit`. */
enum err store_account_requests_drop(struct db *db, struct op *op, int64_t account_id, int64_t kept,
                                     int64_t limit, size_t *ret_dropped) MUST_CHECK;

#endif
