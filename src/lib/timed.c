#include "lib/timed.h"

#include "lib/outbox.h"

#include <time.h>

void buf_utc(struct buf *buf, int64_t time)
{
    time_t seconds = (time_t)(time / 1000);
    struct tm tm;
    char text[OUTBOX_TIME + 8];
    gmtime_r(&seconds, &tm);
    size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    buf_bytes(buf, text, n);
    buf_printf(buf, ".%03dZ", (int)(time % 1000));
}

void buf_timed(struct buf *buf, int64_t time, struct str json)
{
    struct str members = str_trim(str_from(json, 1));
    BUF_LIT(buf, "{\"occurredAt\":\"");
    buf_utc(buf, time);
    buf_char(buf, '"');
    if (members.n > 1)
        buf_char(buf, ',');
    buf_add(buf, members);
}

void buf_retimed(struct buf *buf, int64_t time, struct str json)
{
    const struct str head = STR("{\"occurredAt\":\"");
    buf_add(buf, head);
    buf_utc(buf, time);
    buf_add(buf, str_from(json, head.n + OUTBOX_TIME));
}
