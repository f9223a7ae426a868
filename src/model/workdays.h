/*
 * The working days of a workspace: which days of the week, less its holidays; and at which minute of
 * a day it is reminded. Pure.
 */
#ifndef BZCTRL_MODEL_WORKDAYS_H
#define BZCTRL_MODEL_WORKDAYS_H

#include "model/schedule.h"

enum { HOLIDAYS_MAX = 500 };

struct workdays {
    int64_t workspace_id;
    unsigned weekdays;       /* as of a schedule; never none */
    int64_t remind_at;       /* the minute, from midnight */
    const int32_t *holidays; /* dates, in order */
    size_t holiday_count;
    int64_t version; /* 0: nobody has changed them */
};

/* Monday to Friday, at 08:00. */
struct workdays workdays_default(int64_t workspace_id);

struct workdays_draft {
    struct str_list weekdays, holidays;
    struct str remind_at;
};

/* Applies a draft. ERR_INVALID with all faults; ERR_MEMORY. */
enum err workdays_judge(struct arena *arena, const struct workdays_draft *draft,
                        const struct workdays *before, struct faults *faults,
                        struct workdays *ret_workdays) MUST_CHECK;

bool is_workday(const struct workdays *workdays, int32_t date);

/* The date `n` working days after `date`, or before it if n is negative. With 0 it is the date
 * itself, or the last working day before it. */
int32_t workday_add(const struct workdays *workdays, int32_t date, int64_t n);

#endif
