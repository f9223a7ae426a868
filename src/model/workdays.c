#include "model/workdays.h"

#include <stdlib.h>

struct workdays workdays_default(int64_t workspace_id)
{
    return (struct workdays){.workspace_id = workspace_id, .weekdays = 0x3e, .remind_at = 8 * 60};
}

static int date_cmp(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* In order, each once, so that they can be looked up. */
static void holidays_judge(struct arena *arena, struct str_list sent, struct faults *faults,
                           struct workdays *workdays)
{
    int32_t *dates = ARENA_ARRAY(arena, int32_t, sent.n + 1);
    size_t n = 0, kept = 0;
    if (dates == NULL) {
        faults->err = ERR_MEMORY;
        return;
    }
    if (sent.n > HOLIDAYS_MAX) {
        fault_add(faults, STR("holidays"), FAULT_WHOLE, FAULT_TOO_MANY, NO_OPTIONS,
                  "holidays has %zu dates; at most %d are possible.", sent.n, HOLIDAYS_MAX);
        return;
    }
    for (size_t i = 0; i < sent.n; i++)
        if (!date_read(sent.items[i], &dates[n++]))
            fault_add(faults, STR("holidays"), i, FAULT_NOT_A_DATE, NO_OPTIONS,
                      "\"%.*s\" is not a date; write one such as 2026-12-25.",
                      STR_ARG(fault_excerpt(sent.items[i])));
    qsort(dates, n, sizeof *dates, date_cmp);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || dates[kept - 1] != dates[i])
            dates[kept++] = dates[i];
    workdays->holidays = dates;
    workdays->holiday_count = kept;
}

enum err workdays_judge(struct arena *arena, const struct workdays_draft *draft,
                        const struct workdays *before, struct faults *faults,
                        struct workdays *ret_workdays)
{
    struct workdays workdays = *before;
    if (draft->weekdays.items != NULL &&
        (draft->weekdays.n == 0 || !weekdays_read(draft->weekdays, &workdays.weekdays)))
        fault_add(faults, STR("weekdays"), FAULT_WHOLE, FAULT_NOT_AN_OPTION, weekday_names(),
                  "weekdays must name at least one day of the week, such as [\"Monday\"].");
    if (draft->holidays.items != NULL)
        holidays_judge(arena, draft->holidays, faults, &workdays);
    if (draft->remind_at.p != NULL && !minute_read(draft->remind_at, &workdays.remind_at))
        fault_add(faults, STR("remindAt"), FAULT_WHOLE, FAULT_NOT_A_TIME, NO_OPTIONS,
                  "remindAt must be hours and minutes, such as 08:30.");
    if (faults->err != ERR_OK)
        return faults->err;
    if (faults->n > 0)
        return ERR_INVALID;
    *ret_workdays = workdays;
    return ERR_OK;
}

bool is_workday(const struct workdays *workdays, int32_t date)
{
    return (workdays->weekdays & 1U << date_weekday(date)) != 0 &&
           (workdays->holiday_count == 0 ||
            bsearch(&date, workdays->holidays, workdays->holiday_count, sizeof date, date_cmp) ==
                NULL);
}

int32_t workday_add(const struct workdays *workdays, int32_t date, int64_t n)
{
    int32_t step = n > 0 ? 1 : -1;
    if (n == 0)
        while (!is_workday(workdays, date) && date > DATE_MIN)
            date--;
    while (n != 0 && date > DATE_MIN && date < DATE_MAX) {
        date += step;
        n -= is_workday(workdays, date) ? step : 0;
    }
    return date;
}
