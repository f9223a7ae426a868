/* model/schedule, model/workdays and zone_time(): dates and times of a workspace. */
#include "tests.h"

#include "model/workdays.h"

enum { DAYS = 15 * 366 };

static int32_t day(const char *text)
{
    int32_t date;
    assert_true(date_read(str_of(text), &date));
    return date;
}

static void assert_day(int32_t date, const char *wanted)
{
    if (date != day(wanted))
        fail_msg("%d instead of %s", date, wanted);
}

static void assert_time(const struct zone *zone, const char *date, int minute, const char *wanted)
{
    int64_t time;
    assert_true(time_read(str_of(wanted), &time));
    if (zone_time(zone, day(date), minute) != time)
        fail_msg("%s %02d:%02d is not %s", date, minute / 60, minute % 60, wanted);
}

/* ---- zones ---- */

static void
a_minute_that_comes_twice_is_the_first_and_one_that_is_left_out_comes_later(void **state)
{
    (void)state;
    struct zone *amsterdam = zone_create("Europe/Amsterdam"),
                *york = zone_create("America/New_York");
    assert_time(amsterdam, "2026-03-29", 1 * 60 + 59, "2026-03-29T00:59:00Z");
    assert_time(amsterdam, "2026-03-29", 2 * 60 + 30, "2026-03-29T01:30:00Z");
    assert_time(amsterdam, "2026-03-29", 3 * 60, "2026-03-29T01:00:00Z");
    assert_time(amsterdam, "2026-10-25", 2 * 60 + 30, "2026-10-25T00:30:00Z");
    assert_time(amsterdam, "2026-10-25", 3 * 60, "2026-10-25T02:00:00Z");
    assert_time(york, "2026-03-08", 2 * 60 + 30, "2026-03-08T07:30:00Z");
    assert_time(york, "2026-11-01", 1 * 60 + 30, "2026-11-01T05:30:00Z");
    zone_destroy(amsterdam);
    zone_destroy(york);
}

static void zones_far_from_greenwich_have_their_own_day(void **state)
{
    (void)state;
    struct zone *west = zone_create("Pacific/Pago_Pago"), *east = zone_create("Pacific/Kiritimati");
    assert_time(west, "2028-02-29", 8 * 60, "2028-02-29T19:00:00Z");
    assert_time(east, "2028-02-29", 8 * 60, "2028-02-28T18:00:00Z");
    zone_destroy(west);
    zone_destroy(east);
}

/* By every minute of 15 years: the clocks show it then, or they never show it. */
static void every_minute_of_a_day_is_on_it_and_none_comes_before_another(void **state)
{
    (void)state;
    static const char *const names[] = {"Europe/Amsterdam", "America/New_York", "Pacific/Pago_Pago",
                                        "Pacific/Kiritimati", "Australia/Lord_Howe"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct zone *zone = zone_create(names[i]);
        for (int32_t date = day("2020-01-01"), last = date + DAYS; date < last; date++)
            for (int hour = 0; hour < 24; hour++) {
                int64_t time = zone_time(zone, date, hour * 60);
                if (zone_date(zone, time) != date)
                    fail_msg("%s: %d, %d o'clock is on another day", names[i], date, hour);
                /* One that is left out comes at the same time as the next. */
                if (hour > 0 && time < zone_time(zone, date, hour * 60 - 60))
                    fail_msg("%s: %d, %d o'clock is before the hour before", names[i], date, hour);
            }
        zone_destroy(zone);
    }
}

/* ---- schedules ---- */

static void dates_follow_each_other_and_a_day_that_a_month_lacks_is_its_last(void **state)
{
    (void)state;
    struct schedule last = {EVERY_MONTH, 1, 0, 0, 31, 0, day("2027-11-30"), DATE_NONE};
    static const char *const ends[] = {"2027-11-30", "2027-12-31", "2028-01-31",
                                       "2028-02-29", "2028-03-31", "2028-04-30"};
    int32_t date = last.from - 1;
    for (size_t i = 0; i < 6; i++)
        assert_day(date = schedule_next(&last, date), ends[i]);

    struct schedule leap = {EVERY_YEAR, 1, 0, 2, 29, 0, day("2024-02-29"), DATE_NONE};
    assert_day(schedule_next(&leap, day("2024-02-29")), "2025-02-28");
    assert_day(schedule_next(&leap, day("2025-02-28")), "2026-02-28");
    assert_day(schedule_next(&leap, day("2027-03-01")), "2028-02-29");

    struct schedule quarters = {EVERY_MONTH, 3, 0, 0, 15, 0, day("2026-11-20"), DATE_NONE};
    assert_day(schedule_next(&quarters, quarters.from - 1), "2027-02-15");
    struct schedule weeks = {EVERY_WEEK, 2, 1U << 1 | 1U << 5, 0,
                             0,          0, day("2026-12-02"), DATE_NONE};
    assert_day(date = schedule_next(&weeks, weeks.from - 1), "2026-12-04");
    assert_day(date = schedule_next(&weeks, date), "2026-12-14");
    assert_day(date = schedule_next(&weeks, date), "2026-12-18");
    struct schedule days = {EVERY_DAY, 10, 0, 0, 0, 0, day("2026-12-25"), day("2027-01-10")};
    assert_day(date = schedule_next(&days, day("2026-12-26")), "2027-01-04");
    assert_int_equal(schedule_next(&days, date), DATE_NONE);
}

/* The series continues over the end of every year. */
static void a_schedule_continues_for_years(void **state)
{
    (void)state;
    for (int unit = 0; unit < SCHEDULE_UNITS; unit++) {
        struct schedule schedule = {(enum schedule_unit)unit, 1,        1U << 2, 12, 31, 0,
                                    day("2026-11-29"),        DATE_NONE};
        int32_t date = schedule.from - 1, next;
        for (int i = 0; i < 5000 && date < day("2200-01-01"); i++, date = next) {
            next = schedule_next(&schedule, date);
            if (next <= date || next > date + 366)
                fail_msg("after %d comes %d", date, next);
        }
    }
}

/* ---- working days ---- */

static void steps_are_counted_in_working_days(void **state)
{
    (void)state;
    const int32_t holidays[] = {day("2026-12-25"), day("2026-12-28")};
    struct workdays workdays = workdays_default(1);
    workdays.holidays = holidays;
    workdays.holiday_count = 2;
    assert_day(workday_add(&workdays, day("2026-12-24"), 1), "2026-12-29");
    assert_day(workday_add(&workdays, day("2026-12-29"), -1), "2026-12-24");
    assert_day(workday_add(&workdays, day("2026-12-27"), 0), "2026-12-24");
    assert_day(workday_add(&workdays, day("2026-12-24"), 0), "2026-12-24");
    assert_day(workday_add(&workdays, day("2026-12-26"), -2), "2026-12-23");
    workdays.weekdays = 1U << 7; /* Sundays */
    assert_day(workday_add(&workdays, day("2026-12-24"), 2), "2027-01-03");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_minute_that_comes_twice_is_the_first_and_one_that_is_left_out_comes_later),
        cmocka_unit_test(zones_far_from_greenwich_have_their_own_day),
        cmocka_unit_test(every_minute_of_a_day_is_on_it_and_none_comes_before_another),
        cmocka_unit_test(dates_follow_each_other_and_a_day_that_a_month_lacks_is_its_last),
        cmocka_unit_test(a_schedule_continues_for_years),
        cmocka_unit_test(steps_are_counted_in_working_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
