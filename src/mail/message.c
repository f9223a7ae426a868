#include "mail/message.h"

#include "base/hash.h"
#include "mail/header.h"

#include <time.h>

/* "Sun, 29 Nov 2026 15:04:05 +0000" (RFC 5322, section 3.3), whatever the locale is. */
static void put_date(struct buf *buf, int64_t at)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(at / 1000);
    struct tm tm;
    if (gmtime_r(&seconds, &tm) == NULL)
        return;
    buf_printf(buf, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
               months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* A header whose value is "<…>". */
static void put_bracketed(struct buf *buf, const char *name, struct str value)
{
    struct buf bracketed;
    buf_init(&bracketed, buf->max);
    buf_printf(&bracketed, "<%.*s>", STR_ARG(value));
    buf_mail_field(buf, name, buf_str(&bracketed));
    buf_finish(&bracketed);
}

/* Nothing in a body can look like it: quoted-printable never has "=_". */
static void put_boundary(struct buf *buf, const struct mail_message *message)
{
    struct sha256 hash = sha256(message->id);
    BUF_LIT(buf, "=_");
    buf_hex(buf, hash.bytes, 12);
}

static void put_part(struct buf *buf, const struct mail_message *message, const char *type,
                     struct str body)
{
    BUF_LIT(buf, "--");
    put_boundary(buf, message);
    buf_printf(buf,
               "\r\nContent-Type: %s; charset=utf-8\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
               type);
    buf_quoted_printable(buf, body);
    BUF_LIT(buf, "\r\n");
}

void buf_mail_message(struct buf *buf, const struct mail_message *message)
{
    buf_mail_address(buf, "From", message->from_name, message->from);
    buf_mail_address(buf, "To", STR_NONE, message->to);
    buf_mail_text(buf, "Subject", message->subject);
    put_date(buf, message->at);
    put_bracketed(buf, "Message-ID", message->id);
    if (message->thread.p != NULL) {
        put_bracketed(buf, "In-Reply-To", message->thread);
        put_bracketed(buf, "References", message->thread);
    }

    /* Nobody is to answer it by a program (RFC 3834; the second one is Exchange's). */
    buf_mail_field(buf, "Auto-Submitted", STR("auto-generated"));
    buf_mail_field(buf, "X-Auto-Response-Suppress", STR("All"));
    if (message->unsubscribe.p != NULL) {
        put_bracketed(buf, "List-Unsubscribe", message->unsubscribe);
        buf_mail_field(buf, "List-Unsubscribe-Post", STR("List-Unsubscribe=One-Click"));
    }
    BUF_LIT(buf, "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"");
    put_boundary(buf, message);
    BUF_LIT(buf, "\"\r\n\r\n");
    put_part(buf, message, "text/plain", message->text);
    put_part(buf, message, "text/html", message->html);
    BUF_LIT(buf, "--");
    put_boundary(buf, message);
    BUF_LIT(buf, "--\r\n");
}
