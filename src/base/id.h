/*
 * Identifiers: 63 bits, growing with time (41 bits of milliseconds since 2020, 10 of node, 12 of a
 * counter), so that rows are appended and nodes need no common sequence. Never repeats or falls
 * within a process, whatever the clock does; id_seen() keeps it above what is stored.
 */
#ifndef BZCTRL_BASE_ID_H
#define BZCTRL_BASE_ID_H

#include <stdint.h>

/* The next identifier; safe from any thread. */
int64_t id_next(void);

/* Makes sure that later identifiers are greater than `id`. */
void id_seen(int64_t id);

/* The time that an identifier was made at (milliseconds since 1970-01-01 UTC), and the smallest
 * identifier of a time. */
int64_t id_time(int64_t id);
int64_t id_at(int64_t time);

/* The node's number, 0 to 1023; 0 unless set. */
void id_set_node(unsigned node);

#endif
