#include "model/date.h"

enum { DAY_SECONDS = 86400, HOUR_SECONDS = 3600, MINUTE_SECONDS = 60, SECOND_MS = 1000 };

struct civil {
    int64_t year, month, day;
};

/* Days since 1970-01-01. The year begins in March here, so that the leap day is its last; 400 years
 * are 146,097 days. */
static int64_t days_of(struct civil c)
{
    int64_t year = c.month > 2 ? c.year : c.year - 1;
    int64_t era = year / 400, of_era = year % 400;
    int64_t of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* The reverse, for years from 1. */
static struct civil civil_of(int64_t days)
{
    days += 719468;
    int64_t era = days / 146097, of_era = days % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct civil c = {.day = of_year - (153 * month + 2) / 5 + 1,
                      .month = month < 10 ? month + 3 : month - 9};
    c.year = year + era * 400 + (c.month <= 2 ? 1 : 0);
    return c;
}

/* Cuts exactly `n` digits with a value from `low` to `high` off *rest. */
static bool take_number(struct str *rest, size_t n, int64_t low, int64_t high, int64_t *ret)
{
    uint64_t value;
    if (rest->n < n || !str_to_u64(str_sub(*rest, 0, n), (uint64_t)high, &value) ||
        (int64_t)value < low)
        return false;
    *rest = str_from(*rest, n);
    *ret = (int64_t)value;
    return true;
}

static bool take_char(struct str *rest, char c)
{
    if (rest->n == 0 || ascii_lower(rest->p[0]) != c)
        return false;
    *rest = str_from(*rest, 1);
    return true;
}

static bool take_date(struct str *rest, int64_t *ret_days)
{
    struct civil c;
    if (!take_number(rest, 4, 1, 9999, &c.year) || !take_char(rest, '-') ||
        !take_number(rest, 2, 1, 12, &c.month) || !take_char(rest, '-') ||
        !take_number(rest, 2, 1, 31, &c.day))
        return false;
    int64_t days = days_of(c);
    if (civil_of(days).day != c.day) /* 31 April is 1 May */
        return false;
    *ret_days = days;
    return true;
}

bool date_read(struct str text, int32_t *ret_date)
{
    int64_t days;
    if (!take_date(&text, &days) || text.n > 0)
        return false;
    *ret_date = (int32_t)days;
    return true;
}

bool month_read(struct str text, int32_t *ret_first, int32_t *ret_next)
{
    struct civil c = {.day = 1};
    if (!take_number(&text, 4, 1, 9999, &c.year) || !take_char(&text, '-') ||
        !take_number(&text, 2, 1, 12, &c.month) || text.n > 0)
        return false;
    *ret_first = (int32_t)days_of(c);
    c.year += c.month == 12;
    c.month = c.month % 12 + 1;
    *ret_next = (int32_t)days_of(c);
    return true;
}

int32_t month_of_date(int32_t date)
{
    struct civil c = civil_of(date);
    return (int32_t)(c.year * 12 + c.month - 1);
}

/* ".123456": at least one digit, cut below the millisecond; nothing there is 0. */
static bool take_fraction(struct str *rest, int64_t *ret_ms)
{
    int64_t ms = 0, unit = 100;
    if (take_char(rest, '.')) {
        if (rest->n == 0 || !ascii_digit(rest->p[0]))
            return false;
        for (; rest->n > 0 && ascii_digit(rest->p[0]); *rest = str_from(*rest, 1)) {
            ms += (rest->p[0] - '0') * unit;
            unit /= 10;
        }
    }
    *ret_ms = ms;
    return true;
}

/* "Z" or "+01:00", in seconds east of UTC; loosely "+0100" too. */
static bool take_offset(struct str *rest, bool loosely, int64_t *ret_seconds)
{
    int64_t hours, minutes;
    if (take_char(rest, 'z')) {
        *ret_seconds = 0;
        return true;
    }
    bool west = take_char(rest, '-');
    if ((!west && !take_char(rest, '+')) || !take_number(rest, 2, 0, 23, &hours))
        return false;
    if ((!take_char(rest, ':') && !loosely) || !take_number(rest, 2, 0, 59, &minutes))
        return false;
    int64_t seconds = hours * HOUR_SECONDS + minutes * MINUTE_SECONDS;
    *ret_seconds = west ? -seconds : seconds;
    return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static bool take_time(struct str text, bool loosely, int64_t *ret_time)
{
    int64_t days, hour, minute, second, ms, offset;
    if (!take_date(&text, &days) ||
        !(take_char(&text, 't') || (loosely && take_char(&text, ' '))) ||
        !take_number(&text, 2, 0, 23, &hour) || !take_char(&text, ':') ||
        !take_number(&text, 2, 0, 59, &minute) || !take_char(&text, ':') ||
        !take_number(&text, 2, 0, 60, &second) || !take_fraction(&text, &ms) ||
        !take_offset(&text, loosely, &offset) || text.n > 0)
        return false;
    bool leap = second == 60;
    int64_t seconds = days * DAY_SECONDS + hour * HOUR_SECONDS + minute * MINUTE_SECONDS + second -
                      (leap ? 1 : 0) - offset;
    int64_t day = floor_div(seconds, DAY_SECONDS);
    /* Leap seconds are added at the end of a day in UTC. */
    if (day < DATE_MIN || day > DATE_MAX ||
        (leap && seconds - day * DAY_SECONDS != DAY_SECONDS - 1))
        return false;
    *ret_time = seconds * SECOND_MS + ms;
    return true;
}

bool time_read(struct str text, int64_t *ret_time)
{
    return take_time(text, false, ret_time);
}

bool time_read_loosely(struct str text, int64_t *ret_time)
{
    return take_time(text, true, ret_time);
}

/* Appends the last `n` digits of `value`, at most 4. */
static void buf_digits(struct buf *buf, int64_t value, size_t n)
{
    char digits[4] = {0};
    for (size_t i = n; i > 0; i--) {
        digits[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    buf_bytes(buf, digits, n);
}

void buf_month(struct buf *buf, int32_t month)
{
    buf_digits(buf, month / 12, 4);
    buf_char(buf, '-');
    buf_digits(buf, month % 12 + 1, 2);
}

void buf_date(struct buf *buf, int32_t date)
{
    struct civil c = civil_of(date);
    buf_digits(buf, c.year, 4);
    buf_char(buf, '-');
    buf_digits(buf, c.month, 2);
    buf_char(buf, '-');
    buf_digits(buf, c.day, 2);
}

int32_t date_of_time(int64_t time)
{
    return (int32_t)floor_div(time, (int64_t)DAY_SECONDS * SECOND_MS);
}

void buf_time(struct buf *buf, int64_t time)
{
    int32_t date = date_of_time(time);
    int64_t ms = time - (int64_t)date * DAY_SECONDS * SECOND_MS;
    int64_t seconds = ms / SECOND_MS;
    buf_date(buf, date);
    buf_char(buf, 'T');
    buf_digits(buf, seconds / HOUR_SECONDS, 2);
    buf_char(buf, ':');
    buf_digits(buf, seconds / MINUTE_SECONDS % 60, 2);
    buf_char(buf, ':');
    buf_digits(buf, seconds % MINUTE_SECONDS, 2);
    buf_char(buf, '.');
    buf_digits(buf, ms % SECOND_MS, 3);
    buf_char(buf, 'Z');
}

void json_put_date(struct json_writer *json, const char *name, int32_t date)
{
    if (date == DATE_NONE) {
        json_put_null(json, name);
        return;
    }
    json_put_begin(json, name);
    buf_char(json->buf, '"');
    buf_date(json->buf, date);
    buf_char(json->buf, '"');
}

void json_put_time(struct json_writer *json, const char *name, int64_t time)
{
    if (time == TIME_NONE) {
        json_put_null(json, name);
        return;
    }
    json_put_begin(json, name);
    buf_char(json->buf, '"');
    buf_time(json->buf, time);
    buf_char(json->buf, '"');
}

void date_parts(int32_t date, int *ret_year, int *ret_month, int *ret_day)
{
    struct civil c = civil_of(date);
    *ret_year = (int)c.year;
    *ret_month = (int)c.month;
    *ret_day = (int)c.day;
}

int32_t date_of_parts(int year, int month, int day)
{
    int64_t first = days_of((struct civil){year, month, 1});
    int64_t next =
        days_of(month == 12 ? (struct civil){year + 1, 1, 1} : (struct civil){year, month + 1, 1});
    return (int32_t)(first + day <= next ? first + day - 1 : next - 1);
}

int32_t date_of_month(int32_t month, int day)
{
    return date_of_parts(month / 12, month % 12 + 1, day);
}

int date_weekday(int32_t date)
{
    return (int)(((date + 3) % 7 + 7) % 7) + 1; /* 1970-01-01 was a Thursday */
}
