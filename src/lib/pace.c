#include "lib/pace.h"

#include "base/clock.h"
#include "base/random.h"

enum {
    CALL_BYTES = 1000000, /* below 1 MiB, the default limit of proxies */
    CAP_LEAST = 16 * 1024,
    CAP_TIME = 60 * 60 * 1000, /* milliseconds before a cap doubles */
    PAUSE_FIRST = 1000,
    PAUSE_MAX = 300000, /* milliseconds between runs that fail */
    DAY = 24 * 60 * 60 * 1000,
};

/* ---- how much ---- */

size_t pace_room(const struct pace *pace)
{
    int64_t room = CALL_BYTES;
    if (pace->bytes > 0 && pace->bytes < room)
        room = pace->bytes;
    if (pace->cap > 0 && pace->cap < room)
        room = pace->cap;
    return (size_t)room;
}

void pace_grow(struct pace *pace)
{
    int64_t now = clock_now();
    pace->bytes = pace->bytes < CALL_BYTES / 2 ? pace->bytes * 2 : 0;
    if (pace->cap == 0 || (pace->cap_until > now && pace->cap_until <= now + CAP_TIME))
        return;
    pace->cap = pace->cap < CALL_BYTES / 2 ? pace->cap * 2 : 0;
    pace->cap_until = pace->cap > 0 ? now + CAP_TIME : 0;
}

void pace_shrink(struct pace *pace, const struct bzctrl *client, size_t bytes)
{
    /* A call that fails ends the run, so use larger steps. */
    pace->bytes = (int64_t)bytes / (client->blame == BLAME_BROKEN ? 8 : 2);
    if (pace->bytes == 0)
        pace->bytes = 1;
    /* The size itself may be the cause: remember it. */
    if (client->status != 413 && client->status != 0)
        return;
    pace->cap = (int64_t)bytes / 2 > CAP_LEAST ? (int64_t)bytes / 2 : CAP_LEAST;
    pace->cap_until = clock_now() + CAP_TIME;
}

/* ---- when ---- */

enum err pace_check(const struct pace *pace, struct op *op)
{
    int64_t now = clock_now();
    /* A pause further ahead than the longest one was set by another clock. */
    if (pace->until <= now || pace->until > now + DAY)
        return ERR_OK;
    return op_fail(op, ERR_BUSY, "sending failed %lld time%s; the next try is in %lld s",
                   (long long)pace->failures, pace->failures == 1 ? "" : "s",
                   (long long)(pace->until - now + 999) / 1000);
}

void pace_end(struct pace *pace, enum err end, int64_t asked_wait)
{
    pace->until = 0;
    if (end == ERR_OK) {
        pace->failures = 0;
        return;
    }
    pace->failures++;
    int64_t pause = PAUSE_FIRST << (pace->failures < 10 ? pace->failures - 1 : 9);
    pause = pause > PAUSE_MAX ? PAUSE_MAX : pause;
    pause = pause / 2 + random_below((uint32_t)(pause / 2));
    pace->until = clock_now() + (asked_wait > pause ? asked_wait : pause);
}
