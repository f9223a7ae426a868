#include "model/calendar.h"

#include "model/key.h"
#include "model/task_json.h"

enum { LINE_MAX_BYTES = 75, LINE_BYTES = 16 * 1024 };

void buf_calendar_line(struct buf *buf, struct str line)
{
    size_t room = LINE_MAX_BYTES;
    while (line.n > room) {
        struct str part = utf8_cut(line, room);
        buf_add(buf, part);
        BUF_LIT(buf, "\r\n ");
        line = str_from(line, part.n);
        room = LINE_MAX_BYTES - 1;
    }
    buf_add(buf, line);
    BUF_LIT(buf, "\r\n");
}

void buf_calendar_text(struct buf *buf, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\n')
            BUF_LIT(buf, "\\n");
        else if (c == ',' || c == ';' || c == '\\') {
            buf_char(buf, '\\');
            buf_char(buf, c);
        } else if ((unsigned char)c >= ' ' && c != 0x7F)
            buf_char(buf, c);
    }
}

void buf_calendar_begin(struct buf *buf)
{
    BUF_LIT(buf, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bzctrl//bzctrl//EN\r\n"
                 "CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:bzctrl\r\n");
}

void buf_calendar_end(struct buf *buf)
{
    BUF_LIT(buf, "END:VCALENDAR\r\n");
}

/* "20260927", from the "2026-09-27" of buf_date(). */
static void buf_day(struct buf *buf, int32_t date)
{
    size_t from = buf->n, to = buf->n;
    buf_date(buf, date);
    for (size_t i = from; i < buf->n; i++)
        if (buf->p[i] != '-')
            buf->p[to++] = buf->p[i];
    buf_cut(buf, to);
}

/* "20260927T083000Z". */
static void buf_moment(struct buf *buf, int64_t time)
{
    size_t from = buf->n, to = buf->n;
    buf_time(buf, time);
    for (size_t i = from; i < buf->n && buf->p[i] != '.'; i++)
        if (buf->p[i] != '-' && buf->p[i] != ':')
            buf->p[to++] = buf->p[i];
    buf_cut(buf, to);
    buf_char(buf, 'Z');
}

/* Ends the line in `line`, and empties it for the next. */
static void line_end(struct buf *buf, struct buf *line)
{
    buf_calendar_line(buf, buf_str(line));
    buf_clear(line);
}

static void buf_event(struct buf *buf, const struct task *task, const struct workspace *workspace,
                      struct str public_url, const char *kind, const char *word, int32_t date)
{
    struct buf line;
    buf_init(&line, LINE_BYTES);
    BUF_LIT(buf, "BEGIN:VEVENT\r\n");
    buf_printf(&line, "UID:%s-%lld@bzctrl", kind, (long long)task->id);
    line_end(buf, &line);
    BUF_LIT(&line, "DTSTAMP:");
    buf_moment(&line, task->updated_at);
    line_end(buf, &line);
    buf_printf(&line, "SEQUENCE:%lld", (long long)task->version);
    line_end(buf, &line);
    BUF_LIT(&line, "DTSTART;VALUE=DATE:");
    buf_day(&line, date);
    line_end(buf, &line);
    if (date < DATE_MAX) {
        BUF_LIT(&line, "DTEND;VALUE=DATE:");
        buf_day(&line, date + 1);
        line_end(buf, &line);
    }
    buf_printf(&line, "SUMMARY:%s: ", word);
    buf_calendar_text(&line, task->title);
    BUF_LIT(&line, " (");
    buf_record_key(&line, workspace->key, task->number);
    buf_char(&line, ')');
    line_end(buf, &line);
    BUF_LIT(&line, "URL:");
    buf_task_link(&line, workspace->key, task->number, public_url);
    line_end(buf, &line);
    BUF_LIT(buf, "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
    if (buf_err(&line) != ERR_OK && buf->err == ERR_OK)
        buf->err = buf_err(&line);
    buf_finish(&line);
}

void buf_calendar_task(struct buf *buf, const struct task *task, const struct workspace *workspace,
                       struct str public_url)
{
    if (task->due_date != DATE_NONE)
        buf_event(buf, task, workspace, public_url, "due", "Due", task->due_date);
    if (task->reminder_date != DATE_NONE)
        buf_event(buf, task, workspace, public_url, "reminder", "Reminder", task->reminder_date);
}
