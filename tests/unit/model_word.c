/* model/word: what a text is found by. */
#include "tests.h"

#include "model/word.h"

#include <stdio.h>

static void assert_words(const char *text, const char *words)
{
    struct buf buf;
    buf_init(&buf, 64 * 1024);
    buf_words(&buf, str_of(text));
    assert_int_equal(buf_err(&buf), ERR_OK);
    buf_char(&buf, '.'); /* an empty text is one, too */
    char wanted[512];
    snprintf(wanted, sizeof wanted, "%s.", words);
    assert_str(buf_str(&buf), wanted);
    buf_finish(&buf);
}

static void assert_identifier(const char *text, const char *folded)
{
    struct buf buf;
    buf_init(&buf, 64 * 1024);
    buf_identifier(&buf, str_of(text));
    buf_char(&buf, '.');
    char wanted[512];
    snprintf(wanted, sizeof wanted, "%s.", folded);
    assert_str(buf_str(&buf), wanted);
    buf_finish(&buf);
}

static void words_are_letters_and_digits_without_case(void **state)
{
    (void)state;
    assert_words("Seal BROKEN, again: 2 of 3!", "seal broken again 2 of 3 ");
    assert_words("A/12-3.b_c (x)\tAND\n\"NEAR\"*", "a 12 3 b c x and near ");
    assert_words("", "");
    assert_words(" ,;- ", "");
}

static void accents_and_forms_make_no_difference(void **state)
{
    (void)state;
    assert_words("M\xC3\x9CLLER", "muller ");
    assert_words("Mu\xCC\x88ller", "muller ");
    assert_words("stra\xC3\x9F"
                 "e",
                 "strasse ");
    assert_words("\xEF\xBC\xA1\xEF\xBC\xA2", "ab "); /* full width */
    assert_words("\xEF\xAC\x81le", "file ");         /* a ligature */
    assert_words("a\xE2\x80\x8D"
                 "b\xEF\xB8\x8F",
                 "ab "); /* joiner and variation are not letters */
}

static void other_scripts_and_emoji_are_words(void **state)
{
    (void)state;
    assert_words("\xF0\x9F\x94\xA5 fire", "\xF0\x9F\x94\xA5 fire ");
    assert_words("\xE6\xB5\xB7\xE5\x85\xB3", "\xE6\xB5\xB7 \xE5\x85\xB3 ");
    assert_words("\xD0\x96\xD0\xA3\xD0\x9A", "\xD0\xB6\xD1\x83\xD0\xBA ");
}

static void a_long_word_is_cut_between_characters(void **state)
{
    char text[301], wanted[WORD_MAX + 2];
    (void)state;
    memset(text, 'a', 300);
    text[300] = '\0';
    memset(wanted, 'a', WORD_MAX);
    strcpy(wanted + WORD_MAX, " ");
    assert_words(text, wanted);
}

static void an_identifier_keeps_its_signs(void **state)
{
    (void)state;
    assert_identifier("  ORDER   777 ", "order 777");
    assert_identifier("A/12-3.b", "a/12-3.b");
    assert_identifier("\xC3\x84-1\xC2\xA0"
                      "2",
                      "a-1 2");
    assert_identifier("   ", "");
}

static void what_is_typed_begins_words(void **state)
{
    static const struct {
        const char *typed;
        bool begins;
    } rows[] = {
        {"", true},        {"ann ", true},     {"anna muller ", true},
        {"mul an ", true}, {"nna ", false},    {"anna x ", false},
        {"annab ", false}, {"com com ", true}, {"annamuller ", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(words_begin(STR("anna muller example com "), str_of(rows[i].typed)),
                         rows[i].begins);
    assert_true(words_begin(STR_NONE, STR_NONE));
    assert_false(words_begin(STR_NONE, STR("a ")));
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(words_are_letters_and_digits_without_case),
        TEST(accents_and_forms_make_no_difference),
        TEST(other_scripts_and_emoji_are_words),
        TEST(a_long_word_is_cut_between_characters),
        TEST(an_identifier_keeps_its_signs),
        TEST(what_is_typed_begins_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
