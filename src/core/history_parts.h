/*
 * The part of verifying the history (core/history.h) that is about comments and attachments: what
 * is stored of each against its events, the bytes against their SHA-256, and the counts of records.
 */
#ifndef BZCTRL_CORE_HISTORY_PARTS_H
#define BZCTRL_CORE_HISTORY_PARTS_H

#include "db/db.h"
#include "model/event.h"

/* Checks what is stored. ERR_CORRUPT with op->detail at the first fault. op->arena is the check's
 * own: it is emptied for each of many reads. */
enum err history_comments_check(struct db *db, struct op *op) MUST_CHECK;
enum err history_attachments_check(struct db *db, struct op *op) MUST_CHECK;

/* Checks that what an event is about is stored. ERR_CORRUPT as above; the arena is left alone. */
enum err history_part_expect(struct db *db, struct op *op, const struct event *event) MUST_CHECK;

#endif
