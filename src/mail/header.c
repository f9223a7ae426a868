#include "mail/header.h"

#include "base/hash.h"

enum {
    LINE_MAX_BYTES = 78,
    WORD_BYTES = 39, /* of text in an encoded word: 52 as base64, 64 with "=?UTF-8?B?" and "?=" */
    QP_LINE_MAX = 76,
};

/* What a reader sees of the text: each blank or control is one blank, invisible characters are gone, and what
 * is malformed is U+FFFD. */
static void text_clean(struct buf *clean, struct str text)
{
    bool blank = false;
    while (text.n > 0) {
        size_t n = utf8_step(text);
        struct str one = str_sub(text, 0, n == 0 ? 1 : n);
        uint32_t c = utf8_first(text);
        text = str_from(text, one.n);
        if (c <= ' ' || c == 0x7f || c == 0x85 || c == 0xa0 || c == 0x2028 || c == 0x2029) {
            blank = true;
            continue;
        }
        if (n > 0 && char_invisible(c))
            continue;
        if (blank && clean->n > 0)
            buf_char(clean, ' ');
        blank = false;
        if (n == 0)
            BUF_LIT(clean, "\xef\xbf\xbd");
        else
            buf_add(clean, one);
    }
}

/* Can it be in the field as it is? "=?" would begin an encoded word, and a word that fits in no line needs
 * to be divided. */
static bool text_plain(struct str text)
{
    size_t word = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        word = c == ' ' ? 0 : word + 1;
        if (c < ' ' || c > '~' || word > WORD_BYTES ||
            (c == '=' && i + 1 < text.n && text.p[i + 1] == '?'))
            return false;
    }
    return true;
}

/* Appends words with single blanks between them; a line is ended before one that would make it too long.
 * `*column` is where the line is. */
static void plain_words(struct buf *buf, struct str text, size_t *column)
{
    while (text.p != NULL) {
        struct str word = str_cut(&text, ' ');
        if (*column + 1 + word.n > LINE_MAX_BYTES) {
            BUF_LIT(buf, "\r\n");
            *column = 0;
        }
        buf_char(buf, ' ');
        buf_add(buf, word);
        *column += 1 + word.n;
    }
}

/* Each encoded word holds whole characters, and is a line of its own but for the first. */
static void encoded_words(struct buf *buf, struct str text, size_t *column)
{
    for (bool first = true; text.n > 0; first = false) {
        struct str piece = utf8_cut(text, WORD_BYTES);
        if (!first) {
            BUF_LIT(buf, "\r\n");
            *column = 0;
        }
        size_t before = buf->n;
        BUF_LIT(buf, " =?UTF-8?B?");
        buf_base64(buf, piece.p, piece.n);
        BUF_LIT(buf, "?=");
        *column += buf->n - before;
        text = str_from(text, piece.n);
    }
}

static void field_begin(struct buf *buf, const char *name, size_t *column)
{
    size_t before = buf->n;
    buf_printf(buf, "%s:", name);
    *column = buf->n - before;
}

void buf_mail_text(struct buf *buf, const char *name, struct str text)
{
    struct buf clean;
    size_t column;
    buf_init(&clean, buf->max);
    text_clean(&clean, text);
    if (buf_err(&clean) != ERR_OK && buf->err == ERR_OK)
        buf->err = buf_err(&clean);
    field_begin(buf, name, &column);
    if (text_plain(buf_str(&clean)))
        plain_words(buf, buf_str(&clean), &column);
    else
        encoded_words(buf, buf_str(&clean), &column);
    BUF_LIT(buf, "\r\n");
    buf_finish(&clean);
}

/* A name that needs no quotes is words of these (RFC 5322, section 3.2.3), and blanks. */
static bool atoms(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!ascii_alpha(name.p[i]) && !ascii_digit(name.p[i]) && name.p[i] != ' ' &&
            name.p[i] != '-')
            return false;
    return text_plain(name);
}

void buf_mail_address(struct buf *buf, const char *field, struct str name, struct str address)
{
    struct buf clean;
    size_t column;
    buf_init(&clean, buf->max);
    text_clean(&clean, name);
    if (buf_err(&clean) != ERR_OK && buf->err == ERR_OK)
        buf->err = buf_err(&clean);
    field_begin(buf, field, &column);
    if (clean.n > 0 && atoms(buf_str(&clean)))
        plain_words(buf, buf_str(&clean), &column);
    else if (clean.n > 0)
        encoded_words(buf, buf_str(&clean), &column);
    /* After a name, on a line of its own: it is never divided. */
    if (clean.n > 0)
        BUF_LIT(buf, "\r\n");
    BUF_LIT(buf, " <");
    for (size_t i = 0; i < address.n; i++)
        if ((unsigned char)address.p[i] > ' ' && address.p[i] != 0x7f && address.p[i] != '<' &&
            address.p[i] != '>')
            buf_char(buf, address.p[i]);
    BUF_LIT(buf, ">\r\n");
    buf_finish(&clean);
}

void buf_mail_field(struct buf *buf, const char *name, struct str value)
{
    buf_printf(buf, "%s: ", name);
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] >= ' ' && value.p[i] <= '~')
            buf_char(buf, value.p[i]);
    BUF_LIT(buf, "\r\n");
}

void buf_quoted_printable(struct buf *buf, struct str text)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t column = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '\r')
            continue;
        if (c == '\n') {
            BUF_LIT(buf, "\r\n");
            column = 0;
            continue;
        }
        /* A blank at the end of a line would be lost on the way; and a dot alone would end the mail, if the
         * sender did not care. */
        bool ends = i + 1 == text.n || text.p[i + 1] == '\n' || text.p[i + 1] == '\r';
        bool plain = c > ' ' && c <= '~' && c != '=' && !(c == '.' && column == 0);
        plain = plain || (c == ' ' && !ends);
        if (column + (plain ? 1 : 3) > QP_LINE_MAX - 1) {
            BUF_LIT(buf, "=\r\n");
            column = 0;
        }
        if (plain) {
            buf_char(buf, (char)c);
        } else {
            buf_char(buf, '=');
            buf_char(buf, digits[c >> 4]);
            buf_char(buf, digits[c & 15]);
        }
        column += plain ? 1 : 3;
    }
    if (column > 0)
        BUF_LIT(buf, "\r\n");
}
