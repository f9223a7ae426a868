/*
 * The head of a mail, made of any texts. Oracles: it is ASCII, its lines are short and end with CR LF, each is
 * a field that was asked for or continues one, nothing but the end is an empty line; and what a reader decodes of
 * a text is the text without what nobody sees.
 */
#include "mail/message.h"

#include "base/hash.h"
#include "mail/header.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Each line of it; returns how many fields there are. */
static size_t check_lines(struct str head)
{
    size_t fields = 0;
    while (head.n > 0) {
        size_t end = str_find(head, '\r');
        struct str line = str_sub(head, 0, end);
        must(end + 1 < head.n && head.p[end + 1] == '\n');
        must(line.n > 0 && line.n <= 998);
        for (size_t i = 0; i < line.n; i++)
            must(line.p[i] >= ' ' && line.p[i] <= '~');
        fields += line.p[0] != ' ';
        head = str_from(head, end + 2);
    }
    return fields;
}

/* What a reader makes of the field's value: encoded words are decoded, and folds are undone. */
static void decode(struct str value, struct buf *ret_text)
{
    bool was_encoded = false;
    value = str_from(value, 1);
    while (value.n > 0) {
        struct str word = str_sub(value, 0, str_find(value, ' '));
        struct str trimmed = str_trim(word);
        bool encoded = str_starts(trimmed, STR("=?UTF-8?B?"));
        if (ret_text->n > 0 && !(encoded && was_encoded))
            buf_char(ret_text, ' ');
        if (encoded) {
            struct str base64 = str_sub(trimmed, 10, trimmed.n - 12);
            unsigned char bytes[64];
            size_t pad = 0;
            must(trimmed.n <= 75 && str_eq(str_from(trimmed, trimmed.n - 2), STR("?=")));
            while (pad < base64.n && base64.p[base64.n - 1 - pad] == '=')
                pad++;
            size_t n = base64.n / 4 * 3 - pad;
            must(n <= sizeof bytes && base64_read(base64, bytes, n));
            must(utf8_valid((struct str){(char *)bytes, n}));
            buf_bytes(ret_text, bytes, n);
        } else {
            buf_add(ret_text, trimmed);
        }
        was_encoded = encoded;
        value = str_from(value, word.n + 1);
    }
}

/* The characters that are seen of both are the same. */
static void check_same(struct str sent, struct str got)
{
    while (sent.n > 0) {
        size_t n = utf8_step(sent);
        uint32_t c = utf8_first(sent);
        sent = str_from(sent, n == 0 ? 1 : n);
        if (n > 0 && (c <= ' ' || char_invisible(c)))
            continue;
        while (got.n > 0 && got.p[0] == ' ')
            got = str_from(got, 1);
        must(got.n > 0 && utf8_first(got) == c);
        got = str_from(got, utf8_step(got));
    }
    must(str_trim(got).n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf buf, text;
    struct str input = {(const char *)data, size > 4096 ? 4096 : size};
    size_t middle = input.n / 2;
    struct mail_message message = {
        .from_name = str_sub(input, 0, middle),
        .from = STR("a@b.example"),
        .to = STR("c@d.example"),
        .subject = input,
        .id = STR("1@b.example"),
        .thread = str_from(input, middle),
        .unsubscribe = str_from(input, middle),
        .text = input,
        .html = input,
    };
    buf_init(&buf, 1024 * 1024);
    buf_init(&text, 1024 * 1024);
    buf_mail_text(&buf, "X", input);
    must(buf_err(&buf) == ERR_OK);
    struct str field = buf_str(&buf);
    must(check_lines(field) == 1);
    decode(str_from(str_sub(field, 0, field.n - 2), 2), &text);
    check_same(input, buf_str(&text));

    buf_clear(&buf);
    buf_mail_message(&buf, &message);
    must(buf_err(&buf) == ERR_OK);
    buf_char(&buf, '\0');
    const char *end = strstr(buf.p, "\r\n\r\n");
    must(end != NULL);
    struct str head = {buf.p, (size_t)(end - buf.p) + 2};
    if (str_find(head, '<') < head.n)
        must(check_lines(head) >= 10 && check_lines(head) <= 13);
    for (struct str rest = str_from(buf_str(&buf), head.n + 2); rest.n > 1;) {
        size_t line = str_find(rest, '\n');
        must(line < rest.n && line > 0 && rest.p[line - 1] == '\r' && line <= 77);
        rest = str_from(rest, line + 1);
    }
    buf_finish(&buf);
    buf_finish(&text);
    return 0;
}
