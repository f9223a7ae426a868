/*
 * Notifications: what people hear of, and in which way. A notification is about one record and has
 * one reason; what else happens for the same reason before it is read belongs to it. Pure.
 */
#ifndef BZCTRL_MODEL_NOTIFICATION_H
#define BZCTRL_MODEL_NOTIFICATION_H

#include "model/directory.h"

/* Stored by their numbers. What people do themselves is not a reason for them. */
enum notify_reason {
    NOTIFY_ASSIGNED,  /* somebody gave them the record, or opened it again */
    NOTIFY_MENTIONED, /* in a comment */
    NOTIFY_COMMENTED, /* a comment on a record that is theirs or that they follow */
    NOTIFY_STATUS,    /* such a record was closed, opened again, or expired */
    NOTIFY_DUE,       /* a reminder of a record that is not overdue */
    NOTIFY_OVERDUE,   /* a reminder of one that is */
    NOTIFY_ESCALATED,
    NOTIFY_CONFIRM,         /* closing it awaits a second person, which they may be */
    NOTIFY_WEBHOOK_FAILING, /* a webhook of theirs does not deliver it, nor anything else for days */
    NOTIFY_WEBHOOK_PAUSED,  /* and is paused now */
    NOTIFY_RETURNED,        /* a second person did not confirm that it is done */
    NOTIFY_REASONS
};

/* How long mail is gathered before it goes out, in one. */
enum notify_bundle {
    BUNDLE_NOW, /* for a minute or so (core/mail.h) */
    BUNDLE_HOURS,
    BUNDLE_DAY,
    BUNDLE_WEEK,
    BUNDLE_COUNT
};

/* LANGUAGE_UNSET: nobody has chosen one, so it is the server's (core_language()). */
enum language { LANGUAGE_UNSET = -1, LANGUAGE_EN, LANGUAGE_NL, LANGUAGE_COUNT };

struct notify_settings {
    unsigned app, mail; /* a bit for each reason */
    enum notify_bundle bundle;
    enum language language; /* of mail */
};

bool notify_settings_equal(const struct notify_settings *a, const struct notify_settings *b);

/* What counts for people who have set nothing. */
extern const struct notify_settings notify_usual;

/* "assigned"; "4 hours"; "nl". The readers return false for any other text. */
struct str notify_reason_name(enum notify_reason reason);
struct str notify_bundle_name(enum notify_bundle bundle);
struct str language_name(enum language language);
bool notify_bundle_read(struct str name, enum notify_bundle *ret_bundle);
bool language_read(struct str name, enum language *ret_language);

/* In milliseconds; 0 of BUNDLE_NOW. */
int64_t notify_bundle_ms(enum notify_bundle bundle);

/* So many are kept for a person: beyond that the oldest go. And so many days. */
enum { NOTIFICATIONS_MAX = 10000, NOTIFICATION_DAYS = 90 };

struct notification {
    int64_t id; /* it grows with each event */
    int64_t account_id, task_id;
    enum notify_reason reason;
    int64_t at;         /* of the newest event */
    int64_t actor_id;   /* 0: it came by itself */
    int64_t comment_id; /* 0: it is not about a comment */
    int64_t events;     /* since it was last read */
    int32_t due_date;   /* of a reminder: the one that it was about; DATE_NONE */
    bool app, mail;     /* the ways that it goes */
    bool read;
};

#endif
