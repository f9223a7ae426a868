/* model/day_word: what people write for a day is that day, and nothing else is one. */
#include "tests.h"

#include "model/day_word.h"

/* 2026-12-02, a Wednesday; and what is written, with the first and last day, and whether it moves. */
static const int32_t TODAY = 20789;

static void assert_span(const char *text, const char *first, const char *last, bool moves)
{
    struct day_span span;
    int32_t wanted_first, wanted_last;
    assert_true(date_read(str_of(first), &wanted_first) && date_read(str_of(last), &wanted_last));
    if (!day_word_read(str_of(text), TODAY, &span))
        fail_msg("%s is not a day", text);
    if (span.first != wanted_first || span.last != wanted_last || span.moves != moves)
        fail_msg("%s is from %d to %d, %d", text, span.first, span.last, span.moves);
}

static void the_day_comes_first(void **state)
{
    static const char *const texts[] = {
        "31/12/2026",  "31-12-2026", "31.12.2026", "31/12/26",         "2026-12-31",
        "31 dec 2026", "31dec2026",  "31 DEC",     "31 december 2026", "31december",
    };
    (void)state;
    for (size_t i = 0; i < 7; i++)
        assert_span(texts[i], "2026-12-31", "2026-12-31", false);
    assert_span(texts[7], "2026-12-31", "2026-12-31", true);
    assert_span(texts[8], "2026-12-31", "2026-12-31", false);
    assert_span(texts[9], "2026-12-31", "2026-12-31", true);
    assert_span("3/4/2026", "2026-04-03", "2026-04-03", false);
    assert_span("03.04.00", "2000-04-03", "2000-04-03", false);
    assert_span("29/2/2028", "2028-02-29", "2028-02-29", false);
    assert_span("1 mrt 2027", "2027-03-01", "2027-03-01", false);
}

static void without_a_year_it_is_the_nearest(void **state)
{
    (void)state;
    assert_span("31/12", "2026-12-31", "2026-12-31", true);
    assert_span("12/31", "2026-12-31", "2026-12-31", true);
    assert_span("12/31/2026", "2026-12-31", "2026-12-31", false);
    assert_span("1.1", "2027-01-01", "2027-01-01", true);
    assert_span("3-5", "2027-05-03", "2027-05-03", true);
    assert_span("4 jun", "2026-06-04", "2026-06-04", true);
    assert_span("1 okt", "2026-10-01", "2026-10-01", true);
}

static void some_are_counted_from_today(void **state)
{
    (void)state;
    assert_span("today", "2026-12-02", "2026-12-02", true);
    assert_span("Vandaag", "2026-12-02", "2026-12-02", true);
    assert_span("morgen", "2026-12-03", "2026-12-03", true);
    assert_span("yesterday", "2026-12-01", "2026-12-01", true);
    assert_span("+7d", "2026-12-09", "2026-12-09", true);
    assert_span("+7", "2026-12-09", "2026-12-09", true);
    assert_span("-2w", "2026-11-18", "2026-11-18", true);
    assert_span("+3M", "2027-03-02", "2027-03-02", true);
    assert_span("-12m", "2025-12-02", "2025-12-02", true);
    assert_span("wed", "2026-12-09", "2026-12-09", true);
    assert_span("do", "2026-12-03", "2026-12-03", true);
    assert_span("maandag", "2026-12-07", "2026-12-07", true);
    assert_span("su", "2026-12-06", "2026-12-06", true);
    assert_span("em", "2026-12-31", "2026-12-31", true);
}

static void some_are_more_than_one_day(void **state)
{
    (void)state;
    assert_span("2026-12", "2026-12-01", "2026-12-31", false);
    assert_span("deze week", "2026-11-30", "2026-12-06", true);
    assert_span("next week", "2026-12-07", "2026-12-13", true);
    assert_span("vorige-week", "2026-11-23", "2026-11-29", true);
    assert_span("this month", "2026-12-01", "2026-12-31", true);
    assert_span("volgende maand", "2027-01-01", "2027-01-31", true);
    assert_span("lastmonth", "2026-11-01", "2026-11-30", true);
    assert_span("dit jaar", "2026-01-01", "2026-12-31", true);
    assert_span("next year", "2027-01-01", "2027-12-31", true);
    assert_span("vorig jaar", "2025-01-01", "2025-12-31", true);
}

static void nothing_else_is_a_day(void **state)
{
    static const char *const texts[] = {
        "",           "x",          "31",           "31/",         "31/12/",
        "31/12/202",  "31/13/2026", "13/31/2026",   "0/1/2026",    "1/0/2026",
        "31/2/2026",  "29/2/2027",  "31/12-2026",   "31/12/0000",  "032/1",
        "+",          "-d",         "+7x",          "+1000d",      "7d",
        "m",          "31 de",      "31 foo",       "30 feb 2028", "dec",
        "week",       "this",       "32 dec",       "31 dec 2",    "2026-13",
        "2026-02-30", "fridays",    "31/12/2026 x",
    };
    struct day_span span;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (day_word_read(str_of(texts[i]), TODAY, &span))
            fail_msg("%s is from %d to %d", texts[i], span.first, span.last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_day_comes_first),
        cmocka_unit_test(without_a_year_it_is_the_nearest),
        cmocka_unit_test(some_are_counted_from_today),
        cmocka_unit_test(some_are_more_than_one_day),
        cmocka_unit_test(nothing_else_is_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
