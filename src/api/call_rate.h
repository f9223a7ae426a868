/*
 * The rate limit as callers see it: each call of a known account counts as one request, add-tasks
 * as one per item. When there is a limit, answers report the caller's remaining quota
 * (draft-ietf-httpapi-ratelimit-headers).
 */
#ifndef BZCTRL_API_CALL_RATE_H
#define BZCTRL_API_CALL_RATE_H

#include "core/rate_limit.h"
#include "http/server.h"

struct call;

struct call_rate {
    bool counted; /* there is a limit, and the call has been counted */
    struct rate_state state;
    char policy[48], left[64]; /* the headers' values */
};

enum { CALL_RATE_HEADERS = 2 };

/* Counts `cost` requests for the caller; ERR_ANSWERED (429) when none are left. */
enum err call_expect_rate(struct call *call, int64_t cost) MUST_CHECK;

/* The headers of an answer, which borrow from `rate`; returns how many there are. */
size_t call_rate_headers(struct call_rate *rate, struct http_header *ret_headers);

#endif
