/* model/date and model/zone: each day that exists is one date, and no other is. */
#include "tests.h"

#include "model/date.h"

#include <stdio.h>
#include <time.h>

static bool leap_year(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap_year(year) ? 29 : days[month - 1];
}

static void check_day(struct buf *buf, int year, int month, int day, int32_t expected)
{
    char text[40];
    int32_t date = -1;
    snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    if (!date_read(str_of(text), &date) || date != expected)
        fail_msg("%s is day %d instead of %d", text, date, expected);
    buf_clear(buf);
    buf_date(buf, date);
    assert_str(buf_str(buf), text);
}

/* 400 years are the whole cycle of the calendar; the days are counted one by one. */
static void every_day_of_400_years_reads_back(void **state)
{
    (void)state;
    struct buf buf;
    int32_t expected = -135140; /* 1600-01-01 */
    buf_init(&buf, 100);
    for (int year = 1600; year < 2000; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= days_in(year, month); day++)
                check_day(&buf, year, month, day, expected++);
    assert_int_equal(expected, 10957); /* 2000-01-01 */
    check_day(&buf, 1970, 1, 1, 0);
    check_day(&buf, 1, 1, 1, -719162);
    check_day(&buf, 9999, 12, 31, 2932896);
    buf_finish(&buf);
}

static void days_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    int32_t date = -7;
    char text[40];
    for (int year = 1996; year <= 2101; year++)
        for (int month = 0; month <= 13; month++)
            for (int day = 0; day <= 32; day++) {
                bool exists = month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
                snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
                if (date_read(str_of(text), &date) != exists)
                    fail_msg("%s", text);
            }
}

static void other_spellings_of_dates_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "2024",
                                        "2024-09",
                                        "2024-9-7",
                                        "24-09-27",
                                        "2024-09-27 ",
                                        " 2024-09-27",
                                        "2024/09/27",
                                        "27-09-2024",
                                        "27.09.2024",
                                        "20240927",
                                        "2024-W39-5",
                                        "tomorrow",
                                        "+14d",
                                        "+2024-09-27",
                                        "-2024-09-27",
                                        "12024-09-27",
                                        "0000-01-01",
                                        "2024-09-2x",
                                        "2024-09-27T",
                                        "2024-09-27Z",
                                        "2024-271",
                                        "2024-09--7"};
    int32_t date = -7;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (date_read(str_of(texts[i]), &date))
            fail_msg("\"%s\" is accepted", texts[i]);
    assert_int_equal(date, -7);
}

static void times_are_read_in_each_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *text, *utc;
    } cases[] = {
        {"2026-11-23T20:15:04.123Z", "2026-11-23T20:15:04.123Z"},
        {"2026-11-23t20:15:04z", "2026-11-23T20:15:04.000Z"},
        {"2026-11-23T20:15:04.1Z", "2026-11-23T20:15:04.100Z"},
        {"2026-11-23T20:15:04.1239999999999999999999Z", "2026-11-23T20:15:04.123Z"},
        {"2026-11-23T20:15:04+01:00", "2026-11-23T19:15:04.000Z"},
        {"2026-11-23T20:15:04-00:00", "2026-11-23T20:15:04.000Z"},
        {"2026-01-01T00:15:00+05:45", "2025-12-31T18:30:00.000Z"},
        {"2024-02-28T23:30:00-01:00", "2024-02-29T00:30:00.000Z"},
        {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"},
        {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
        /* A leap second counts as the one before, whatever the clock on the wall shows. */
        {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000Z"},
        {"2016-12-31T23:59:60.5Z", "2016-12-31T23:59:59.500Z"},
        {"2017-01-01T00:59:60+01:00", "2016-12-31T23:59:59.000Z"},
    };
    struct buf buf;
    buf_init(&buf, 100);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t time;
        if (!time_read(str_of(cases[i].text), &time))
            fail_msg("%s is refused", cases[i].text);
        buf_clear(&buf);
        buf_time(&buf, time);
        assert_str(buf_str(&buf), cases[i].utc);
    }
    buf_finish(&buf);
}

static void other_spellings_of_times_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "2026-11-23",
        "2026-11-23T20:15Z",
        "2026-11-23T20:15:04",
        "2026-11-23 20:15:04Z",
        "2026-11-23T20:15:04.Z",
        "2026-11-23T20:15:04,5Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T20:60:00Z",
        "2026-11-23T20:15:61Z",
        "2026-11-23T20:15:60Z",
        "2026-11-23T23:59:60+01:00",
        "2026-11-23T20:15:04+0100",
        "2026-11-23T20:15:04+01",
        "2026-11-23T20:15:04+24:00",
        "2026-11-23T20:15:04+01:60",
        "2026-11-23T20:15:04ZZ",
        "2026-11-23T20:15:04Z ",
        "2026-02-29T20:15:04Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "1795464904",
    };
    int64_t time = -7;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (time_read(str_of(texts[i]), &time))
            fail_msg("\"%s\" is accepted", texts[i]);
    assert_int_equal(time, -7);
}

static void loosely_a_blank_may_stand_for_t_and_the_colon_be_left_out(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "2026-11-23T20:15:04Z",      "2026-11-23 20:15:04z",       "2026-11-23T21:15:04+0100",
        "2026-11-23 21:15:04+01:00", "2026-11-23 21:15:04.0+0100", "2026-11-23T19:15:04-0100",
    };
    static const char *const refused[] = {
        "2026-11-23  20:15:04Z",    "2026-11-23 20:15:04",     "2026-11-23_20:15:04Z",
        "2026-11-23T21:15:04+01",   "2026-11-23T21:15:04+100", "2026-11-23T21:15:04 +0100",
        "2026-11-23T21:15:04+0160",
    };
    int64_t time;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_true(time_read_loosely(str_of(texts[i]), &time));
        assert_int_equal(time, INT64_C(1795464904000));
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (time_read_loosely(str_of(refused[i]), &time))
            fail_msg("\"%s\" is accepted", refused[i]);
}

/* Against the C library, over 200 years. */
static void times_agree_with_the_c_library(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    for (int64_t seconds = -2000000000; seconds < 6000000000; seconds += 9999991) {
        struct tm tm;
        char expected[40];
        time_t t = (time_t)seconds;
        int64_t again;
        gmtime_r(&t, &tm);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.007Z", &tm);
        buf_clear(&buf);
        buf_time(&buf, seconds * 1000 + 7);
        assert_str(buf_str(&buf), expected);
        assert_true(time_read(buf_str(&buf), &again));
        assert_true(again == seconds * 1000 + 7);
    }
    buf_finish(&buf);
}

static void a_zone_has_its_own_days(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *time, *date;
    } cases[] = {
        {"UTC", "2026-11-23T23:59:59.999Z", "2026-11-23"},
        {"UTC", "1969-12-31T23:59:59.999Z", "1969-12-31"},
        {"Europe/Amsterdam", "2026-11-23T22:59:59.999Z", "2026-11-23"},
        {"Europe/Amsterdam", "2026-11-23T23:00:00Z", "2026-11-24"},
        {"Europe/Amsterdam", "2026-07-01T21:59:59Z", "2026-07-01"},
        {"Europe/Amsterdam", "2026-07-01T22:00:00Z", "2026-07-02"},
        {"America/New_York", "2026-11-24T04:59:59Z", "2026-11-23"},
        {"Pacific/Kiritimati", "2026-11-23T10:00:00Z", "2026-11-24"},
        {"Asia/Kathmandu", "2026-11-23T18:15:00Z", "2026-11-24"},
        {"Etc/GMT+12", "2026-11-23T11:59:59Z", "2026-11-22"},
        /* The calendar's first and last day have none beyond them. */
        {"America/New_York", "0001-01-01T00:00:00Z", "0001-01-01"},
        {"Europe/Amsterdam", "9999-12-31T23:59:59Z", "9999-12-31"},
    };
    struct buf buf;
    buf_init(&buf, 100);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct zone *zone = zone_create(cases[i].zone);
        int64_t time;
        assert_non_null(zone);
        assert_true(time_read(str_of(cases[i].time), &time));
        buf_clear(&buf);
        buf_date(&buf, zone_date(zone, time));
        assert_str(buf_str(&buf), cases[i].date);
        zone_destroy(zone);
    }
    buf_finish(&buf);
    zone_destroy(NULL);
}

static void only_names_of_zones_are_accepted(void **state)
{
    (void)state;
    static const char *const names[] = {"",
                                        "Nowhere/Land",
                                        "+01:00",
                                        "01",
                                        ":UTC",
                                        "../etc/passwd",
                                        "/etc/localtime",
                                        "Europe",
                                        "Europe/",
                                        "Europe/Amsterdam ",
                                        "Europe/../UTC",
                                        "europe amsterdam",
                                        "ABC5",
                                        "Z5"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct zone *zone = zone_create(names[i]);
        if (zone != NULL)
            fail_msg("\"%s\" is accepted", names[i]);
    }
    assert_null(zone_create(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_400_years_reads_back),
        cmocka_unit_test(days_that_do_not_exist_are_refused),
        cmocka_unit_test(other_spellings_of_dates_are_refused),
        cmocka_unit_test(times_are_read_in_each_spelling),
        cmocka_unit_test(other_spellings_of_times_are_refused),
        cmocka_unit_test(loosely_a_blank_may_stand_for_t_and_the_colon_be_left_out),
        cmocka_unit_test(times_agree_with_the_c_library),
        cmocka_unit_test(a_zone_has_its_own_days),
        cmocka_unit_test(only_names_of_zones_are_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
