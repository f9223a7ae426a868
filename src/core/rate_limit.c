#include "core/rate_limit.h"

#include <stdlib.h>

enum { WAYS = 8, SETS = RATE_LIMIT_ACCOUNTS / WAYS };

#define SECOND INT64_C(1000000) /* microseconds, in which all is counted here */
#define WINDOW (RATE_LIMIT_WINDOW * SECOND)

struct bucket {
    int64_t account_id; /* 0: free */
    int64_t full_at;
};

struct rate_limit {
    int64_t quota;
    int64_t each; /* what one request takes */
    struct bucket buckets[SETS][WAYS];
};

enum err rate_limit_create(int64_t quota, struct rate_limit **ret_limit)
{
    struct rate_limit *limit = calloc(1, sizeof *limit);
    if (limit == NULL)
        return ERR_MEMORY;
    limit->quota = quota;
    limit->each = WINDOW / quota;
    *ret_limit = limit;
    return ERR_OK;
}

void rate_limit_destroy(struct rate_limit *limit)
{
    free(limit);
}

int64_t rate_limit_quota(const struct rate_limit *limit)
{
    return limit->quota;
}

static struct bucket *bucket_of(struct rate_limit *limit, int64_t account_id)
{
    uint64_t mixed = (uint64_t)account_id * UINT64_C(0x9E3779B97F4A7C15);
    struct bucket *set = limit->buckets[(mixed >> 32) % SETS], *place = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].account_id == account_id)
            return &set[i];
        if (set[i].full_at < place->full_at)
            place = &set[i];
    }
    *place = (struct bucket){.account_id = account_id};
    return place;
}

static int64_t seconds_up(int64_t microseconds)
{
    return microseconds <= 0 ? 0 : (microseconds + SECOND - 1) / SECOND;
}

bool rate_limit_take(struct rate_limit *limit, int64_t account_id, int64_t cost, int64_t now,
                     struct rate_state *ret_state)
{
    struct bucket *bucket = bucket_of(limit, account_id);
    int64_t at = now * 1000, all = limit->each * limit->quota;
    if (bucket->full_at < at)
        bucket->full_at = at;
    bool given = bucket->full_at - at + limit->each <= all;
    if (given)
        bucket->full_at += cost * limit->each;
    int64_t missing = bucket->full_at - at;
    *ret_state = (struct rate_state){
        .left = missing >= all ? 0 : (all - missing) / limit->each,
        .full_after = seconds_up(missing),
        .retry_after = seconds_up(missing + limit->each - all),
    };
    return given;
}
