/* The columns of an event and its place, for the files of this folder that read events. */
#ifndef BZCTRL_STORE_EVENT_ROW_H
#define BZCTRL_STORE_EVENT_ROW_H

#include "store/event.h"

/* Of the table event as e, and the first of the row. */
#define EVENT_COLUMNS                                                                              \
    "e.place, e.at, e.actor_id, e.task_id, e.previous_seq, e.action, e.key, e.payload_hash,"       \
    " e.hash, e.salt, e.payload, e.version"
enum { EVENT_COLUMN_COUNT = 12 };

/* The same without salt and payload, as if these were erased. */
#define EVENT_COLUMNS_BARE                                                                         \
    "e.place, e.at, e.actor_id, e.task_id, e.previous_seq, e.action, e.key, e.payload_hash,"       \
    " e.hash, NULL, NULL, e.version"

/* Reads them; domain_id is the caller's. ERR_CORRUPT. */
enum err event_read(struct op *op, const struct db_rows *rows, size_t row,
                    struct event *ret_event) MUST_CHECK;

/* Where an event is in the table. */
int64_t event_place(int64_t ordinal, int64_t seq);

#endif
