/* json/write: what is written is JSON that reads back as the same text. */
#include "tests.h"

#include "json/read.h"
#include "json/write.h"

static void texts_are_escaped(void **state)
{
    (void)state;
    const struct {
        struct str text;
        const char *json;
    } cases[] = {
        {STR(""), "\"\""},
        {STR("plain"), "\"plain\""},
        {STR("\"\\/"), "\"\\\"\\\\/\""},
        {STR("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\""},
        {STR("a\x01\x1F\x7F"), "\"a\\u0001\\u001f\x7F\""},
        {STR("\0"), "\"\\u0000\""},
        {STR("</script>\xE2\x80\xA8\xE2\x80\xA9"), "\"</script>\\u2028\\u2029\""},
        {STR("\xE2\x80\xA7\xE2\x80\xAA\xE2\x82\xAC"), "\"\xE2\x80\xA7\xE2\x80\xAA\xE2\x82\xAC\""},
        {STR("\xE2\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\""}, /* cut short */
        {STR("a\xFF\xC3"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {{NULL, 0}, "null"},
    };
    struct buf buf;
    buf_init(&buf, 1000);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        buf_clear(&buf);
        buf_json_string(&buf, cases[i].text);
        assert_str(buf_str(&buf), cases[i].json);
    }
    buf_finish(&buf);
}

static void lists_have_commas_between(void **state)
{
    (void)state;
    const struct str items[] = {STR("a"), STR(""), STR("\"")};
    struct buf buf;
    buf_init(&buf, 1000);
    for (size_t n = 0; n <= 3; n++)
        buf_json_strings(&buf, (struct str_list){items, n});
    assert_str(buf_str(&buf), "[][\"a\"][\"a\",\"\"][\"a\",\"\",\"\\\"\"]");
    buf_finish(&buf);
}

/* Appends a code point in UTF-8 (RFC 3629, section 3). */
static void buf_utf8(struct buf *buf, uint32_t c)
{
    if (c < 0x80) {
        buf_char(buf, (char)c);
        return;
    }
    int following = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint32_t lead[] = {0, 0xC0, 0xE0, 0xF0};
    buf_char(buf, (char)(lead[following] | c >> (6 * following)));
    while (following-- > 0)
        buf_char(buf, (char)(0x80 | (c >> (6 * following) & 0x3F)));
}

static void every_character_reads_back(void **state)
{
    (void)state;
    struct arena arena;
    struct buf text, written;
    arena_init(&arena, 1024 * 1024);
    buf_init(&text, 100000);
    buf_init(&written, 200000);
    for (uint32_t c = 1; c <= 0x10FFFF; c++) {
        if (c == 0xD800)
            c = 0xE000;
        buf_utf8(&text, c);
        if (c % 4096 != 4095)
            continue;
        struct op op = {.arena = &arena};
        const struct json *json;
        buf_json_string(&written, buf_str(&text));
        assert_int_equal(buf_err(&written), ERR_OK);
        assert_int_equal(json_read(&op, &arena, buf_str(&written), &json), ERR_OK);
        assert_true(str_eq(json_text(json), buf_str(&text)));
        buf_clear(&text);
        buf_clear(&written);
        arena_reset(&arena);
    }
    assert_int_equal(text.n, 0);
    buf_finish(&text);
    buf_finish(&written);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(lists_have_commas_between),
        cmocka_unit_test(every_character_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
