/*
 * The part of verifying the history (core/history.h) that is about links between records: what is
 * stored of each side against the events of its record, and the events against what is stored.
 */
#ifndef BZCTRL_CORE_HISTORY_LINKS_H
#define BZCTRL_CORE_HISTORY_LINKS_H

#include "db/db.h"
#include "model/event.h"

/* Checks what is stored. ERR_CORRUPT with op->detail at the first fault. op->arena is the check's
 * own: it is emptied for each of many reads. */
enum err history_links_check(struct db *db, struct op *op) MUST_CHECK;

/* Checks that the link that an event has made or removed is stored. ERR_CORRUPT as above; the arena
 * is left alone. */
enum err history_link_expect(struct db *db, struct op *op, const struct event *event) MUST_CHECK;

#endif
