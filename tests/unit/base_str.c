/* base/str, base/buf and base/arena keep their promises. */
#include "tests.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/op.h"
#include "base/percent.h"

static void str_cut_leaves_the_rest(void **state)
{
    (void)state;
    struct str rest = STR("a=b=c");
    assert_str(str_cut(&rest, '='), "a");
    assert_str(rest, "b=c");
    assert_str(str_cut(&rest, ';'), "b=c");
    assert_null(rest.p);
}

static void numbers_are_bounded(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_true(str_to_u64(STR("18446744073709551615"), UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_false(str_to_u64(STR("18446744073709551616"), UINT64_MAX, &value));
    assert_false(str_to_u64(STR("101"), 100, &value));
    assert_true(str_to_u64(STR("100"), 100, &value));
    assert_false(str_to_u64(STR(""), 100, &value));
    assert_false(str_to_u64(STR("+1"), 100, &value));
    assert_true(value == 100);
}

static void utf8_follows_rfc_3629(void **state)
{
    (void)state;
    assert_true(utf8_valid(STR("plain, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80")));
    assert_int_equal(utf8_length(STR("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")), 3);
    assert_false(utf8_valid(STR("\xC0\x80")));         /* overlong */
    assert_false(utf8_valid(STR("\xED\xA0\x80")));     /* a surrogate */
    assert_false(utf8_valid(STR("\xF4\x90\x80\x80"))); /* beyond U+10FFFF */
    assert_false(utf8_valid(STR("\xE2\x82")));         /* cut short */
}

static void blanks_of_every_script_are_trimmed(void **state)
{
    (void)state;
    assert_str(utf8_trim(STR(" \t\xC2\xA0\xE2\x80\x8B\xEF\xBB\xBFx y\xE3\x80\x80\r\n")), "x y");
    assert_str(utf8_trim(STR("\xE2\x80\x8B \xC2\x85")), "");
    assert_str(utf8_trim(STR("\xC3\xA9")), "\xC3\xA9");
    assert_str(utf8_trim(STR("\xE2\x80\xAE"
                             "a")),
               "\xE2\x80\xAE"
               "a");                                      /* a mark of direction is not a blank */
    assert_str(utf8_trim(STR("\xA0x\x85")), "\xA0x\x85"); /* malformed */
    assert_null(utf8_trim(STR_NONE).p);
}

static void a_text_is_seen_if_one_character_is(void **state)
{
    (void)state;
    static const struct {
        uint32_t c;
        bool invisible;
    } cases[] = {{0, true},       {' ', true},     {'!', false},     {'~', false},
                 {0x7F, true},    {0xA0, true},    {0xA1, false},    {0xAD, true},
                 {0x300, false},  {0x200B, true},  {0x2010, false},  {0x202E, true},
                 {0x2069, true},  {0x2070, false}, {0x3000, true},   {0x3001, false},
                 {0xFE0F, true},  {0xFEFF, true},  {0xFFFD, false},  {0x1F6A2, false},
                 {0xE0041, true}, {0xE0FFF, true}, {0xE1000, false}, {0x10FFFF, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(char_invisible(cases[i].c), cases[i].invisible);
    assert_false(utf8_visible(STR("")));
    assert_false(utf8_visible(STR("\xE2\x80\x8B\xC2\xA0\xEF\xBB\xBF\xF3\xA0\x81\x81")));
    assert_true(utf8_visible(STR("\xE2\x80\x8B\xF0\x9F\x9A\xA2")));
    assert_int_equal(utf8_first(STR("\xF0\x9F\x9A\xA2x")), 0x1F6A2);
    assert_int_equal(utf8_first(STR("\xE2\x82\xAC")), 0x20AC);
    assert_int_equal(utf8_first(STR("\xFF")), 0xFFFD);
}

static void buf_remembers_its_first_fault(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 5);
    BUF_LIT(&buf, "123");
    buf_i64(&buf, -45);
    assert_int_equal(buf_err(&buf), ERR_TOO_LONG);
    buf_char(&buf, 'x');
    assert_str(buf_str(&buf), "123");
    buf_clear(&buf);
    buf_i64(&buf, -45);
    assert_int_equal(buf_err(&buf), ERR_OK);
    assert_str(buf_str(&buf), "-45");
    buf_consume(&buf, 1);
    assert_str(buf_str(&buf), "45");
    buf_finish(&buf);

    buf_init(&buf, 64);
    buf_i64(&buf, INT64_MIN);
    assert_str(buf_str(&buf), "-9223372036854775808");
    buf_finish(&buf);
}

static void arena_keeps_its_bound(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64 * 1024);
    char *first = arena_alloc(&arena, 10);
    assert_non_null(first);
    assert_non_null(arena_alloc(&arena, 40 * 1024));
    assert_null(arena_alloc(&arena, 40 * 1024));
    assert_null(arena_alloc(&arena, SIZE_MAX));
    arena_reset(&arena);
    assert_ptr_equal(arena_alloc(&arena, 10), first);
    assert_non_null(arena_alloc(&arena, 40 * 1024));
    assert_str(arena_printf(&arena, "%d %s", 7, "seven"), "7 seven");
    assert_null(arena_zalloc(&arena, SIZE_MAX / 2, 3));
    arena_finish(&arena);
}

static void the_first_detail_stays_until_it_is_forgotten(void **state)
{
    (void)state;
    struct op op = {.arena = NULL};
    assert_int_equal(op_fail(&op, ERR_SYNTAX, "line %d", 3), ERR_SYNTAX);
    op_say(&op, "not this");
    assert_string_equal(op.detail, "line 3");
    op_forget(&op);
    assert_string_equal(op.detail, "");
    op_say(&op, "%s", "now this");
    assert_string_equal(op.detail, "now this");
}

static void assert_decoded(struct str text, bool plus, const char *expected)
{
    struct arena arena;
    struct str decoded;
    arena_init(&arena, 100000);
    assert_int_equal(percent_decode(&arena, text, plus, &decoded), ERR_OK);
    assert_str(decoded, expected);
    arena_finish(&arena);
}

static void percent_decoding_is_strict(void **state)
{
    (void)state;
    static const char *const bad[] = {"%", "%4", "%4g", "a%", "%00", "%ff", "%C3", "%zz"};
    struct arena arena, full;
    struct str none = STR_NONE;
    arena_init(&arena, 100000);
    arena_init(&full, 0);
    assert_decoded(STR("a%20b+c"), false, "a b+c");
    assert_decoded(STR("a%20b+c"), true, "a b c");
    assert_decoded(STR("%C3%a9"), true, "\xC3\xA9");
    assert_decoded(STR("%41"), true, "A");
    assert_decoded(STR(""), true, "");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(percent_decode(&arena, str_of(bad[i]), true, &none), ERR_SYNTAX);
    assert_int_equal(percent_decode(&full, STR("a"), true, &none), ERR_MEMORY);
    assert_null(none.p);
    arena_finish(&arena);
}

static void percent_encoding_keeps_unreserved_characters(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    buf_percent(&buf, STR("Az09-._~@/ %\xC3\xA9"), STR_NONE);
    assert_str(buf_str(&buf), "Az09-._~%40%2F%20%25%C3%A9");
    buf_clear(&buf);
    buf_percent(&buf, STR("a@b/c"), STR("@"));
    assert_str(buf_str(&buf), "a@b%2Fc");
    buf_finish(&buf);
    assert_int_equal(percent_byte(STR("%4Fx")), 0x4F);
    assert_int_equal(percent_byte(STR("4F")), -1);
    assert_int_equal(percent_byte(STR("%4")), -1);
}

static void a_hex_digit_is_one_in_either_case(void **state)
{
    (void)state;
    static const char digits[] = "0123456789abcdefABCDEF";
    for (int c = 0; c < 256; c++) {
        size_t at = str_find(STR(digits), (char)c);
        int value = at == sizeof digits - 1 ? -1 : (int)(at < 16 ? at : at - 6);
        assert_int_equal(hex_value((char)c), value);
    }
}

static void a_text_is_cut_at_a_whole_character(void **state)
{
    (void)state;
    struct str text = STR("a\xE2\x82\xAC"
                          "b");
    static const size_t left[] = {0, 1, 1, 1, 4, 5, 5};
    for (size_t max = 0; max < sizeof left / sizeof left[0]; max++)
        assert_int_equal(utf8_cut(text, max).n, left[max]);
    assert_null(utf8_cut(STR_NONE, 3).p);
}

/* Each byte value at each place of a text, with and without another such byte after it. */
static void a_plain_run_ends_before_the_first_byte_that_is_not(void **state)
{
    (void)state;
    char text[40];
    for (size_t at = 0; at < sizeof text; at++)
        for (int c = 0; c < 256; c++)
            for (int more = 0; more < 2; more++) {
                bool plain = c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
                for (size_t i = 0; i < sizeof text; i++)
                    text[i] = i > at && more ? '"' : "a~ !#[]0"[i % 8];
                text[at] = (char)c;
                size_t end = !plain ? at : more ? at + 1 : sizeof text;
                assert_int_equal(str_plain((struct str){text, sizeof text}), end);
                assert_int_equal(str_plain((struct str){text, at}), at);
            }
    assert_int_equal(str_plain(STR_NONE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(str_cut_leaves_the_rest),
        cmocka_unit_test(numbers_are_bounded),
        cmocka_unit_test(utf8_follows_rfc_3629),
        cmocka_unit_test(buf_remembers_its_first_fault),
        cmocka_unit_test(arena_keeps_its_bound),
        cmocka_unit_test(blanks_of_every_script_are_trimmed),
        cmocka_unit_test(a_text_is_seen_if_one_character_is),
        cmocka_unit_test(percent_decoding_is_strict),
        cmocka_unit_test(percent_encoding_keeps_unreserved_characters),
        cmocka_unit_test(a_hex_digit_is_one_in_either_case),
        cmocka_unit_test(a_text_is_cut_at_a_whole_character),
        cmocka_unit_test(a_plain_run_ends_before_the_first_byte_that_is_not),
        cmocka_unit_test(the_first_detail_stays_until_it_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
