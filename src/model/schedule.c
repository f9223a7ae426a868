#include "model/schedule.h"

#include <inttypes.h>

static const struct str units[] = {STR_INIT("day"), STR_INIT("week"), STR_INIT("month"),
                                   STR_INIT("year")};
static const struct str weekdays[] = {
    STR_INIT("Monday"), STR_INIT("Tuesday"),  STR_INIT("Wednesday"), STR_INIT("Thursday"),
    STR_INIT("Friday"), STR_INIT("Saturday"), STR_INIT("Sunday")};

/* ---- weekdays and minutes ---- */

struct str_list weekday_names(void)
{
    return (struct str_list){weekdays, 7};
}

bool weekdays_read(struct str_list names, unsigned *ret_mask)
{
    unsigned mask = 0;
    for (size_t i = 0; i < names.n; i++) {
        unsigned day = 0;
        while (day < 7 && !str_eq_case(weekdays[day], names.items[i]))
            day++;
        if (day == 7)
            return false;
        mask |= 2U << day;
    }
    *ret_mask = mask;
    return true;
}

void json_put_weekdays(struct json_writer *json, const char *name, unsigned mask)
{
    json_begin_list(json, name);
    for (unsigned day = 0; day < 7; day++)
        if ((mask & 2U << day) != 0)
            json_put_text(json, NULL, weekdays[day]);
    json_end(json);
}

bool minute_read(struct str text, int64_t *ret_minute)
{
    uint64_t hours, minutes;
    if (text.n != 5 || text.p[2] != ':' || !str_to_u64(str_sub(text, 0, 2), 23, &hours) ||
        !str_to_u64(str_from(text, 3), 59, &minutes))
        return false;
    *ret_minute = (int64_t)(hours * 60 + minutes);
    return true;
}

void json_put_minute(struct json_writer *json, const char *name, int64_t minute)
{
    json_put_begin(json, name);
    buf_printf(json->buf, "\"%02" PRId64 ":%02" PRId64 "\"", minute / 60, minute % 60);
}

/* ---- reading and writing ---- */

#define SCHEDULE STR("schedule")

static void wrong(struct faults *faults, enum fault_code code, const char *sentence)
{
    fault_add(faults, SCHEDULE, FAULT_WHOLE, code, NO_OPTIONS, "%s", sentence);
}

/* A member that is there and not null. */
static const struct json *given(const struct json *json, const char *name)
{
    const struct json *member = json_member(json, str_of(name));
    return member == NULL || member->kind == JSON_NULL ? NULL : member;
}

static void number_read(const struct json *json, const char *name, int64_t most,
                        struct faults *faults, int64_t *number)
{
    const struct json *member = given(json, name);
    uint64_t value;
    if (member == NULL)
        return;
    if (member->kind == JSON_NUMBER && str_to_u64(member->raw, (uint64_t)most, &value) && value > 0)
        *number = (int64_t)value;
    else
        fault_add(faults, SCHEDULE, FAULT_WHOLE, FAULT_NOT_A_NUMBER, NO_OPTIONS,
                  "%s of a schedule must be a whole number from 1 to %" PRId64 ".", name, most);
}

static void day_read(const struct json *json, const char *name, struct faults *faults,
                     int32_t *date)
{
    const struct json *member = given(json, name);
    if (member != NULL && !date_read(json_text(member), date))
        fault_add(faults, SCHEDULE, FAULT_WHOLE, FAULT_NOT_A_DATE, NO_OPTIONS,
                  "%s of a schedule must be a date such as 2026-09-27.", name);
}

static void unit_read(const struct json *json, struct faults *faults, struct schedule *schedule)
{
    static const struct str_list allowed = {units, SCHEDULE_UNITS};
    const struct json *every = given(json, "every");
    size_t i = 0;
    while (every != NULL && i < SCHEDULE_UNITS && !str_eq_case(json_text(every), units[i]))
        i++;
    if (every == NULL || i == SCHEDULE_UNITS)
        fault_add(faults, SCHEDULE, FAULT_WHOLE,
                  every == NULL ? FAULT_REQUIRED : FAULT_NOT_AN_OPTION, allowed,
                  "every of a schedule must be day, week, month or year.");
    else
        schedule->unit = (enum schedule_unit)i;
}

static void days_read(const struct json *json, struct arena *arena, struct faults *faults,
                      unsigned *mask)
{
    const struct json *list = given(json, "weekdays");
    struct str *names = list == NULL || list->kind != JSON_LIST
                            ? NULL
                            : ARENA_ARRAY(arena, struct str, list->n + 1);
    size_t n = 0;
    if (list == NULL)
        return;
    for (const struct json *one = names == NULL ? NULL : list->first; one != NULL; one = one->next)
        names[n++] = json_text(one);
    if (n == 0 || !weekdays_read((struct str_list){names, n}, mask))
        fault_add(faults, SCHEDULE, FAULT_WHOLE, FAULT_NOT_AN_OPTION, weekday_names(),
                  "weekdays of a schedule must be a list of days such as [\"Monday\"].");
}

void schedule_read(const struct json *json, int32_t today, struct arena *arena,
                   struct faults *faults, struct schedule *ret_schedule)
{
    static const struct str members[] = {
        STR_INIT("every"), STR_INIT("interval"), STR_INIT("weekdays"), STR_INIT("month"),
        STR_INIT("day"),   STR_INIT("time"),     STR_INIT("from"),     STR_INIT("until")};
    static const struct str_list allowed = {members, sizeof members / sizeof members[0]};
    struct schedule schedule = {.interval = 1, .minute = 8 * 60, .from = today, .until = DATE_NONE};
    size_t known = faults->n;
    for (const struct json *m = json->first; m != NULL; m = m->next) {
        size_t i = 0;
        while (i < allowed.n && !str_eq(members[i], m->name))
            i++;
        if (i == allowed.n)
            fault_add(faults, SCHEDULE, FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, allowed,
                      "A schedule has no member %.*s.", STR_ARG(fault_excerpt(m->name)));
    }
    unit_read(json, faults, &schedule);
    number_read(json, "interval", SCHEDULE_INTERVAL_MAX, faults, &schedule.interval);
    day_read(json, "from", faults, &schedule.from);
    day_read(json, "until", faults, &schedule.until);
    const struct json *time = given(json, "time");
    if (time != NULL && !minute_read(json_text(time), &schedule.minute))
        wrong(faults, FAULT_NOT_A_TIME,
              "time of a schedule must be hours and minutes, such as 08:30.");

    /* What is not said is that of the first date. */
    int year, month, day;
    date_parts(schedule.from, &year, &month, &day);
    schedule.weekdays = schedule.unit == EVERY_WEEK ? 1U << date_weekday(schedule.from) : 0;
    schedule.month = schedule.unit == EVERY_YEAR ? month : 0;
    schedule.day = schedule.unit >= EVERY_MONTH ? day : 0;
    if (schedule.unit == EVERY_WEEK)
        days_read(json, arena, faults, &schedule.weekdays);
    else if (given(json, "weekdays") != NULL)
        wrong(faults, FAULT_UNKNOWN_MEMBER, "Only a schedule of weeks has weekdays.");
    if (schedule.unit >= EVERY_MONTH)
        number_read(json, "day", 31, faults, &schedule.day);
    else if (given(json, "day") != NULL)
        wrong(faults, FAULT_UNKNOWN_MEMBER, "Only a schedule of months or years has a day.");
    if (schedule.unit == EVERY_YEAR)
        number_read(json, "month", 12, faults, &schedule.month);
    else if (given(json, "month") != NULL)
        wrong(faults, FAULT_UNKNOWN_MEMBER, "Only a schedule of years has a month.");
    if (faults->n == known && schedule_next(&schedule, schedule.from - 1) == DATE_NONE)
        wrong(faults, FAULT_MISMATCH, "This schedule has no date between from and until.");
    *ret_schedule = schedule;
}

void json_put_schedule(struct json_writer *json, const char *name, const struct schedule *schedule)
{
    json_begin_object(json, name);
    json_put_text(json, "every", units[schedule->unit]);
    json_put_i64(json, "interval", schedule->interval);
    if (schedule->unit == EVERY_WEEK)
        json_put_weekdays(json, "weekdays", schedule->weekdays);
    if (schedule->unit == EVERY_YEAR)
        json_put_i64(json, "month", schedule->month);
    if (schedule->unit >= EVERY_MONTH)
        json_put_i64(json, "day", schedule->day);
    json_put_minute(json, "time", schedule->minute);
    json_put_date(json, "from", schedule->from);
    json_put_date(json, "until", schedule->until);
    json_end(json);
}

/* ---- dates ---- */

bool schedule_eq(const struct schedule *a, const struct schedule *b)
{
    return a->unit == b->unit && a->interval == b->interval && a->weekdays == b->weekdays &&
           a->month == b->month && a->day == b->day && a->minute == b->minute &&
           a->from == b->from && a->until == b->until;
}

/* Weeks begin on Monday. */
static int32_t week_of_date(int32_t date)
{
    return (date - date_weekday(date) + 1) / 7;
}

/* In every n-th month from a first one. */
static int32_t month_next(int32_t first, int32_t months, int64_t day, int32_t start)
{
    int32_t month = month_of_date(start);
    int32_t skipped = month <= first ? 0 : (month - first + months - 1) / months;
    /* The day of that month may lie before the start: then it is the one after. */
    for (int32_t k = skipped;; k++) {
        int32_t at = first + k * months;
        if (at / 12 > 9999)
            return DATE_NONE;
        int32_t date = date_of_month(at, (int)day);
        if (date >= start)
            return date;
    }
}

int32_t schedule_next(const struct schedule *schedule, int32_t after)
{
    int32_t from = schedule->from, interval = (int32_t)schedule->interval;
    int32_t start = after < from ? from : after + 1, date = DATE_NONE;
    if (start > DATE_MAX - 40 * 366)
        return DATE_NONE;
    switch (schedule->unit) {
    case EVERY_WEEK:
        for (int32_t d = start; date == DATE_NONE; d++)
            if ((week_of_date(d) - week_of_date(from)) % interval == 0 &&
                (schedule->weekdays & 1U << date_weekday(d)) != 0)
                date = d;
        break;
    case EVERY_MONTH:
        date = month_next(month_of_date(from), interval, schedule->day, start);
        break;
    case EVERY_YEAR:
        date = month_next(month_of_date(from) / 12 * 12 + (int32_t)schedule->month - 1,
                          12 * interval, schedule->day, start);
        break;
    case EVERY_DAY:
    case SCHEDULE_UNITS:
        date = from + (start - from + interval - 1) / interval * interval;
        break;
    }
    return schedule->until != DATE_NONE && date > schedule->until ? DATE_NONE : date;
}
