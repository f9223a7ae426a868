#include "model/day_word.h"

#include "model/word.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

enum { CENTURY = 2000 };

enum unit {
    UNIT_DAY,
    UNIT_WEEK,
    UNIT_MONTH,
    UNIT_YEAR,
    UNIT_MONTH_END,
};

static const struct {
    const char *english, *dutch;
    enum unit unit;
    int offset;
} spans[] = {
    {"today", "vandaag", UNIT_DAY, 0},
    {"tomorrow", "morgen", UNIT_DAY, 1},
    {"yesterday", "gisteren", UNIT_DAY, -1},
    {"this week", "deze week", UNIT_WEEK, 0},
    {"next week", "volgende week", UNIT_WEEK, 1},
    {"last week", "vorige week", UNIT_WEEK, -1},
    {"this month", "deze maand", UNIT_MONTH, 0},
    {"next month", "volgende maand", UNIT_MONTH, 1},
    {"last month", "vorige maand", UNIT_MONTH, -1},
    {"this year", "dit jaar", UNIT_YEAR, 0},
    {"next year", "volgend jaar", UNIT_YEAR, 1},
    {"last year", "vorig jaar", UNIT_YEAR, -1},
    {"eom", "em", UNIT_MONTH_END, 0},
};

/* From Monday. */
static const char *const weekdays[][2] = {
    {"monday", "maandag"},     {"tuesday", "dinsdag"}, {"wednesday", "woensdag"},
    {"thursday", "donderdag"}, {"friday", "vrijdag"},  {"saturday", "zaterdag"},
    {"sunday", "zondag"},
};

/* Dutch shortens March in its own way. */
static const char *const months[][3] = {
    {"january", "januari"},
    {"february", "februari"},
    {"march", "maart", "mrt"},
    {"april"},
    {"may", "mei"},
    {"june", "juni"},
    {"july", "juli"},
    {"august", "augustus"},
    {"september"},
    {"october", "oktober"},
    {"november"},
    {"december"},
};

static bool begins_word(struct str typed, const char *word)
{
    return word != NULL && str_eq_case(str_sub(str_of(word), 0, typed.n), typed);
}

static struct day_span span_of(enum unit unit, int offset, int32_t today)
{
    int32_t monday = today - date_weekday(today) + 1 + 7 * offset;
    int32_t month = month_of_date(today), january = (month / 12 + offset) * 12;
    switch (unit) {
    case UNIT_WEEK:
        return (struct day_span){monday, monday + 6, true};
    case UNIT_MONTH:
        return (struct day_span){date_of_month(month + offset, 1),
                                 date_of_month(month + offset, 31), true};
    case UNIT_YEAR:
        return (struct day_span){date_of_month(january, 1), date_of_month(january + 11, 31), true};
    case UNIT_MONTH_END:
        today = date_of_month(month, 31);
        break;
    case UNIT_DAY:
        today += offset;
    }
    return (struct day_span){today, today, true};
}

static bool span_read(struct str text, int32_t today, struct day_span *ret_span)
{
    for (size_t i = 0; i < COUNT(spans); i++)
        if (words_same(text, str_of(spans[i].english)) ||
            words_same(text, str_of(spans[i].dutch))) {
            *ret_span = span_of(spans[i].unit, spans[i].offset, today);
            return true;
        }
    return false;
}

/* "fri": two letters of it are enough. */
static bool weekday_read(struct str text, int32_t today, struct day_span *ret_span)
{
    for (int i = 0; i < (int)COUNT(weekdays) && text.n > 1; i++)
        if (begins_word(text, weekdays[i][0]) || begins_word(text, weekdays[i][1])) {
            *ret_span = span_of(UNIT_DAY, (i + 7 - date_weekday(today)) % 7 + 1, today);
            return true;
        }
    return false;
}

/* "+7d" */
static bool offset_read(struct str text, int32_t today, struct day_span *ret_span)
{
    uint64_t count;
    int year, month, day;
    if (text.n < 2 || (text.p[0] != '+' && text.p[0] != '-'))
        return false;
    char unit = ascii_lower(text.p[text.n - 1]);
    struct str digits = str_sub(text, 1, text.n - 1 - !ascii_digit(unit));
    if (!str_to_u64(digits, 999, &count) || (!ascii_digit(unit) && strchr("dwm", unit) == NULL))
        return false;
    int by = text.p[0] == '-' ? -(int)count : (int)count;
    *ret_span = span_of(UNIT_DAY, unit == 'w' ? 7 * by : by, today);
    if (unit == 'm') {
        date_parts(today, &year, &month, &day);
        int32_t date = date_of_month(month_of_date(today) + by, day);
        *ret_span = (struct day_span){date, date, true};
    }
    return true;
}

static bool day_exists(int year, int month, int day, int32_t *ret_date)
{
    int read_year, read_month, read_day;
    *ret_date = date_of_parts(year, month, day); /* at most the last of its month */
    date_parts(*ret_date, &read_year, &read_month, &read_day);
    return read_day == day;
}

/* `year` as it was typed; absent: none was. */
static bool day_of_month(struct str year, int month, int day, int32_t today,
                         struct day_span *ret_span)
{
    uint64_t typed;
    int this_year, unused_month, unused_day;
    int32_t date, best = DATE_NONE;
    if (year.n > 0) {
        if ((year.n != 2 && year.n != 4) || !str_to_u64(year, 9999, &typed))
            return false;
        this_year = (int)typed + (year.n == 2 ? CENTURY : 0);
        if (this_year == 0 || !day_exists(this_year, month, day, &date))
            return false;
        *ret_span = (struct day_span){date, date, false};
        return true;
    }
    date_parts(today, &this_year, &unused_month, &unused_day);
    for (int i = this_year - 1; i <= this_year + 1; i++)
        if (day_exists(i, month, day, &date) &&
            (best == DATE_NONE || labs((long)date - today) < labs((long)best - today)))
            best = date;
    *ret_span = (struct day_span){best, best, true};
    return best != DATE_NONE;
}

/* Cuts the one or two digits of a day off the text. */
static bool day_cut(struct str *text, int *ret_day)
{
    uint64_t day;
    size_t n = 0;
    while (n < text->n && ascii_digit(text->p[n]))
        n++;
    if (n == 0 || n > 2 || !str_to_u64(str_sub(*text, 0, n), 31, &day) || day == 0)
        return false;
    *text = str_from(*text, n);
    *ret_day = (int)day;
    return true;
}

/* "31/12/2026", "31-12-26", "31.12"; also "12/31/2026", which can only be the same day. */
static bool numbers_read(struct str text, int32_t today, struct day_span *ret_span)
{
    int day, month;
    if (!day_cut(&text, &day) || text.n == 0 || strchr("/-.", text.p[0]) == NULL)
        return false;
    char mark = text.p[0];
    text = str_from(text, 1);
    if (!day_cut(&text, &month) || (text.n > 0 && (text.p[0] != mark || text.n == 1)))
        return false;
    if (month > 12) {
        int first = day;
        day = month;
        month = first;
    }
    if (month > 12)
        return false;
    return day_of_month(str_from(text, text.n > 0), month, day, today, ret_span);
}

/* "31 dec", "31december2026" */
static bool named_read(struct str text, int32_t today, struct day_span *ret_span)
{
    int day;
    size_t n = 0;
    if (!day_cut(&text, &day))
        return false;
    text = str_trim(text);
    while (n < text.n && ascii_alpha(text.p[n]))
        n++;
    struct str name = str_sub(text, 0, n);
    for (int i = 0; i < (int)COUNT(months) && n > 2; i++)
        for (size_t k = 0; k < 3; k++)
            if (begins_word(name, months[i][k]))
                return day_of_month(str_trim(str_from(text, n)), i + 1, day, today, ret_span);
    return false;
}

bool day_word_read(struct str text, int32_t today, struct day_span *ret_span)
{
    struct day_span span = {0};
    if (date_read(text, &span.first))
        span.last = span.first;
    else if (month_read(text, &span.first, &span.last))
        span.last--;
    else if (!numbers_read(text, today, &span) && !span_read(text, today, &span) &&
             !weekday_read(text, today, &span) && !offset_read(text, today, &span) &&
             !named_read(text, today, &span))
        return false;
    *ret_span = span;
    return true;
}
