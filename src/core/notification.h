/*
 * Notifications as they are made (by their follower, follow/notify.c), read and dropped. What is to be
 * mailed of them is in core/mail.h.
 */
#ifndef BZCTRL_CORE_NOTIFICATION_H
#define BZCTRL_CORE_NOTIFICATION_H

#include "core/change.h"
#include "store/notification.h"

/* A notification that is to be delivered. */
struct notify_item {
    struct notification told; /* without an id */
    int64_t seq;              /* of its event */
    int64_t due_at;           /* when its mail is due, if it is mailed */
    bool withdraws;           /* what it is about was undone: an unread one of that reason goes */
};

/* The notifications that some events of a chain cause, and the position after them. They are written in pieces,
 * each with the position after it in one transaction: so many of them hold the write lane no longer than a few,
 * and each is delivered once, wherever it is interrupted. */
struct notify_delivery {
    /* Set by the caller. */
    struct op *op;
    struct notify_chain chain;
    int64_t to; /* the last of the events */
    struct notify_item
        *items; /* in the order of their events; of one event in that of the accounts */
    size_t n;

    /* Of the piece that is written. */
    struct change change;
    struct notify_item *piece;
    size_t piece_n;
    struct notify_position piece_to;
    bool overtaken; /* another node has done it */
};

enum err notify_deliver(struct core *core, struct notify_delivery *delivery) MUST_CHECK;

/* May the person still see what the notification is about? Asked whenever one is shown or mailed. */
bool notification_visible(const struct directory *directory, const struct account *person,
                          const struct notification_row *row);

/* The unread ones that the person may see. */
enum err notifications_unread(struct db *db, struct op *op, const struct directory *directory,
                              const struct account *person, int64_t *ret_n) MUST_CHECK;

/* What the person has read: some ids, or all of a record, or all up to an id. */
struct notify_reading {
    /* Set by the caller. */
    struct op *op;
    int64_t account_id;
    const int64_t *ids;
    size_t n;
    int64_t task_id, up_to; /* 0: not so */

    struct change change;
    bool more;
};

enum err notify_read(struct core *core, struct notify_reading *reading) MUST_CHECK;

/* What the person sets. A mail that is waiting follows it. ERR_OUTDATED: something else is set by now than
 * `before`; judge again. */
struct notify_setting {
    /* Set by the caller. */
    struct op *op;
    int64_t account_id;
    struct notify_settings before, settings;
    bool resumes; /* the address is to be tried again */

    struct change change;
    bool more;
};

enum err notify_set(struct core *core, struct notify_setting *setting) MUST_CHECK;

/* Drops what is older than NOTIFICATION_DAYS, a bounded amount at once (core/expiry.h). */
enum err core_notifications_drop(struct core *core, struct op *op, bool *ret_more) MUST_CHECK;

#endif
