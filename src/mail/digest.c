#include "mail/digest.h"

#include "model/date.h"

#include <stdio.h>

enum word {
#define WORD(name, en, nl) WORD_##name,
#include "mail/words.def"
#undef WORD
    WORD_COUNT
};

static const struct str words[WORD_COUNT][LANGUAGE_COUNT] = {
#define WORD(name, en, nl) [WORD_##name] = {STR_INIT(en), STR_INIT(nl)},
#include "mail/words.def"
#undef WORD
};

/* The same text as it is, or as HTML. */
struct digest_writing {
    struct buf *buf;
    bool html;
    enum language language;
};

/* Controls other than line breaks are nobody's text. */
static void put(const struct digest_writing *writing, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool markup = writing->html;
        if ((unsigned char)c < ' ' && c != '\n')
            buf_char(writing->buf, ' ');
        else if (markup && c == '<')
            BUF_LIT(writing->buf, "&lt;");
        else if (markup && c == '>')
            BUF_LIT(writing->buf, "&gt;");
        else if (markup && c == '&')
            BUF_LIT(writing->buf, "&amp;");
        else if (markup && c == '"')
            BUF_LIT(writing->buf, "&quot;");
        else
            buf_char(writing->buf, c);
    }
}

static void put_word(const struct digest_writing *writing, enum word word, struct str argument)
{
    struct str text = words[word][writing->language];
    size_t at = str_find(text, '{');
    put(writing, str_sub(text, 0, at));
    if (at < text.n) {
        put(writing, argument);
        put(writing, str_from(text, at + 2));
    }
}

static void put_number_word(const struct digest_writing *writing, enum word word, int64_t n)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%lld", (long long)n);
    put_word(writing, word, (struct str){digits, (size_t)length});
}

/* A link with its own address as the text, or with a word. */
static void put_link(const struct digest_writing *writing, struct str url, enum word word)
{
    if (writing->html) {
        BUF_LIT(writing->buf, "<a href=\"");
        put(writing, url);
        BUF_LIT(writing->buf, "\">");
        put_word(writing, word, STR_NONE);
        BUF_LIT(writing->buf, "</a>");
    } else {
        put_word(writing, word, STR_NONE);
        BUF_LIT(writing->buf, ": ");
        put(writing, url);
    }
}

static void put_line(const struct digest_writing *writing)
{
    if (writing->html)
        BUF_LIT(writing->buf, "<br>\n");
    else
        buf_char(writing->buf, '\n');
}

/* "/t/KEY" has no '#', which some mail systems cut. */
static void put_item(const struct digest_writing *writing, const struct mail_digest *digest,
                     const struct digest_item *item)
{
    _Static_assert(WORD_DUE_DATE == WORD_ASSIGNED + 2 * NOTIFY_REASONS, "a pair for each reason");
    enum word word = (enum word)(WORD_ASSIGNED + 2 * (int)item->reason);
    if (writing->html) {
        BUF_LIT(writing->buf, "<p style=\"margin:0 0 1em\"><a href=\"");
        put(writing, digest->public_url);
        BUF_LIT(writing->buf, "/t/");
        put(writing, item->key);
        BUF_LIT(writing->buf, "\"><b>");
        put(writing, item->title);
        BUF_LIT(writing->buf, "</b></a>");
        put_line(writing);
        put(writing, item->key);
        BUF_LIT(writing->buf, " · ");
    } else {
        put(writing, item->key);
        BUF_LIT(writing->buf, "  ");
        put(writing, item->title);
        BUF_LIT(writing->buf, "\n  ");
    }
    put_word(writing, item->by.p == NULL ? (enum word)((int)word + 1) : word, item->by);
    if (item->duplicate_of.p != NULL) {
        BUF_LIT(writing->buf, " (");
        put_word(writing, WORD_DUPLICATE, item->duplicate_of);
        BUF_LIT(writing->buf, ")");
    }
    if (item->due_date != DATE_NONE) {
        struct buf date;
        buf_init(&date, 32);
        buf_date(&date, item->due_date);
        BUF_LIT(writing->buf, ", ");
        put_word(writing, WORD_DUE_DATE, buf_str(&date));
        buf_finish(&date);
    }
    if (item->events > 1) {
        BUF_LIT(writing->buf, ", ");
        put_number_word(writing, WORD_EVENTS, item->events);
    }
    if (item->excerpt.p != NULL) {
        struct str rest = item->excerpt;
        if (writing->html)
            BUF_LIT(writing->buf, "<span style=\"display:block;white-space:pre-wrap;"
                                  "border-left:3px solid #ccc;padding-left:.7em\">");
        while (!writing->html && rest.p != NULL) {
            BUF_LIT(writing->buf, "\n  > ");
            put(writing, str_cut(&rest, '\n'));
        }
        if (writing->html) {
            put(writing, item->excerpt);
            BUF_LIT(writing->buf, "</span>");
        }
    }
    if (writing->html) {
        BUF_LIT(writing->buf, "</p>\n");
        return;
    }
    BUF_LIT(writing->buf, "\n  ");
    put(writing, digest->public_url);
    BUF_LIT(writing->buf, "/t/");
    put(writing, item->key);
    BUF_LIT(writing->buf, "\n\n");
}

static void put_body(const struct digest_writing *writing, const struct mail_digest *digest,
                     struct str unsubscribe)
{
    struct buf *buf = writing->buf;
    if (writing->html)
        BUF_LIT(buf, "<!doctype html>\n<html><body style=\"font-family:sans-serif\">\n<p>");
    put_word(writing, WORD_LEAD, STR_NONE);
    if (writing->html)
        BUF_LIT(buf, "</p>\n");
    else
        BUF_LIT(buf, "\n\n");
    for (size_t i = 0; i < digest->n; i++)
        put_item(writing, digest, &digest->items[i]);
    int64_t more = digest->total - (int64_t)digest->n;
    if (more > 0) {
        if (writing->html)
            BUF_LIT(buf, "<p>");
        put_number_word(writing, more == 1 ? WORD_MORE_1 : WORD_MORE, more);
        BUF_LIT(buf, ": ");
        if (writing->html)
            BUF_LIT(buf, "<a href=\"");
        put(writing, digest->public_url);
        BUF_LIT(buf, "/app/");
        if (writing->html) {
            BUF_LIT(buf, "\">");
            put(writing, digest->public_url);
            BUF_LIT(buf, "/app/</a></p>\n");
        } else {
            BUF_LIT(buf, "\n\n");
        }
    }

    /* Opening these changes nothing: a program that looks at all links of a mail does no harm. */
    struct buf settings;
    buf_init(&settings, 4096);
    buf_printf(&settings, "%.*s/app/#/me/notifications", STR_ARG(digest->public_url));
    if (writing->html)
        BUF_LIT(buf, "<hr>\n<p style=\"color:#666;font-size:85%\">");
    else
        BUF_LIT(buf, "-- \n");
    put_link(writing, buf_str(&settings), WORD_SETTINGS);
    put_line(writing);
    put_link(writing, unsubscribe, WORD_UNSUBSCRIBE);
    if (writing->html)
        BUF_LIT(buf, "</p>\n</body></html>");
    BUF_LIT(buf, "\n");
    buf_finish(&settings);
}

static bool one_record(const struct mail_digest *digest)
{
    bool one = digest->n > 0 && digest->total == (int64_t)digest->n;
    for (size_t i = 1; i < digest->n && one; i++)
        one = str_eq(digest->items[i].key, digest->items[0].key);
    return one;
}

enum err digest_write(const struct mail_digest *digest, struct arena *arena,
                      struct mail_message *message)
{
    struct buf text, html, subject;
    struct digest_writing writing = {.buf = &text, .language = digest->language};
    bool one = one_record(digest);
    buf_init(&text, MAIL_MAX);
    buf_init(&html, MAIL_MAX);
    buf_init(&subject, 4096);
    put_body(&writing, digest, message->unsubscribe);
    writing = (struct digest_writing){.buf = &html, .html = true, .language = digest->language};
    put_body(&writing, digest, message->unsubscribe);

    /* The subject of a record's mails stays the same, so that clients that go by it thread them, too. */
    writing = (struct digest_writing){.buf = &subject, .language = digest->language};
    if (one)
        buf_printf(&subject, "[%.*s] %.*s", STR_ARG(digest->items[0].key),
                   STR_ARG(digest->items[0].title));
    else
        put_number_word(&writing, WORD_SUBJECT_MANY, digest->total);
    message->from_name = words[WORD_FROM][digest->language];
    if (one)
        message->thread = arena_printf(arena, "record.%.*s@%.*s", STR_ARG(digest->items[0].key),
                                       STR_ARG(digest->host));
    enum err err = buf_move(&subject, arena, &message->subject);
    enum err text_err = buf_move(&text, arena, &message->text);
    enum err html_err = buf_move(&html, arena, &message->html);
    if (one && message->thread.p == NULL)
        return ERR_MEMORY;
    return err != ERR_OK ? err : text_err != ERR_OK ? text_err : html_err;
}

enum err digest_write_test(enum language language, struct arena *arena,
                           struct mail_message *message)
{
    message->from_name = words[WORD_FROM][language];
    message->subject = words[WORD_SUBJECT_TEST][language];
    message->text = words[WORD_TEST][language];
    message->html = arena_printf(arena, "<p>%.*s</p>", STR_ARG(message->text));
    return message->html.p == NULL ? ERR_MEMORY : ERR_OK;
}

void buf_unsubscribe_page(struct buf *buf, enum language language, struct str email, bool done)
{
    struct digest_writing writing = {.buf = buf, .html = true, .language = language};
    buf_printf(buf,
               "<!doctype html>\n<html lang=\"%.*s\"><head><meta charset=\"utf-8\">"
               "<meta name=\"viewport\" content=\"width=device-width\"><title>",
               STR_ARG(language_name(language)));
    put_word(&writing, WORD_STOP_TITLE, STR_NONE);
    BUF_LIT(buf, "</title></head><body><h1>");
    put_word(&writing, WORD_STOP_TITLE, STR_NONE);
    BUF_LIT(buf, "</h1>\n<p>");
    put_word(&writing, done ? WORD_STOP_DONE : WORD_STOP_ASK, email);
    BUF_LIT(buf, "</p>\n");
    if (!done) {
        BUF_LIT(buf, "<form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\""
                     " value=\"One-Click\"><button>");
        put_word(&writing, WORD_STOP_DO, STR_NONE);
        BUF_LIT(buf, "</button></form>\n");
    }
    BUF_LIT(buf, "</body></html>\n");
}
