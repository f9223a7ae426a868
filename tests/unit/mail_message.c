#include "mail/digest.h"
#include "mail/header.h"
#include "model/date.h"

#include "tests.h"

static struct buf buf;

static void expect(const char *text)
{
    assert_int_equal(buf_err(&buf), ERR_OK);
    buf_char(&buf, '\0');
    assert_string_equal(buf.p, text);
    buf_clear(&buf);
}

static void test_plain_text_is_folded_at_blanks(void **state)
{
    (void)state;
    buf_mail_text(&buf, "Subject", STR("[A-WOR-01] Seal broken"));
    expect("Subject: [A-WOR-01] Seal broken\r\n");
    buf_mail_text(&buf, "Subject", STR(" a \t b\n"));
    expect("Subject: a b\r\n");
    buf_mail_text(&buf, "Subject",
                  STR("one two three four five six seven eight nine ten eleven twelve thirteen "
                      "fourteen fifteen"));
    expect("Subject: one two three four five six seven eight nine ten eleven twelve\r\n"
           " thirteen fourteen fifteen\r\n");
    buf_mail_text(&buf, "Subject", STR(""));
    expect("Subject: \r\n");
}

static void test_everything_else_is_encoded_words(void **state)
{
    (void)state;
    buf_mail_text(&buf, "Subject", STR("Zürich"));
    expect("Subject: =?UTF-8?B?WsO8cmljaA==?=\r\n");
    buf_mail_text(&buf, "Subject", STR("=?UTF-8?Q?x?="));
    expect("Subject: =?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?=\r\n");
    /* A character is never divided: 20 of two bytes are more than fit into one word. */
    buf_mail_text(&buf, "Subject", STR("üüüüüüüüüüüüüüüüüüüü"));
    expect("Subject: =?UTF-8?B?w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7w=?=\r\n"
           " =?UTF-8?B?w7w=?=\r\n");
}

static void test_nothing_gets_out_of_its_field(void **state)
{
    (void)state;
    buf_mail_text(&buf, "Subject", STR("a\r\nBcc: b@c.example\r\n\r\nbody"));
    expect("Subject: a Bcc: b@c.example body\r\n");
    buf_mail_text(&buf, "Subject",
                  STR("a\xe2\x80\xa8"
                      "b\xe2\x80\xae"
                      "c\xe2\x80\x8b"
                      "d\xff"));
    expect("Subject: =?UTF-8?B?YSBiY2Tvv70=?=\r\n");
    buf_mail_address(&buf, "To", STR("Ann <x@y.example>,\r\nBob"), STR("a@b.example>\r\nX: y"));
    expect("To: =?UTF-8?B?QW5uIDx4QHkuZXhhbXBsZT4sIEJvYg==?=\r\n <a@b.exampleX:y>\r\n");
    buf_mail_field(&buf, "References", STR("<a\r\nb>"));
    expect("References: <ab>\r\n");
}

static void test_quoted_printable(void **state)
{
    (void)state;
    buf_quoted_printable(&buf, STR("a=b \r\n.\n\n\xc3\xbc"));
    expect("a=3Db=20\r\n=2E\r\n\r\n=C3=BC\r\n");
    buf_quoted_printable(&buf, STR("0123456789012345678901234567890123456789"
                                   "0123456789012345678901234567890123456789"));
    expect("012345678901234567890123456789012345678901234567890123456789012345678901234=\r\n"
           "56789\r\n");
}

static void test_a_comment_is_quoted_line_by_line(void **state)
{
    (void)state;
    struct arena arena;
    struct mail_message message = {.unsubscribe = STR("https://x.example/u")};
    struct digest_item item = {.key = STR("A-WOR-01"),
                               .title = STR("<Title>"),
                               .reason = NOTIFY_COMMENTED,
                               .by = STR("Ann"),
                               .excerpt = STR("one\n\n-- \ntwo"),
                               .events = 2,
                               .due_date = DATE_NONE};
    struct mail_digest digest = {.items = &item,
                                 .n = 1,
                                 .total = 1,
                                 .public_url = STR("https://x.example"),
                                 .host = STR("x.example")};
    arena_init(&arena, 1024 * 1024);
    assert_int_equal(digest_write(&digest, &arena, &message), ERR_OK);
    buf_add(&buf, message.text);
    expect("What has happened that concerns you:\n\nA-WOR-01  <Title>\n  Ann commented, 2 times\n"
           "  > one\n  > \n  > -- \n  > two\n  https://x.example/t/A-WOR-01\n\n-- \n"
           "Choose what you are notified about: https://x.example/app/#/me/notifications\n"
           "Send me no more mail: https://x.example/u\n");
    buf_add(&buf, message.thread);
    expect("record.A-WOR-01@x.example");
    digest.language = LANGUAGE_NL;
    digest.total = 3;
    assert_int_equal(digest_write(&digest, &arena, &message), ERR_OK);
    buf_add(&buf, message.subject);
    expect("3 meldingen");
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_text_is_folded_at_blanks),
        cmocka_unit_test(test_everything_else_is_encoded_words),
        cmocka_unit_test(test_nothing_gets_out_of_its_field),
        cmocka_unit_test(test_quoted_printable),
        cmocka_unit_test(test_a_comment_is_quoted_line_by_line),
    };
    buf_init(&buf, 1024 * 1024);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_finish(&buf);
    return failed;
}
