#include "model/word.h"

#include <glib.h>
#include <string.h>

static bool ascii_only(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] >= 0x80)
            return false;
    return true;
}

/* Compatible forms are one (NFKD), then letters without case. NULL when it is not text. */
static char *fold(struct str text)
{
    char *apart = g_utf8_normalize(text.p, (gssize)text.n, G_NORMALIZE_ALL);
    char *folded = apart == NULL ? NULL : g_utf8_casefold(apart, -1);
    char *again = folded == NULL ? NULL : g_utf8_normalize(folded, -1, G_NORMALIZE_ALL);
    g_free(apart);
    g_free(folded);
    return again;
}

/* Accents, and what only says how the character before it is drawn. */
static bool dropped(gunichar c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0xfe00 && c <= 0xfe0f) ||
           g_unichar_type(c) == G_UNICODE_FORMAT;
}

/* Of scripts that are written without blanks. */
static bool stands_alone(gunichar c)
{
    return (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff);
}

static bool in_word(gunichar c)
{
    if (c < 0x80)
        return ascii_alpha((char)c) || ascii_digit((char)c);
    return g_unichar_isalnum(c) || g_unichar_ismark(c) ||
           g_unichar_type(c) == G_UNICODE_OTHER_SYMBOL ||
           g_unichar_type(c) == G_UNICODE_PRIVATE_USE;
}

/* Ends the word that began at `start`. */
static void word_end(struct buf *buf, size_t start)
{
    if (buf_err(buf) != ERR_OK || buf->n == start)
        return;
    struct str word = str_from(buf_str(buf), start);
    if (word.n > WORD_MAX)
        buf_cut(buf, start + utf8_cut(word, WORD_MAX).n);
    buf_char(buf, ' ');
}

static void words_ascii(struct buf *buf, struct str text)
{
    size_t start = buf->n;
    for (size_t i = 0; i < text.n; i++) {
        if (ascii_alpha(text.p[i]) || ascii_digit(text.p[i])) {
            buf_char(buf, ascii_lower(text.p[i]));
            continue;
        }
        word_end(buf, start);
        start = buf->n;
    }
    word_end(buf, start);
}

void buf_words(struct buf *buf, struct str text)
{
    if (ascii_only(text)) {
        words_ascii(buf, text);
        return;
    }
    char *folded = fold(text);
    size_t start = buf->n;
    struct str rest = folded == NULL ? STR_NONE : str_of(folded);
    while (rest.n > 0) {
        gunichar c = utf8_first(rest);
        size_t step = utf8_step(rest);
        struct str character = str_sub(rest, 0, step == 0 ? 1 : step);
        rest = str_from(rest, character.n);
        if (dropped(c))
            continue;
        bool word = in_word(c), alone = stands_alone(c);
        if (!word || alone) {
            word_end(buf, start);
            start = buf->n;
        }
        if (word)
            buf_add(buf, character);
        if (alone) {
            word_end(buf, start);
            start = buf->n;
        }
    }
    word_end(buf, start);
    g_free(folded);
}

bool words_begin(struct str words, struct str typed)
{
    bool all = true;
    while (typed.n > 0 && all) {
        struct str wanted = str_cut(&typed, ' ');
        all = false;
        for (struct str rest = words; rest.n > 0 && !all;)
            all = str_starts(str_cut(&rest, ' '), wanted);
    }
    return all;
}

bool words_same(struct str text, struct str name)
{
    size_t at = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = at < text.n ? text.p[at] : '\0';
        if (name.p[i] == ' ' ? c == ' ' || c == '_' || c == '-'
                             : ascii_lower(c) == ascii_lower(name.p[i]))
            at++;
        else if (name.p[i] != ' ')
            return false;
    }
    return at == text.n;
}

void buf_identifier(struct buf *buf, struct str text)
{
    size_t start = buf->n;
    bool blank = false;
    char *folded = ascii_only(text) ? NULL : fold(text);
    struct str rest = folded == NULL ? text : str_of(folded);
    while (rest.n > 0) {
        size_t step = utf8_step(rest);
        gunichar c = utf8_first(rest);
        struct str character = str_sub(rest, 0, step == 0 ? 1 : step);
        rest = str_from(rest, character.n);
        if (c >= 0x80 && dropped(c))
            continue;
        if (c < 0x80 ? ascii_blank((char)c) : g_unichar_isspace(c)) {
            blank = buf->n > start;
            continue;
        }
        if (blank)
            buf_char(buf, ' ');
        blank = false;
        if (c < 0x80)
            buf_char(buf, ascii_lower((char)c));
        else
            buf_add(buf, character);
    }
    if (buf_err(buf) == ERR_OK && buf->n - start > IDENTIFIER_FOLDED_MAX)
        buf_cut(buf, start + utf8_cut(str_from(buf_str(buf), start), IDENTIFIER_FOLDED_MAX).n);
    g_free(folded);
}
