/*
 * Dates and times. A date is a count of days since 1970-01-01, a time is milliseconds since the
 * same midnight UTC; both proleptic Gregorian, years 0001 to 9999.
 */
#ifndef BZCTRL_MODEL_DATE_H
#define BZCTRL_MODEL_DATE_H

#include "json/writer.h"

enum { DATE_MIN = -719162, DATE_MAX = 2932896 }; /* 0001-01-01 and 9999-12-31 */

#define DATE_NONE INT32_MIN
#define TIME_NONE INT64_MIN

/* "2024-09-27"; false for anything else, and for a day that does not exist. */
bool date_read(struct str text, int32_t *ret_date);

/* "2024-09": its first day, and that of the next month. False for anything else. */
bool month_read(struct str text, int32_t *ret_first, int32_t *ret_next);

/* RFC 3339 date-time with a zone ("2026-11-23T20:15:04.123Z", "…+01:00", 't' and 'z' too); digits
 * below the millisecond are cut; a leap second counts as the second before. */
bool time_read(struct str text, int64_t *ret_time);

/* The same, and two common variants: a blank for the 'T', an offset without its colon ("2026-11-23
 * 20:15:04+0100"). */
bool time_read_loosely(struct str text, int64_t *ret_time);

/* The month of a date, counted from year 0; its text is "2024-09". */
int32_t month_of_date(int32_t date);
/* A day of such a month; beyond its end, the last one. */
int32_t date_of_month(int32_t month, int day);
void buf_month(struct buf *buf, int32_t month);

/* Appends "2024-09-27", and "2026-11-23T20:15:04.123Z". */
void buf_date(struct buf *buf, int32_t date);
void buf_time(struct buf *buf, int64_t time);

/* The same as a JSON value; DATE_NONE and TIME_NONE are null. */
void json_put_date(struct json_writer *json, const char *name, int32_t date);
void json_put_time(struct json_writer *json, const char *name, int64_t time);

/* The day in UTC that a time falls on. */
int32_t date_of_time(int64_t time);

struct zone;

/* The IANA time zone of that name ("Europe/Amsterdam"), or NULL when the system does not know it.
 */
struct zone *zone_create(const char *name);
void zone_destroy(struct zone *zone);

/* A copy, to be destroyed separately. NULL when out of memory. */
struct zone *zone_share(const struct zone *zone) MUST_CHECK;

/* The day that a time falls on in a zone; at the ends of the calendar its first or last day. */
int32_t zone_date(const struct zone *zone, int64_t time);

/* The time at which the clocks there show `minute`, from midnight, on a date. Where they show it
 * twice that is the first of the two; a minute that they leave out comes as much later as they are
 * put forward. */
int64_t zone_time(const struct zone *zone, int32_t date, int minute);

/* The parts of a date, and the reverse: a day beyond the end of its month is the last one. */
void date_parts(int32_t date, int *ret_year, int *ret_month, int *ret_day);
int32_t date_of_parts(int year, int month, int day);

/* From 1, Monday. */
int date_weekday(int32_t date);

#endif
