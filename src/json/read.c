#include "json/read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct op *op;
    struct arena *arena;
    struct str text;
    struct json_place place;
    size_t at;
    unsigned depth, depth_max;
};

static char peek(const struct reader *reader)
{
    return reader->at < reader->text.n ? reader->text.p[reader->at] : '\0';
}

static void skip_blanks(struct reader *reader)
{
    while (ascii_blank(peek(reader)))
        reader->at++;
}

static struct str since(const struct reader *reader, size_t start)
{
    return str_sub(reader->text, start, reader->at - start);
}

static enum err fault_at(const struct reader *reader, size_t offset, const char *what)
{
    return json_fault_at(reader->op, reader->text, reader->place, offset, what);
}

static enum err unexpected(const struct reader *reader, const char *expected)
{
    return json_fault_expected(reader->op, reader->text, reader->place, reader->at, expected);
}

/* ---- texts ---- */

/* Four hexadecimal digits at `offset`; -1 if malformed. */
static int32_t hex_quad(struct str s, size_t offset)
{
    int32_t value = 0;
    for (size_t i = offset; i < offset + 4; i++) {
        int digit = i < s.n ? hex_value(s.p[i]) : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* An escape: how many bytes it takes and which character it means, or why it is malformed. */
struct escape {
    size_t n;
    uint32_t character;
    const char *fault; /* NULL: none */
};

static struct escape unicode_escape(struct str s)
{
    int32_t unit = hex_quad(s, 2);
    if (unit < 0)
        return (struct escape){.fault = "\\u must be followed by four hexadecimal digits"};
    if (unit == 0)
        return (struct escape){.fault = "U+0000 is not allowed in a text"};
    if (unit < 0xD800 || unit > 0xDFFF)
        return (struct escape){.n = 6, .character = (uint32_t)unit};
    int32_t second = str_starts(str_from(s, 6), STR("\\u")) ? hex_quad(s, 8) : -1;
    if (unit > 0xDBFF || second < 0xDC00 || second > 0xDFFF)
        return (struct escape){.fault = "half of a surrogate pair, which is not a character"};
    int32_t character = 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
    return (struct escape){.n = 12, .character = (uint32_t)character};
}

/* The one that `s` begins with; its first byte is a backslash. */
static struct escape escape_of(struct str s)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char c = s.n > 1 ? s.p[1] : '\0';
    if (c == 'u')
        return unicode_escape(s);
    const char *letter = c == '\0' ? NULL : strchr(letters, c);
    if (letter == NULL)
        return (struct escape){
            .fault = "a backslash in a text must be followed by one of \" \\ / b f n r t u"};
    return (struct escape){.n = 2, .character = (unsigned char)meanings[letter - letters]};
}

static char *utf8_write(char *to, uint32_t character)
{
    if (character < 0x80) {
        *to++ = (char)character;
    } else if (character < 0x800) {
        *to++ = (char)(0xC0 | character >> 6);
        *to++ = (char)(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        *to++ = (char)(0xE0 | character >> 12);
        *to++ = (char)(0x80 | (character >> 6 & 0x3F));
        *to++ = (char)(0x80 | (character & 0x3F));
    } else {
        *to++ = (char)(0xF0 | character >> 18);
        *to++ = (char)(0x80 | (character >> 12 & 0x3F));
        *to++ = (char)(0x80 | (character >> 6 & 0x3F));
        *to++ = (char)(0x80 | (character & 0x3F));
    }
    return to;
}

/* No escape is shorter than what it stands for. */
struct str json_unescape(struct arena *arena, struct str text)
{
    char *start = arena_alloc(arena, text.n), *to = start;
    if (start == NULL)
        return STR_NONE;
    for (size_t i = 0; i < text.n;) {
        struct escape escape = {.fault = "none"};
        if (text.p[i] == '\\')
            escape = escape_of(str_from(text, i));
        if (escape.fault == NULL) {
            to = utf8_write(to, escape.character);
            i += escape.n;
        } else {
            *to++ = text.p[i++];
        }
    }
    return (struct str){start, (size_t)(to - start)};
}

/* Takes one character of a text, which is not its closing quote. */
static enum err skip_character(struct reader *reader)
{
    struct str rest = str_from(reader->text, reader->at);
    if ((unsigned char)rest.p[0] < 0x20)
        return unexpected(reader, "the closing quote, or this character as an escape");
    if (rest.p[0] == '\\') {
        struct escape escape = escape_of(rest);
        reader->at += escape.n;
        return escape.fault == NULL ? ERR_OK : fault_at(reader, reader->at, escape.fault);
    }
    size_t step = utf8_step(rest);
    reader->at += step;
    return step == 0 ? unexpected(reader, "a text in UTF-8") : ERR_OK;
}

static enum err read_text(struct reader *reader, struct str *ret_raw, struct str *ret_text)
{
    size_t start = reader->at++;
    bool escaped = false;
    for (;;) {
        reader->at += str_plain(str_from(reader->text, reader->at));
        if (reader->at >= reader->text.n)
            return fault_at(reader, start, "the text that begins here has no closing quote");
        if (peek(reader) == '"')
            break;
        escaped = escaped || peek(reader) == '\\';
        enum err err = skip_character(reader);
        if (err != ERR_OK)
            return err;
    }
    reader->at++;
    struct str raw = since(reader, start), inner = str_sub(raw, 1, raw.n - 2);
    *ret_raw = raw;
    *ret_text = escaped ? json_unescape(reader->arena, inner) : inner;
    return ret_text->p == NULL ? ERR_MEMORY : ERR_OK;
}

/* ---- numbers and words ---- */

static enum err skip_digits(struct reader *reader)
{
    if (!ascii_digit(peek(reader)))
        return unexpected(reader, "a digit");
    while (ascii_digit(peek(reader)))
        reader->at++;
    return ERR_OK;
}

/* Takes a number's bytes; *ret_integer: it has neither fraction nor exponent. */
static enum err skip_number(struct reader *reader, bool *ret_integer)
{
    enum err err = ERR_OK;
    *ret_integer = true;
    if (peek(reader) == '-')
        reader->at++;
    if (peek(reader) == '0') {
        reader->at++;
        if (ascii_digit(peek(reader)))
            return unexpected(reader, "no digit after a leading zero");
    } else {
        err = skip_digits(reader);
    }
    if (err == ERR_OK && peek(reader) == '.') {
        *ret_integer = false;
        reader->at++;
        err = skip_digits(reader);
    }
    if (err == ERR_OK && ascii_lower(peek(reader)) == 'e') {
        *ret_integer = false;
        reader->at++;
        if (peek(reader) == '+' || peek(reader) == '-')
            reader->at++;
        err = skip_digits(reader);
    }
    return err;
}

/* False if it does not fit into 64 bits. */
static bool integer_value(struct str digits, double *ret_number)
{
    bool negative = digits.p[0] == '-';
    uint64_t value, max = (uint64_t)INT64_MAX + negative;
    if (!str_to_u64(str_from(digits, negative), max, &value))
        return false;
    *ret_number = negative ? -(double)value : (double)value;
    return true;
}

static enum err read_number(struct reader *reader, struct json *ret_json)
{
    size_t start = reader->at;
    bool integer;
    enum err err = skip_number(reader, &integer);
    if (err != ERR_OK)
        return err;
    ret_json->kind = JSON_NUMBER;
    bool fits;
    if (integer) {
        fits = integer_value(since(reader, start), &ret_json->number);
    } else {
        struct str digits = arena_str(reader->arena, since(reader, start)); /* ends with a zero */
        if (digits.p == NULL)
            return ERR_MEMORY;
        ret_json->number = strtod(digits.p, NULL); /* nobody sets another locale than C */
        fits = isfinite(ret_json->number);
    }
    return fits ? ERR_OK : fault_at(reader, start, "this number is too large to be kept exactly");
}

static enum err read_word(struct reader *reader, struct json *ret_json)
{
    static const struct {
        struct str word;
        enum json_kind kind;
    } words[] = {
        {STR_INIT("true"), JSON_BOOL},
        {STR_INIT("false"), JSON_BOOL},
        {STR_INIT("null"), JSON_NULL},
    };
    size_t end = reader->at;
    while (end < reader->text.n && ascii_alpha(reader->text.p[end]))
        end++;
    struct str word = str_sub(reader->text, reader->at, end - reader->at);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_eq(word, words[i].word)) {
            ret_json->kind = words[i].kind;
            reader->at = end;
            return ERR_OK;
        }
    return unexpected(reader, "a value");
}

/* ---- lists and objects ---- */

struct name {
    struct str text;
    const char *at; /* where it is */
};

/* Of equal ones the earlier comes first. */
static int name_cmp(const void *a, const void *b)
{
    const struct name *left = a, *right = b;
    int order = str_cmp(left->text, right->text);
    return order != 0 ? order : (left->at > right->at) - (left->at < right->at);
}

/* So few members are compared each with each, which is quicker than sorting them. */
enum { FEW_MEMBERS = 32 };

static const char *repeated_of_few(const struct json *object)
{
    for (const struct json *m = object->first->next; m != NULL; m = m->next)
        for (const struct json *before = object->first; before != m; before = before->next)
            if (str_eq(before->name, m->name))
                return m->raw_name.p;
    return NULL;
}

static enum err repeated_of_many(struct arena *arena, const struct json *object,
                                 const char **ret_again)
{
    struct name *names = ARENA_ARRAY(arena, struct name, object->n);
    const char *again = NULL;
    if (names == NULL)
        return ERR_MEMORY;
    size_t n = 0;
    for (const struct json *member = object->first; member != NULL; member = member->next)
        names[n++] = (struct name){member->name, member->raw_name.p};
    qsort(names, n, sizeof *names, name_cmp);
    for (size_t i = 1; i < n; i++)
        if (str_eq(names[i - 1].text, names[i].text) && (again == NULL || names[i].at < again))
            again = names[i].at;
    *ret_again = again;
    return ERR_OK;
}

/* Refuses the first member whose name was there before. */
static enum err check_names(const struct reader *reader, const struct json *object)
{
    const char *again = NULL;
    enum err err = ERR_OK;
    if (object->n <= FEW_MEMBERS)
        again = repeated_of_few(object);
    else
        err = repeated_of_many(reader->arena, object, &again);
    if (err != ERR_OK || again == NULL)
        return err;
    return fault_at(reader, (size_t)(again - reader->text.p),
                    "this member appears a second time in the same object");
}

static enum err read_name(struct reader *reader, bool first, struct json *ret_json)
{
    if (peek(reader) != '"')
        return unexpected(reader, first ? "the name of a member in quotes, or '}'"
                                        : "the name of a member in quotes");
    enum err err = read_text(reader, &ret_json->raw_name, &ret_json->name);
    if (err != ERR_OK)
        return err;
    skip_blanks(reader);
    if (peek(reader) != ':')
        return unexpected(reader, "':' after the name of the member");
    reader->at++;
    return ERR_OK;
}

static enum err read_value(struct reader *reader, struct json *ret_json);

/* The text between two commas. */
static enum err read_part(struct reader *reader, bool object, bool first, struct json **ret_json)
{
    struct json *json = ARENA_NEW(reader->arena, struct json);
    if (json == NULL)
        return ERR_MEMORY;
    skip_blanks(reader);
    enum err err = object ? read_name(reader, first, json) : ERR_OK;
    if (err == ERR_OK)
        err = read_value(reader, json);
    *ret_json = json;
    return err;
}

/* Lists and objects differ in their closing character and in that members have names. */
static enum err read_container(struct reader *reader, bool object, struct json *ret_json)
{
    char close = object ? '}' : ']';
    ret_json->kind = object ? JSON_OBJECT : JSON_LIST;
    if (reader->depth == reader->depth_max)
        return fault_at(reader, reader->at,
                        reader->depth_max == JSON_DEPTH_MAX ? "nested more than 32 levels deep"
                                                            : "nested more than 64 levels deep");
    reader->depth++;
    reader->at++;
    skip_blanks(reader);
    struct json **end = &ret_json->first;
    bool more = peek(reader) != close;
    while (more) {
        enum err err = read_part(reader, object, ret_json->n == 0, end);
        if (err != ERR_OK)
            return err;
        end = &(*end)->next;
        ret_json->n++;
        skip_blanks(reader);
        more = peek(reader) == ',';
        if (!more && peek(reader) != close)
            return unexpected(reader, object ? "a comma or '}' after the value"
                                             : "a comma or ']' after the value");
        reader->at += more;
    }
    reader->at++;
    reader->depth--;
    return object && ret_json->n > 1 ? check_names(reader, ret_json) : ERR_OK;
}

static enum err read_value(struct reader *reader, struct json *ret_json)
{
    skip_blanks(reader);
    size_t start = reader->at;
    char c = peek(reader);
    enum err err;
    if (c == '{' || c == '[') {
        err = read_container(reader, c == '{', ret_json);
    } else if (c == '"') {
        ret_json->kind = JSON_TEXT;
        err = read_text(reader, &ret_json->raw, &ret_json->text);
    } else if (c == '-' || ascii_digit(c)) {
        err = read_number(reader, ret_json);
    } else {
        err = read_word(reader, ret_json);
    }
    ret_json->raw = since(reader, start);
    return err;
}

static enum err read_all(struct reader *reader, const struct json **ret_json)
{
    struct json *json = ARENA_NEW(reader->arena, struct json);
    if (json == NULL)
        return ERR_MEMORY;
    if (reader->text.p == NULL)
        reader->text = STR("");
    enum err err = read_value(reader, json);
    if (err != ERR_OK)
        return err;
    skip_blanks(reader);
    if (reader->at < reader->text.n)
        return unexpected(reader, "nothing more after the value");
    *ret_json = json;
    return ERR_OK;
}

enum err json_read(struct op *op, struct arena *arena, struct str text,
                   const struct json **ret_json)
{
    return json_read_at(op, arena, text, (struct json_place){0}, ret_json);
}

enum err json_read_written(struct op *op, struct arena *arena, struct str text,
                           const struct json **ret_json)
{
    struct reader reader = {
        .op = op, .arena = arena, .text = text, .depth_max = JSON_DEPTH_WRITTEN_MAX};
    return read_all(&reader, ret_json);
}

enum err json_read_at(struct op *op, struct arena *arena, struct str text, struct json_place place,
                      const struct json **ret_json)
{
    struct reader reader = {
        .op = op, .arena = arena, .text = text, .place = place, .depth_max = JSON_DEPTH_MAX};
    return read_all(&reader, ret_json);
}

/* ---- values ---- */

struct str json_kind_name(enum json_kind kind)
{
    static const struct str names[] = {
        [JSON_NULL] = STR_INIT("null"),       [JSON_BOOL] = STR_INIT("true or false"),
        [JSON_NUMBER] = STR_INIT("a number"), [JSON_TEXT] = STR_INIT("a text"),
        [JSON_LIST] = STR_INIT("a list"),     [JSON_OBJECT] = STR_INIT("an object"),
    };
    return names[kind];
}

struct str json_text(const struct json *json)
{
    return json == NULL || json->kind != JSON_TEXT ? STR_NONE : json->text;
}

const struct json *json_member(const struct json *object, struct str name)
{
    const struct json *member =
        object == NULL || object->kind != JSON_OBJECT ? NULL : object->first;
    while (member != NULL && !str_eq(member->name, name))
        member = member->next;
    return member;
}

void buf_json_compact(struct buf *buf, struct str raw)
{
    size_t start = 0; /* of the run that has no blanks */
    bool quoted = false;
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (quoted && c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && ascii_blank(c)) {
            buf_bytes(buf, raw.p + start, i - start);
            start = i + 1;
        }
    }
    buf_bytes(buf, raw.p + start, raw.n - start);
}
