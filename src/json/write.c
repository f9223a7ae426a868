#include "json/write.h"

/* The letter after the backslash for a control character that has a short form, otherwise 0. */
static char short_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
        return c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

/* U+2028 and U+2029 are fine in JSON, but end a line in scripts that it may be pasted into. */
static bool line_separator(struct str s, size_t at)
{
    return s.n - at >= 3 && s.p[at + 1] == '\x80' && (s.p[at + 2] & '\xFE') == '\xA8';
}

void buf_json_string(struct buf *buf, struct str s)
{
    if (s.p == NULL) {
        BUF_LIT(buf, "null");
        return;
    }
    buf_char(buf, '"');
    size_t start = 0; /* of the run that needs no escape */
    for (size_t i = str_plain(s); i < s.n; i += str_plain(str_from(s, i))) {
        char c = s.p[i];
        bool separator = c == '\xE2' && line_separator(s, i);
        size_t step = (unsigned char)c < 0x80 ? 1 : utf8_step(str_from(s, i));
        if ((unsigned char)c >= 0x20 && c != '"' && c != '\\' && !separator && step > 0) {
            i += step;
            continue;
        }
        buf_bytes(buf, s.p + start, i - start);
        if (separator) {
            buf_printf(buf, "\\u202%c", s.p[i + 2] == '\xA8' ? '8' : '9');
        } else if (step == 0) {
            BUF_LIT(buf, "\xEF\xBF\xBD");
        } else if (short_escape(c) != 0) {
            buf_char(buf, '\\');
            buf_char(buf, short_escape(c));
        } else {
            buf_printf(buf, "\\u%04x", (unsigned)(unsigned char)c);
        }
        i += step == 0 ? 1 : step;
        start = i;
    }
    buf_bytes(buf, s.p + start, s.n - start);
    buf_char(buf, '"');
}

void buf_json_strings(struct buf *buf, struct str_list list)
{
    buf_char(buf, '[');
    for (size_t i = 0; i < list.n; i++) {
        if (i > 0)
            buf_char(buf, ',');
        buf_json_string(buf, list.items[i]);
    }
    buf_char(buf, ']');
}
