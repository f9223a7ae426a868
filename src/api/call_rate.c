#include "api/call_rate.h"

#include "api/api.h"
#include "base/clock.h"
#include "base/metric.h"

#include <stdio.h>

enum err call_expect_rate(struct call *call, int64_t cost)
{
    struct rate_limit *limit = api_rate_limit(call->api);
    struct call_rate *rate = &call->rate;
    if (limit == NULL)
        return ERR_OK;
    bool given = rate_limit_take(limit, call->caller->id, cost, clock_ticks(), &rate->state);
    long long quota = rate_limit_quota(limit);
    rate->counted = true;
    snprintf(rate->policy, sizeof rate->policy, "\"default\";q=%lld;w=%d", quota,
             RATE_LIMIT_WINDOW);
    snprintf(rate->left, sizeof rate->left, "\"default\";r=%lld;t=%lld",
             (long long)rate->state.left, (long long)rate->state.full_after);
    if (given)
        return ERR_OK;
    metric_add(METRIC_RATE_LIMITED, 0, 0, 1);
    return call_refuse(
        call, 429, "An account can make %lld requests a minute; send the next one in %lld seconds.",
        quota, (long long)rate->state.retry_after);
}

size_t call_rate_headers(struct call_rate *rate, struct http_header *ret_headers)
{
    if (!rate->counted)
        return 0;
    ret_headers[0] = (struct http_header){STR("RateLimit-Policy"), str_of(rate->policy)};
    ret_headers[1] = (struct http_header){STR("RateLimit"), str_of(rate->left)};
    return CALL_RATE_HEADERS;
}
