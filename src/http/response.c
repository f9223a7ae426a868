#include "http/response.h"

#include "base/clock.h"

#include <time.h>

/* RFC 9110 section 15, and RFC 6585; a status that is missing here is sent without a phrase. The
 * commonest come first. */
static const struct reason {
    int status;
    const char *phrase;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {206, "Partial Content"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

struct str http_reason(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return str_of(reasons[i].phrase);
    return STR("");
}

void http_date_finish(struct http_date *date)
{
    buf_finish(&date->text);
}

/* The names come from here and not from strftime, whose words follow the locale. */
static struct str http_date_now(struct http_date *date)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t second = clock_now() / 1000;
    if (second == date->second && date->text.n > 0)
        return buf_str(&date->text);

    time_t t = (time_t)second;
    struct tm utc = {.tm_mday = 1};
    gmtime_r(&t, &utc);
    buf_clear(&date->text);
    date->text.max = 64;
    buf_printf(&date->text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[utc.tm_wday], utc.tm_mday,
               months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    date->second = second;
    return buf_str(&date->text);
}

/* Appends text that must not leave its line. */
static void add_text(struct buf *out, struct str text)
{
    size_t done = 0;
    for (size_t i = str_plain(text); i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c >= ' ' && c != 0x7F) || c == '\t')
            continue;
        buf_add(out, str_sub(text, done, i - done));
        buf_char(out, ' ');
        done = i + 1;
    }
    buf_add(out, str_from(text, done));
}

static void add_header(struct buf *out, struct str name, struct str value)
{
    add_text(out, name);
    BUF_LIT(out, ": ");
    add_text(out, value);
    BUF_LIT(out, "\r\n");
}

bool response_may_have_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

void response_head(struct buf *out, struct http_date *date, const struct http_response *response,
                   int64_t length, enum http_reuse reuse)
{
    static const char *const connection[] = {
        [HTTP_REUSE_IMPLIED] = "",
        [HTTP_REUSE_SAID] = "Connection: keep-alive\r\n",
        [HTTP_REUSE_NEVER] = "Connection: close\r\n",
    };
    BUF_LIT(out, "HTTP/1.1 ");
    buf_i64(out, response->status);
    buf_char(out, ' ');
    buf_add(out, http_reason(response->status));
    BUF_LIT(out, "\r\n");
    for (size_t i = 0; i < response->header_count; i++)
        add_header(out, response->headers[i].name, response->headers[i].value);
    add_header(out, STR("Date"), http_date_now(date));
    if (response_may_have_body(response->status) && length >= 0) {
        BUF_LIT(out, "Content-Length: ");
        buf_i64(out, length);
        BUF_LIT(out, "\r\n");
    } else if (response_may_have_body(response->status) && length == HTTP_CHUNKED) {
        BUF_LIT(out, "Transfer-Encoding: chunked\r\n");
    }
    buf_add(out, str_of(connection[reuse]));
    BUF_LIT(out, "\r\n");
}
