#include "json/fault.h"

#include "base/buf.h"

enum { SENTENCE_MAX = 160 };

static void describe(struct buf *buf, struct str text, size_t offset)
{
    if (offset >= text.n) {
        BUF_LIT(buf, "the end");
        return;
    }
    struct str rest = str_from(text, offset);
    size_t step = utf8_step(rest);
    unsigned first = (unsigned char)rest.p[0];
    if (step == 0)
        buf_printf(buf, "the byte 0x%02X, which is not UTF-8", first);
    else if (str_starts(rest, STR("\xEF\xBB\xBF")))
        BUF_LIT(buf, "a byte order mark");
    else if (first == '\n' || first == '\r')
        BUF_LIT(buf, "a line break");
    else if (first < 0x20 || first == 0x7F)
        buf_printf(buf, "U+%04X", first);
    else
        buf_printf(buf, "'%.*s'", (int)step, rest.p);
}

struct json_place json_place_behind(struct json_place place, struct str text)
{
    size_t start = 0;
    for (size_t end; (end = start + str_find(str_from(text, start), '\n')) < text.n;
         start = end + 1) {
        place.lines++;
        place.columns = 0;
    }
    place.columns += utf8_length(str_from(text, start));
    return place;
}

enum err json_fault_at(struct op *op, struct str text, struct json_place place, size_t offset,
                       const char *what)
{
    place = json_place_behind(place, str_sub(text, 0, offset));
    return op_fail(op, ERR_SYNTAX, "line %zu, column %zu: %s", place.lines + 1, place.columns + 1,
                   what);
}

enum err json_fault_expected(struct op *op, struct str text, struct json_place place, size_t offset,
                             const char *expected)
{
    struct buf what;
    buf_init(&what, SENTENCE_MAX);
    buf_printf(&what, "expected %s, found ", expected);
    describe(&what, text, offset);
    buf_char(&what, '\0');
    enum err err =
        json_fault_at(op, text, place, offset, buf_err(&what) == ERR_OK ? what.p : expected);
    buf_finish(&what);
    return err;
}
