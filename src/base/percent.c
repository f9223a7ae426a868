#include "base/percent.h"

int percent_byte(struct str s)
{
    if (s.n < 3 || s.p[0] != '%')
        return -1;
    int high = hex_value(s.p[1]), low = hex_value(s.p[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

enum err percent_decode(struct arena *arena, struct str text, bool plus, struct str *ret_text)
{
    char *to = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    if (to == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < text.n; i++) {
        int c = (unsigned char)text.p[i];
        if (c == '+' && plus) {
            c = ' ';
        } else if (c == '%') {
            c = percent_byte(str_from(text, i));
            i += 2;
        }
        if (c <= 0)
            return ERR_SYNTAX;
        to[n++] = (char)c;
    }
    to[n] = '\0';
    struct str decoded = {to, n};
    if (!utf8_valid(decoded))
        return ERR_SYNTAX;
    *ret_text = decoded;
    return ERR_OK;
}

void buf_percent(struct buf *buf, struct str text, struct str also)
{
    static const struct str marks = STR_INIT("-._~");
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (ascii_alpha(c) || ascii_digit(c) || str_find(marks, c) < marks.n ||
            str_find(also, c) < also.n)
            buf_char(buf, c);
        else
            buf_printf(buf, "%%%02X", (unsigned)(unsigned char)c);
    }
}
