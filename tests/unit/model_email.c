/* model/email: addresses, and finding one in a text. */
#include "tests.h"

#include "model/email.h"

#include <stdio.h>

static void an_address_is_found_where_it_is_a_word(void **state)
{
    (void)state;
    static const struct {
        const char *text, *masked;
    } cases[] = {
        {"a@b.c", "***"},
        {"A@B.C and <a@b.c>, \"a@b.c\".", "*** and <***>, \"***\"."},
        {"a@b.ca@b.c", "a@b.ca@b.c"},
        {"xa@b.c", "xa@b.c"},
        {"x.a@b.c a@b.com a@b.c.d a@b.c-d a@b.c_ +a@b.c",
         "x.a@b.c a@b.com a@b.c.d a@b.c-d a@b.c_ +a@b.c"},
        {"a@b.c. A", "***. A"},
        {"(a@b.c)a@b.c", "(***)***"},
        {"a@b.", "a@b."},
        {"", ""},
    };
    struct arena arena;
    arena_init(&arena, 65536);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str text = str_of(cases[i].text);
        bool changed = false;
        bool named = email_named(text, STR("a@b.c"));
        assert_int_equal(email_mask(&arena, STR("a@b.c"), &text, &changed), ERR_OK);
        if (!str_eq(text, str_of(cases[i].masked)))
            fail_msg("\"%s\" became \"%.*s\"", cases[i].text, STR_ARG(text));
        assert_int_equal(changed, !str_eq(str_of(cases[i].text), text));
        assert_int_equal(named, changed);
    }
    arena_finish(&arena);
}

/* Each of these is an address that could sign in as the one whose folded spelling comes first. */
static void an_address_is_named_in_every_spelling(void **state)
{
    (void)state;
    static const char *const spellings[][2] = {
        {"jörg@müller.example", "jörg@müller.example"},
        {"jörg@müller.example", "JÖRG@MÜLLER.Example"},
        {"jörg@müller.example", "Jo\xCC\x88rg@mu\xCC\x88ller.example"},
        {"strasse@example.com", "straße@example.com"},
        {"strasse@example.com", "STRAẞE@example.com"},
        {"strasse@example.com", "\xC5\xBFtrasse@example.com"}, /* a long s */
        {"karl@fish.example", "\xE2\x84\xAA"
                              "arl@\xEF\xAC\x81sh.example"},
        {"μάϊοσ@example.gr", "ΜΆΪΟΣ@example.gr"},
        {"μάϊοσ@example.gr", "μάϊος@example.gr"},
        {"한@example.kr", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB@example.kr"},
    };
    struct arena arena;
    arena_init(&arena, 65536);
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        struct str folded = str_of(spellings[i][0]);
        struct str text = arena_printf(&arena, "@ü <%s>, x%s, 请%s请.", spellings[i][1],
                                       spellings[i][1], spellings[i][1]);
        bool changed = false;
        assert_true(email_same(folded, str_of(spellings[i][1])));
        assert_true(email_named(text, folded));
        assert_int_equal(email_mask(&arena, folded, &text, &changed), ERR_OK);
        assert_true(changed);
        struct str masked = arena_printf(&arena, "@ü <***>, x%s, 请***请.", spellings[i][1]);
        if (!str_eq(text, masked))
            fail_msg("%s: %.*s", spellings[i][1], STR_ARG(text));
    }
    assert_false(email_named(STR("jorg@müller.example"), STR("jörg@müller.example")));
    assert_false(email_named(STR("jo\xCC\x88rg@müller.example"), STR("jorg@müller.example")));
    assert_false(email_named(STR("\xCC\x88jörg@\xFF"), STR("jörg@müller.example")));
    arena_finish(&arena);
}

static void bytes_that_are_not_text_name_no_address(void **state)
{
    (void)state;
    struct str none = STR_NONE;
    bool changed = false;
    assert_false(email_named(none, STR("a@b.c")));
    assert_int_equal(email_mask(NULL, STR("a@b.c"), &none, &changed), ERR_OK);
    assert_null(none.p);
    assert_false(changed);
}

static void addresses_of_the_erased_are_known(void **state)
{
    (void)state;
    assert_true(email_erased(STR("erased-5@Erased.Invalid")));
    assert_false(email_erased(STR("a@not-erased.invalid")));
    assert_false(email_erased(STR("a@b")));
}

static void one_address_is_one_in_any_case_and_form(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        {"Example@Example.COM", "example@example.com"},
        {"JÜRGEN@example.com", "jürgen@example.com"},
        {"ju\xCC\x88rgen@example.com", "jürgen@example.com"},
        {"STRASSE@example.com", "straße@example.com"},
        {"ΜΆΪΟΣ@example.gr", "μάϊος@example.gr"},
        {"\xE2\x84\xAA@example.com", "k@example.com"},  /* the sign for kelvin */
        {"\xEF\xAC\x81@example.com", "fi@example.com"}, /* a ligature */
        {"ДИМА@example.com", "дима@example.com"},
    };
    char folded[2][EMAIL_FOLDED_SIZE], again[EMAIL_FOLDED_SIZE];
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_true(email_same(str_of(same[i][0]), str_of(same[i][1])));
        struct str one = {folded[0], email_fold(str_of(same[i][0]), folded[0])};
        struct str two = {folded[1], email_fold(str_of(same[i][1]), folded[1])};
        assert_true(str_eq(one, two));
        assert_true(str_eq(one, (struct str){again, email_fold(one, again)}));
    }
    assert_false(email_same(STR("a@b"), STR("a@c")));
    assert_false(email_same(STR("jurgen@example.com"), STR("jürgen@example.com")));
    assert_false(email_same(STR("\xFF@a"), STR("\xFE@a"))); /* malformed is nobody's */
    assert_int_equal(email_fold(STR("\xFF@a"), again), 0);
}

/* Folded, the longest is still in the room for it, and the second folding changes nothing. */
static void every_letter_can_be_folded(void **state)
{
    (void)state;
    char text[8], folded[EMAIL_FOLDED_SIZE], again[EMAIL_FOLDED_SIZE], longest[EMAIL_MAX];
    for (uint32_t c = 0x80; c < 0x20000; c++) {
        if (c >= 0xD800 && c < 0xE000)
            continue;
        size_t n = 0;
        if (c >= 0x10000)
            text[n++] = (char)(0xF0 | c >> 18);
        if (c >= 0x800)
            text[n++] = (char)(c >= 0x10000 ? 0x80 | (c >> 12 & 0x3F) : 0xE0 | c >> 12);
        text[n++] = (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3F) : 0xC0 | c >> 6);
        text[n++] = (char)(0x80 | (c & 0x3F));
        struct str one = {folded, email_fold((struct str){text, n}, folded)};
        struct str two = {again, email_fold(one, again)};
        if (one.n == 0 || !str_eq(one, two))
            fail_msg("U+%04X", c);
        for (size_t i = 0; i < one.n; i++)
            if (email_constant(one, i))
                fail_msg("U+%04X can be spelled with %c", c, one.p[i]);
        if (one.n <= n)
            continue;
        size_t total = 0;
        for (; total + n <= EMAIL_MAX; total += n)
            memcpy(longest + total, text, n);
        if (email_fold((struct str){longest, total}, folded) == 0)
            fail_msg("U+%04X many times", c);
    }
}

static void what_nobody_sees_is_in_no_address(void **state)
{
    (void)state;
    static const char *const hidden[] = {"\xE2\x80\x8B", "\xC2\xA0",     "\xEF\xBB\xBF",
                                         "\xE2\x80\xAE", "\xE2\x81\xA6", "\xC2\xAD",
                                         "\xE2\x80\x8D", "\xE3\x85\xA4", "\xC2\x85",
                                         "\x01",         "\x7F",         "\xF3\xA0\x81\x81"};
    static const char *const around[][2] = {{"a", "b@example.com"},
                                            {"ab@exa", "mple.com"},
                                            {"", "ab@example.com"},
                                            {"ab@example.com", ""}};
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        for (size_t k = 0; k < sizeof around / sizeof around[0]; k++) {
            char address[64];
            snprintf(address, sizeof address, "%s%s%s", around[k][0], hidden[i], around[k][1]);
            assert_false(email_valid(str_of(address)));
        }
    assert_true(email_valid(STR("jürgen@müller.example")));
    assert_true(email_valid(STR("a+b@example.com")));
    assert_false(email_valid(STR("a;b@example.com")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_named_in_every_spelling),
        cmocka_unit_test(one_address_is_one_in_any_case_and_form),
        cmocka_unit_test(every_letter_can_be_folded),
        cmocka_unit_test(what_nobody_sees_is_in_no_address),
        cmocka_unit_test(an_address_is_found_where_it_is_a_word),
        cmocka_unit_test(bytes_that_are_not_text_name_no_address),
        cmocka_unit_test(addresses_of_the_erased_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
