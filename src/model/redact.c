#include "model/redact.h"

enum {
    NAME_MAX_LETTERS = 256,
    JSON_READ_MAX = REDACT_READ_MAX - 1, /* one more shows that something is cut */
    TEXT_READ_MAX = REDACT_TEXT_MAX + 64,
};

#define MASK "***"

/* ---- names ---- */

/* In small letters, without digits and signs. */
static const struct str secret_words[] = {
    STR_INIT("password"), STR_INIT("passwd"),        STR_INIT("passphrase"), STR_INIT("secret"),
    STR_INIT("token"),    STR_INIT("authorization"), STR_INIT("apikey"),     STR_INIT("credential"),
};

/* The character that a \u escape at the beginning of `s` means, if it is ASCII; otherwise 0. */
static char escaped(struct str s)
{
    unsigned value = 0;
    for (size_t i = 2; i < 6; i++) {
        int digit = hex_value(s.p[i]);
        if (digit < 0)
            return 0;
        value = value * 16 + (unsigned)digit;
    }
    return value < 0x80 ? (char)value : 0;
}

/* Most letters begin none of them. */
static bool secret_word_begins(struct str letters)
{
    char first = letters.p[0];
    if (first != 'p' && first != 's' && first != 't' && first != 'a' && first != 'c')
        return false;
    for (size_t w = 0; w < sizeof secret_words / sizeof secret_words[0]; w++)
        if (first == secret_words[w].p[0] && str_starts(letters, secret_words[w]))
            return true;
    return false;
}

bool redact_secret_name(struct str name)
{
    char letters[NAME_MAX_LETTERS];
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (c == '\\' && name.n - i >= 6 && name.p[i + 1] == 'u') {
            c = escaped(str_from(name, i));
            i += 5;
        }
        if (!ascii_alpha(c))
            continue;
        if (n == sizeof letters) /* nobody's name, so rather too careful */
            return true;
        letters[n++] = ascii_lower(c);
    }
    for (size_t i = 0; i < n; i++)
        if (secret_word_begins((struct str){letters + i, n - i}))
            return true;
    return false;
}

/* ---- the bound ---- */

/* Cuts what was appended since `start` to `max` bytes, at a whole character, and says so. */
static void cut(struct buf *buf, size_t start, size_t max, bool more)
{
    static const struct str dots = STR_INIT("…");
    if (!more && buf->n - start <= max)
        return;
    buf_cut(buf, start + utf8_cut(str_from(buf_str(buf), start), max - dots.n).n);
    buf_add(buf, dots);
}

/* ---- JSON ---- */

/* Each returns the place after the value that begins at `at`, or the end. */

static size_t string_end(struct str json, size_t at)
{
    for (at++; at < json.n && json.p[at] != '"'; at++)
        if (json.p[at] == '\\')
            at++;
    return at < json.n ? at + 1 : json.n;
}

static size_t blanks_end(struct str json, size_t at)
{
    while (at < json.n && ascii_blank(json.p[at]))
        at++;
    return at;
}

static size_t nested_end(struct str json, size_t at)
{
    size_t depth = 0;
    while (at < json.n) {
        char c = json.p[at];
        at = c == '"' ? string_end(json, at) : at + 1;
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        if (depth == 0)
            break;
    }
    return at;
}

static size_t value_end(struct str json, size_t at)
{
    if (at == json.n || json.p[at] == '"')
        return at == json.n ? at : string_end(json, at);
    if (json.p[at] == '{' || json.p[at] == '[')
        return nested_end(json, at);
    while (at < json.n && str_find(STR(",]} \t\r\n"), json.p[at]) == 7)
        at++;
    return at;
}

bool redact_json(struct buf *buf, struct str sent)
{
    struct str json = utf8_cut(sent, JSON_READ_MAX);
    size_t start = buf->n, copied = 0, at = 0;
    bool whole = true;
    while (at < json.n && buf->n - start + (at - copied) <= REDACT_JSON_MAX) {
        if (json.p[at] != '"') {
            at++;
            continue;
        }
        size_t end = string_end(json, at), colon = blanks_end(json, end);
        if (colon == json.n || json.p[colon] != ':' ||
            !redact_secret_name(str_sub(json, at + 1, end - at - 2))) {
            at = end;
            continue;
        }
        size_t value = blanks_end(json, colon + 1);
        buf_add(buf, str_sub(json, copied, value - copied));
        BUF_LIT(buf, "\"" MASK "\"");
        whole = false;
        at = copied = value_end(json, value);
    }
    buf_add(buf, str_sub(json, copied, at - copied));
    whole = whole && at == sent.n && buf->n - start <= REDACT_JSON_MAX;
    cut(buf, start, REDACT_JSON_MAX, at < sent.n);
    return whole;
}

/* ---- texts ---- */

static void add_valid(struct buf *buf, struct str s)
{
    while (s.n > 0) {
        size_t step = utf8_step(s);
        if (step == 0 || s.p[0] == '\0')
            BUF_LIT(buf, "\xEF\xBF\xBD");
        else
            buf_add(buf, str_sub(s, 0, step));
        s = str_from(s, step == 0 ? 1 : step);
    }
}

static size_t word_end(struct str text, size_t at)
{
    static const struct str between = STR_INIT(" \t\r\n\"':=,;&{}[]()<>?/");
    while (at < text.n && str_find(between, text.p[at]) == between.n)
        at++;
    return at;
}

void redact_text(struct buf *buf, struct str sent)
{
    struct str text = str_sub(sent, 0, TEXT_READ_MAX);
    size_t start = buf->n, at = 0;
    while (at < text.n && buf->n - start <= REDACT_TEXT_MAX) {
        size_t end = word_end(text, at);
        struct str word = str_sub(text, at, end - at);
        add_valid(buf, word);
        if (redact_secret_name(word)) {
            BUF_LIT(buf, MASK);
            cut(buf, start, REDACT_TEXT_MAX, false);
            return;
        }
        if (end < text.n)
            buf_char(buf, text.p[end++]);
        at = end;
    }
    cut(buf, start, REDACT_TEXT_MAX, at < sent.n);
}
