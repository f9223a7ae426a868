/*
 * The rate limit: how many requests an account may make. Each account has a bucket that holds one
 * minute's quota and refills steadily (GCRA: stored as the moment at which it will be full). A call
 * may take more than is left: the bucket then goes into debt and gives nothing until that is
 * repaid. So a call that turns out to be large is counted in full.
 *
 * A pure data structure: bounded memory, no clock, no locks; it belongs to one thread. When more
 * accounts call within a minute than there is room for, the account whose bucket is closest to full
 * is forgotten.
 */
#ifndef BZCTRL_CORE_RATE_LIMIT_H
#define BZCTRL_CORE_RATE_LIMIT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate_limit;

enum {
    RATE_LIMIT_MAX = 1000000,    /* requests a minute */
    RATE_LIMIT_ACCOUNTS = 16384, /* that are remembered */
    RATE_LIMIT_WINDOW = 60,      /* seconds */
};

/* The state of a bucket, as reported to the client. */
struct rate_state {
    int64_t left;        /* requests */
    int64_t full_after;  /* seconds until the bucket is full */
    int64_t retry_after; /* seconds until one request is left; 0: now */
};

/* A limit of `quota` requests a minute, 1 to RATE_LIMIT_MAX. ERR_MEMORY. destroy is NULL-safe. */
enum err rate_limit_create(int64_t quota, struct rate_limit **ret_limit) MUST_CHECK;
void rate_limit_destroy(struct rate_limit *limit);

int64_t rate_limit_quota(const struct rate_limit *limit);

/* Takes `cost` out of an account's bucket, `now` in milliseconds, if there is anything in it. */
bool rate_limit_take(struct rate_limit *limit, int64_t account_id, int64_t cost, int64_t now,
                     struct rate_state *ret_state) MUST_CHECK;

#endif
