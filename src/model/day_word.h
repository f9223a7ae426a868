/*
 * Days as people write them, in English and Dutch. Pure.
 *
 * - A day: "2026-12-31"; "31/12/2026", "31-12-26" or "31.12", where the day comes first unless that cannot
 *   be ("12/31/2026"), and a year of two digits is one of this century; "31 dec", "31december2026". Without
 *   a year it is the one that is nearest to today.
 * - By today: "today", "tomorrow", "yesterday"; "+7d", "-2w", "+1m", where a number alone counts days; "fri",
 *   the next one after today; "eom", the last day of this month.
 * - More than one: "2026-12", and "this", "next" and "last" with week (from Monday), month or year.
 */
#ifndef BZCTRL_MODEL_DAY_WORD_H
#define BZCTRL_MODEL_DAY_WORD_H

#include "model/date.h"

struct day_span {
    int32_t first, last;
    bool moves; /* another day it may be another one */
};

bool day_word_read(struct str text, int32_t today, struct day_span *ret_span);

#endif
