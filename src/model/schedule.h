/*
 * On which dates something recurs, and at which time of the day: days, weeks, months or years apart,
 * counted from the first date. Dates and minutes are those of a workspace's zone, so a schedule
 * knows nothing of changes of the clock. Pure.
 */
#ifndef BZCTRL_MODEL_SCHEDULE_H
#define BZCTRL_MODEL_SCHEDULE_H

#include "json/read.h"
#include "model/date.h"
#include "model/faults.h"

enum schedule_unit { EVERY_DAY, EVERY_WEEK, EVERY_MONTH, EVERY_YEAR, SCHEDULE_UNITS };

enum { SCHEDULE_INTERVAL_MAX = 100, DAY_MINUTES = 24 * 60 };

struct schedule {
    enum schedule_unit unit;
    int64_t interval;    /* every so many of them */
    unsigned weekdays;   /* of weeks: bit n is weekday n, from 1, Monday */
    int64_t month, day;  /* of years; of months and years. A day that a month lacks is its last */
    int64_t minute;      /* from midnight */
    int32_t from, until; /* the first date that counts, and the last one or DATE_NONE */
};

/* Reads it as people write it: {"every":"month","day":31,"time":"08:00",…}. Where no `from` is
 * given, it counts from `today`. Adds faults about the member `schedule`. */
void schedule_read(const struct json *json, int32_t today, struct arena *arena,
                   struct faults *faults, struct schedule *ret_schedule);

/* Writes it with all its members. */
void json_put_schedule(struct json_writer *json, const char *name, const struct schedule *schedule);

/* Are they the same? */
bool schedule_eq(const struct schedule *a, const struct schedule *b);

/* The first date after `after`; DATE_NONE: there is none. */
int32_t schedule_next(const struct schedule *schedule, int32_t after);

/* The names of a week's days, from Monday; and those that are set in a mask, in order. */
struct str_list weekday_names(void);
void json_put_weekdays(struct json_writer *json, const char *name, unsigned mask);

/* "08:30", and the reverse. */
bool minute_read(struct str text, int64_t *ret_minute);
void json_put_minute(struct json_writer *json, const char *name, int64_t minute);

/* Sets the bit of each day named; false when one is not a day. */
bool weekdays_read(struct str_list names, unsigned *ret_mask);

#endif
