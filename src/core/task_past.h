/*
 * A record as it was after one of its events: what GET /tasks/{key}?at=SEQ answers, and what
 * verifying compares with the row.
 */
#ifndef BZCTRL_CORE_TASK_PAST_H
#define BZCTRL_CORE_TASK_PAST_H

#include "model/task_fold.h"
#include "store/event.h"

/* Reads who is being erased. `directory` is borrowed. */
enum err fold_names_read(struct db *db, struct op *op, const struct directory *directory,
                         struct fold_names *ret_names) MUST_CHECK;

/* Adds the record's events from `seq` back to its creation, in bounded reads, and looks up its
 * parent. `fold` has been begun; more events may be in it already. ERR_NOT_FOUND when an event is
 * missing, ERR_CORRUPT with op->detail when one says what no event says. */
enum err task_past_fold(struct db *db, struct op *op, int64_t domain_id, int64_t task_id,
                        int64_t seq, struct task_fold *fold) MUST_CHECK;

/* The same back to what the record was after one of its events, `before`: all events after that one,
 * up to `seq`, are added. Counts that the events do not say are counted. */
enum err task_past_fold_from(struct db *db, struct op *op, int64_t domain_id, int64_t seq,
                             const struct task_then *before, struct task_fold *fold) MUST_CHECK;

/* The record `now` as it was after its newest event up to `seq`, in op->arena. *ret_erased is the
 * event without whose payload that is not known, or 0. ERR_NOT_FOUND: it had not been created. */
enum err core_task_at(struct db *db, struct op *op, const struct directory *directory,
                      int64_t domain_id, const struct task *now, int64_t seq, struct task *ret_task,
                      int64_t *ret_erased) MUST_CHECK;

#endif
