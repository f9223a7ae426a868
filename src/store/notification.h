/*
 * Notifications, what people have set for them, and how far their follower is (sql/0040).
 */
#ifndef BZCTRL_STORE_NOTIFICATION_H
#define BZCTRL_STORE_NOTIFICATION_H

#include "db/db.h"
#include "model/notification.h"
#include "model/task.h"

/* ---- for the follower ---- */

/* How far it is in a chain: whom the events up to `seq` concern has been notified, and of the event after it
 * everybody up to `account_id`. */
struct notify_position {
    int64_t seq, account_id;
};

/* A chain that has more events than the position in it says. */
struct notify_chain {
    int64_t ordinal, domain_id;
    struct notify_position at;
};

/* The next such chain after the ordinal `after`. ERR_NOT_FOUND when there is none. */
enum err store_notify_chain(struct db *db, struct op *op, int64_t after,
                            struct notify_chain *ret_chain) MUST_CHECK;

/* Moves the position to `to`. ERR_NOT_FOUND when it is another one by now: a node has done that. */
enum err store_notify_advance(struct db *db, struct op *op, const struct notify_chain *chain,
                              const struct notify_position *to) MUST_CHECK;

/* The greatest id of any notification; 0 without one. */
enum err store_notification_newest(struct db *db, struct op *op, int64_t *ret_id) MUST_CHECK;

/* An event without what it says, and what decides who hears of it, of its record as it is now. */
struct notify_event {
    int64_t seq, at, actor_id;
    struct str action;
    struct task
        task; /* id, workspace_id, assignee_id, reporter_id, source_id, assigned_at, proposed_by,
                         follower_count, status and due_date alone; id 0: it is about no record */
};

struct notify_events {
    struct notify_event *items;
    size_t n;
};

/* Of a chain, after seq `after`, at most `limit`. */
enum err store_notify_events(struct db *db, struct op *op, int64_t ordinal, int64_t after,
                             int64_t limit, struct notify_events *ret_events) MUST_CHECK;

/* Adds one, in place of the one that the person has of the same record and reason. Drops that one, unless
 * it was read. Drops what a person has beyond NOTIFICATIONS_MAX. */
enum err store_notification_put(struct db *db, struct op *op,
                                const struct notification *notification) MUST_CHECK;
enum err store_notification_withdraw(struct db *db, struct op *op,
                                     const struct notification *notification) MUST_CHECK;
enum err store_notifications_trim(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

/* ---- for the person ---- */

/* A notification with what its reader sees of the record. */
struct notification_row {
    struct notification notification;
    int64_t workspace_id, source_id, number;
    int64_t original_workspace_id, original_number; /* of one to confirm as a duplicate; 0 */
    struct str title;
    int32_t due_date; /* of the record; DATE_NONE */
};

struct notification_rows {
    struct notification_row *items;
    size_t n;
};

/* Those with an id below `below`, the newest first, at most `limit`: of the app, or the unread ones of
 * it, or those that are to be mailed. */
enum notification_which { NOTIFICATION_APP, NOTIFICATION_UNREAD, NOTIFICATION_MAIL };
enum err store_notifications(struct db *db, struct op *op, int64_t account_id,
                             enum notification_which which, int64_t below, int64_t limit,
                             struct notification_rows *ret_rows) MUST_CHECK;

/* How many are unread in the app, workspace by workspace: pairs of its id and the number. */
enum err store_notifications_unread(struct db *db, struct op *op, int64_t account_id,
                                    struct db_rows *ret_pairs) MUST_CHECK;

/* Marks as read: one by its id, all of a record, all up to an id: of these at most `limit`. */
enum err store_notification_read(struct db *db, struct op *op, int64_t account_id,
                                 int64_t id) MUST_CHECK;
enum err store_notifications_read_of(struct db *db, struct op *op, int64_t account_id,
                                     int64_t task_id) MUST_CHECK;
enum err store_notifications_read_to(struct db *db, struct op *op, int64_t account_id, int64_t id,
                                     int64_t limit, bool *ret_more) MUST_CHECK;

/* What the person has set; what is usual, if nothing. */
enum err store_notify_settings(struct db *db, struct op *op, int64_t account_id,
                               struct notify_settings *ret_settings) MUST_CHECK;

/* Until the transaction ends no other node changes them. */
enum err store_notify_settings_hold(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;
enum err store_notify_settings_put(struct db *db, struct op *op, int64_t account_id,
                                   const struct notify_settings *settings) MUST_CHECK;

/* Those of a reason are to be mailed no more, at most `limit` of them. */
enum err store_notifications_keep(struct db *db, struct op *op, int64_t account_id,
                                  enum notify_reason reason, int64_t limit,
                                  bool *ret_more) MUST_CHECK;

/* ---- what ends ---- */

/* Those with an id below `below`, at most `limit`. */
enum err store_notifications_drop(struct db *db, struct op *op, int64_t below, int64_t limit,
                                  bool *ret_more) MUST_CHECK;

/* All of a person, and what they have set. */
enum err store_notifications_erase(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

#endif
