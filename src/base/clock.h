/*
 * The only clocks of the program. A test can stop the wall clock and set it, and so
 * does the demo, whose records lie in the past.
 */
#ifndef BZCTRL_BASE_CLOCK_H
#define BZCTRL_BASE_CLOCK_H

#include <stdint.h>

/* Wall clock: milliseconds since 1970-01-01 UTC. */
int64_t clock_now(void);

/* Monotonic clock in milliseconds, for deadlines and durations; its zero means nothing. */
int64_t clock_ticks(void);

/* The same clock in microseconds, for what takes less than a few milliseconds. */
int64_t clock_micros(void);

/* Waits that many milliseconds, even if signals arrive. */
void clock_sleep(int64_t milliseconds);

/* From now on clock_now() returns `now`; -1 lets it run again. */
void clock_set(int64_t now);

#endif
