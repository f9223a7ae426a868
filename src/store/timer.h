/*
 * What is to be looked at by rules, and when: timers of records, what rules have done already, sweeps
 * over a workspace, and positions in the chains (sql/0038).
 */
#ifndef BZCTRL_STORE_TIMER_H
#define BZCTRL_STORE_TIMER_H

#include "db/db.h"
#include "model/rule_look.h"

struct timer_list {
    const struct record_timer *items;
    size_t n;
};

/* Those that are due at op->now, the oldest first, at most `limit`. */
enum err store_timers_due(struct db *db, struct op *op, int64_t limit,
                          struct timer_list *ret_timers) MUST_CHECK;

/* A record's; *ret_found is false when it has none. */
enum err store_timer_get(struct db *db, struct op *op, int64_t task_id, bool *ret_found,
                         struct record_timer *ret_timer) MUST_CHECK;

/* Sets when the record is looked at next, and whether it is then assigned; since when it has its dates
 * counts where there was no timer. */
enum err store_timer_put(struct db *db, struct op *op, const struct record_timer *timer) MUST_CHECK;
enum err store_timer_drop(struct db *db, struct op *op, int64_t task_id) MUST_CHECK;

/* After a change of the record: it is looked at at once. `since` TIME_NONE: its date is as before;
 * where there was no timer, `created_at` counts. */
enum err store_timer_wake(struct db *db, struct op *op, int64_t task_id, int64_t due_since,
                          int64_t reminder_since, int64_t created_at) MUST_CHECK;

/* ---- what rules have done ---- */

/* To a record, about these dates. */
enum err store_firings(struct db *db, struct op *op, int64_t task_id, int32_t due_date,
                       int32_t reminder_date, struct firing_list *ret_firings) MUST_CHECK;

/* `seq` is that of the event that says so. What was done already cannot be done again: that violates
 * a constraint. */
enum err store_firing_add(struct db *db, struct op *op, int64_t task_id, int64_t seq,
                          const struct rule_firing *firing) MUST_CHECK;

/* An event of the record that leaves updatedAt alone (event_is_notice()). */
enum err store_task_notice(struct db *db, struct op *op, int64_t task_id, int64_t version,
                           int64_t seq) MUST_CHECK;

/* ---- sweeps ---- */

struct rule_sweep {
    int64_t workspace_id, number, since;
};

enum err store_sweep_add(struct db *db, struct op *op, int64_t workspace_id,
                         int64_t since) MUST_CHECK;
/* The next one after that of a workspace, by their ids; 0: the first. ERR_NOT_FOUND. */
enum err store_sweep_next(struct db *db, struct op *op, int64_t after,
                          struct rule_sweep *ret_sweep) MUST_CHECK;
/* Its next open records that have a date, and the last number that was looked at; 0: none is left. */
enum err store_sweep_records(struct db *db, struct op *op, const struct rule_sweep *sweep,
                             int64_t limit, struct db_rows *ret_ids, int64_t *ret_last) MUST_CHECK;
/* Moves it on from where it was, or ends it (number 0). ERR_OUTDATED when it is another one by now. */
enum err store_sweep_move(struct db *db, struct op *op, const struct rule_sweep *sweep,
                          int64_t number) MUST_CHECK;

/* ---- positions ---- */

enum err store_rule_positions(struct db *db, struct op *op, struct db_rows *ret_rows) MUST_CHECK;

/* ERR_OUTDATED when it is not `from` any more. */
enum err store_rule_position_move(struct db *db, struct op *op, int64_t ordinal, int64_t from,
                                  int64_t seq) MUST_CHECK;

/* An event of a chain; of one that has made a record, which. */
struct created {
    int64_t seq, task_id; /* 0: it has made none */
    int64_t workspace_id;
    bool reminds; /* the record has a reminder date */
};

struct created_list {
    struct created *items;
    size_t n;
};

/* Those after seq `after`, at most `limit`. */
enum err store_created_after(struct db *db, struct op *op, int64_t ordinal, int64_t after,
                             int64_t limit, struct created_list *ret_created) MUST_CHECK;

/* Has the owner, or takes, what one node at a time does, until `until`. */
enum err store_rule_lease(struct db *db, struct op *op, struct str owner, int64_t until,
                          bool *ret_ours) MUST_CHECK;

#endif
