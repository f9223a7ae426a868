#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = {"error", "warn", "info"};

static void add_value(struct buf *line, struct str value)
{
    bool plain = value.n > 0;
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7F)
            plain = false;
    }
    if (plain) {
        buf_add(line, value);
        return;
    }
    buf_char(line, '"');
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (c == '"' || c == '\\')
            buf_printf(line, "\\%c", c);
        else if (c < ' ' || c == 0x7F)
            buf_printf(line, "\\x%02x", c);
        else
            buf_char(line, (char)c);
    }
    buf_char(line, '"');
}

void log_line(enum log_level level, const char *message, const struct log_field *fields, size_t n)
{
    struct buf line;
    buf_init(&line, 8192);
    int64_t now = clock_now();
    time_t seconds = (time_t)(now / 1000);
    struct tm utc;
    char date[32];
    gmtime_r(&seconds, &utc);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
    buf_printf(&line, "time=%s.%03dZ level=%s msg=", date, (int)(now % 1000), level_names[level]);
    add_value(&line, str_of(message));
    for (size_t i = 0; i < n; i++) {
        if (fields[i].name == NULL)
            continue;
        buf_printf(&line, " %s=", fields[i].name);
        if (fields[i].text.p != NULL)
            add_value(&line, fields[i].text);
        else
            buf_i64(&line, fields[i].number);
    }
    line.err = ERR_OK; /* a line over the bound is cut */
    line.max += 1;
    buf_char(&line, '\n');
    for (size_t done = 0; done < line.n;) {
        ssize_t wrote = write(STDERR_FILENO, line.p + done, line.n - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            break;
        done += (size_t)wrote;
    }
    buf_finish(&line);
}
