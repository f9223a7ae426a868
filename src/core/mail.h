/*
 * Mail that is to go out (sql/0041): each person has one at most, which waits for the end of their window and
 * then takes all notifications that are to be mailed and still unread. jobs/mail.c sends them.
 *
 * A mail is claimed on a lease before it is written, and what it has is fixed then. Should the process end
 * before the outcome is stored, it is sent again after the lease, with the same Message-ID.
 */
#ifndef BZCTRL_CORE_MAIL_H
#define BZCTRL_CORE_MAIL_H

#include "core/change.h"
#include "model/notification.h"
#include "store/mail.h"

/* When a mail is due to which the first notification comes now. */
int64_t mail_due_at(const struct core *core, int64_t now, const struct notify_settings *settings,
                    const struct mail_address *address);

/* Claims the mail that has been due longest, for `lease_ms`. ERR_NOT_FOUND when none is due. */
enum err mail_claim(struct core *core, struct op *op, int64_t lease_ms,
                    struct mail_row *ret_mail) MUST_CHECK;

/* The token of a mail's unsubscribe link, and the account that it is for: a signed text, which nobody else can
 * make. ERR_SYNTAX for any other text. */
void buf_mail_token(struct buf *buf, const struct core *core, int64_t account_id);
enum err mail_token_read(const struct core *core, struct str token,
                         int64_t *ret_account_id) MUST_CHECK;

/* How it ended. */
enum mail_outcome {
    MAIL_SENT,
    MAIL_NOTHING,  /* there was nothing left to say, or nobody to say it to */
    MAIL_GIVEN_UP, /* what it had stays in the app, and the address remembers why */
    MAIL_BOUNCED,  /* the address, which is suspended */
    /* It is tried again: */
    MAIL_LATER,   /* later and later */
    MAIL_UNTRIED, /* the mail server was not reached: it is as if it had not been claimed */
    MAIL_STOPPED, /* the same, since the server stops, which is not a failure */
    MAIL_CUT,     /* the server stops, and the mail may have arrived: it is sent again as it is */
};

/* A mail that still fails so long after its first attempt is given up. */
enum { MAIL_DAYS = 5 };

/* The address of a person is tried again: their own choice is notify_set() (core/notification.h), this is that of
 * an admin, an event of administration. ERR_OUTDATED when the directory is another one by now. */
enum err mail_resume(struct core *core, struct op *op, const struct directory *directory,
                     const struct account *person, int64_t actor_id) MUST_CHECK;

/* Records the outcome; `reason` is the mail server's words, of what has failed. ERR_NOT_FOUND when another node has since
 * claimed the mail, which is not an error. */
enum err mail_end(struct core *core, struct op *op, const struct mail_row *mail,
                  enum mail_outcome outcome, struct str reason) MUST_CHECK;

#endif
