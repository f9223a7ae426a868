#include "json/explain.h"

#include "base/buf.h"

/* A walk through the text; the first fault ends it. */
struct walk {
    struct op *op;
    struct str text;
    size_t at;
};

static char peek(const struct walk *walk)
{
    return walk->at < walk->text.n ? walk->text.p[walk->at] : '\0';
}

/* The whole character at `offset`, or its one byte if it is not well-formed UTF-8. */
static struct str character_at(struct str text, size_t offset)
{
    size_t n = 1;
    while (n < 4 && offset + n < text.n && ((unsigned char)text.p[offset + n] & 0xC0) == 0x80)
        n++;
    struct str character = str_sub(text, offset, n);
    return utf8_valid(character) ? character : str_sub(text, offset, 1);
}

static void describe(struct buf *buf, struct str text, size_t offset)
{
    if (offset >= text.n) {
        BUF_LIT(buf, "the end");
        return;
    }
    struct str character = character_at(text, offset);
    unsigned char first = (unsigned char)character.p[0];
    if (str_eq(character, STR("\xEF\xBB\xBF")))
        BUF_LIT(buf, "a byte order mark");
    else if (first == '\n' || first == '\r')
        BUF_LIT(buf, "a line break");
    else if (first < 0x20 || first == 0x7F)
        buf_printf(buf, "U+%04X", (unsigned)first);
    else if (character.n == 1 && first >= 0x80)
        buf_printf(buf, "the byte 0x%02X, which is not UTF-8", (unsigned)first);
    else
        buf_printf(buf, "'%.*s'", STR_ARG(character));
}

enum err json_fault_at(struct op *op, struct str text, size_t offset, const char *what)
{
    size_t line = 1, start = 0;
    for (size_t i = 0; i < offset && i < text.n; i++)
        if (text.p[i] == '\n') {
            line++;
            start = i + 1;
        }
    return op_fail(op, ERR_SYNTAX, "line %zu, column %zu: %s", line,
                   utf8_length(str_sub(text, start, offset - start)) + 1, what);
}

/* Both end the walk with false. */
static bool wrong(struct walk *walk, size_t offset, const char *what)
{
    return json_fault_at(walk->op, walk->text, offset, what) == ERR_OK;
}

static bool unexpected(struct walk *walk, const char *expected)
{
    struct buf what;
    buf_init(&what, 160);
    buf_printf(&what, "expected %s, found ", expected);
    describe(&what, walk->text, walk->at);
    buf_char(&what, '\0');
    wrong(walk, walk->at, buf_err(&what) == ERR_OK ? what.p : expected);
    buf_finish(&what);
    return false;
}

static void skip_blanks(struct walk *walk)
{
    while (walk->at < walk->text.n) {
        char c = walk->text.p[walk->at];
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            return;
        walk->at++;
    }
}

/* ---- strings ---- */

/* Four hexadecimal digits at `offset`; -1 if they are none. */
static int32_t hex_quad(const struct walk *walk, size_t offset)
{
    int32_t value = 0;
    for (size_t i = offset; i < offset + 4; i++) {
        char c = i < walk->text.n ? ascii_lower(walk->text.p[i]) : '\0';
        if (ascii_digit(c))
            value = value * 16 + (c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value * 16 + (c - 'a' + 10);
        else
            return -1;
    }
    return value;
}

static bool walk_unicode_escape(struct walk *walk)
{
    size_t start = walk->at;
    int32_t unit = hex_quad(walk, start + 2);
    if (unit < 0)
        return wrong(walk, start, "\\u must be followed by four hexadecimal digits");
    if (unit == 0)
        return wrong(walk, start, "U+0000 is not taken in a text");
    walk->at += 6;
    if (unit < 0xD800 || unit > 0xDFFF)
        return true;
    int32_t second =
        str_starts(str_from(walk->text, walk->at), STR("\\u")) ? hex_quad(walk, walk->at + 2) : -1;
    if (unit > 0xDBFF || second < 0xDC00 || second > 0xDFFF)
        return wrong(walk, start, "half a surrogate pair, which stands for no character");
    walk->at += 6;
    return true;
}

static bool walk_escape(struct walk *walk)
{
    char c = walk->at + 1 < walk->text.n ? walk->text.p[walk->at + 1] : '\0';
    if (c == 'u')
        return walk_unicode_escape(walk);
    if (c == '\0' || str_find(STR("\"\\/bfnrt"), c) == 8)
        return wrong(walk, walk->at,
                     "a backslash in a text must be followed by one of \" \\ / b f n r t u");
    walk->at += 2;
    return true;
}

static bool walk_string(struct walk *walk)
{
    size_t start = walk->at++;
    while (walk->at < walk->text.n) {
        struct str character = character_at(walk->text, walk->at);
        unsigned char c = (unsigned char)character.p[0];
        if (c == '"') {
            walk->at++;
            return true;
        }
        if (c < 0x20)
            return unexpected(walk, "the closing quote, or this character as an escape");
        if (character.n == 1 && c >= 0x80)
            return unexpected(walk, "a text in UTF-8");
        if (c != '\\')
            walk->at += character.n;
        else if (!walk_escape(walk))
            return false;
    }
    return wrong(walk, start, "the text that begins here has no closing quote");
}

/* ---- numbers and words ---- */

static bool walk_digits(struct walk *walk)
{
    if (!ascii_digit(peek(walk)))
        return unexpected(walk, "a digit");
    while (ascii_digit(peek(walk)))
        walk->at++;
    return true;
}

static bool walk_number(struct walk *walk)
{
    if (peek(walk) == '-')
        walk->at++;
    if (peek(walk) == '0') {
        walk->at++;
        if (ascii_digit(peek(walk)))
            return unexpected(walk, "no digit after a leading zero");
    } else if (!walk_digits(walk)) {
        return false;
    }
    if (peek(walk) == '.') {
        walk->at++;
        if (!walk_digits(walk))
            return false;
    }
    if (ascii_lower(peek(walk)) == 'e') {
        walk->at++;
        if (peek(walk) == '+' || peek(walk) == '-')
            walk->at++;
        return walk_digits(walk);
    }
    return true;
}

static bool walk_word(struct walk *walk)
{
    static const struct str words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    size_t n = 0;
    while (walk->at + n < walk->text.n && ascii_alpha(walk->text.p[walk->at + n]))
        n++;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_eq(str_sub(walk->text, walk->at, n), words[i])) {
            walk->at += n;
            return true;
        }
    return unexpected(walk, "a value");
}

/* ---- values ---- */

static bool walk_value(struct walk *walk);

static bool walk_name(struct walk *walk)
{
    if (!walk_string(walk))
        return false;
    skip_blanks(walk);
    if (peek(walk) != ':')
        return unexpected(walk, "':' after the name of the member");
    walk->at++;
    return true;
}

/* An object or a list, which differ in their closing character and in that members have names. */
static bool walk_container(struct walk *walk, bool object)
{
    char close = object ? '}' : ']';
    walk->at++;
    skip_blanks(walk);
    if (peek(walk) == close) {
        walk->at++;
        return true;
    }
    for (bool first = true;; first = false) {
        skip_blanks(walk);
        if (object && peek(walk) != '"')
            return unexpected(walk, first ? "the name of a member in quotes, or '}'"
                                          : "the name of a member in quotes");
        if ((object && !walk_name(walk)) || !walk_value(walk))
            return false;
        skip_blanks(walk);
        if (peek(walk) == close) {
            walk->at++;
            return true;
        }
        if (peek(walk) != ',')
            return unexpected(walk, object ? "a comma or '}' after the value"
                                           : "a comma or ']' after the value");
        walk->at++;
    }
}

static bool walk_value(struct walk *walk)
{
    skip_blanks(walk);
    char c = peek(walk);
    if (c == '{' || c == '[')
        return walk_container(walk, c == '{');
    if (c == '"')
        return walk_string(walk);
    if (c == '-' || ascii_digit(c))
        return walk_number(walk);
    return walk_word(walk);
}

enum err json_explain(struct op *op, struct str text)
{
    struct walk walk = {.op = op, .text = text};
    if (!walk_value(&walk))
        return ERR_SYNTAX;
    skip_blanks(&walk);
    if (walk.at < text.n) {
        unexpected(&walk, "nothing more after the value");
        return ERR_SYNTAX;
    }
    return ERR_OK;
}
