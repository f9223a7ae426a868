/*
 * Mail that is to go out, and what is known of the addresses (sql/0041). core/mail.h explains its life.
 */
#ifndef BZCTRL_STORE_MAIL_H
#define BZCTRL_STORE_MAIL_H

#include "db/db.h"

struct mail_row {
    int64_t id, account_id;
    int64_t up_to;         /* the newest notification that it has; 0: it was not tried yet */
    int64_t attempts;      /* claims so far, this one included */
    int64_t failing_since; /* the first attempt that failed, or TIME_NONE */
};

/* Makes one for the person, unless there is one. */
enum err store_mail_add(struct db *db, struct op *op, int64_t id, int64_t account_id,
                        int64_t due_at) MUST_CHECK;

/* Claims the one that has been due longest; one that was not tried yet gets the newest notification that
 * there is. ERR_NOT_FOUND when none is due. */
enum err store_mail_claim(struct db *db, struct op *op, int64_t lease_until,
                          struct mail_row *ret_mail) MUST_CHECK;

/* Ends a claim: to be tried again at `due_at`; or, when it was not `tried`, as if it had not been claimed.
 * `reason` says why it failed; absent: it did not. ERR_NOT_FOUND when another node has claimed it since. */
enum err store_mail_put_off(struct db *db, struct op *op, const struct mail_row *mail,
                            int64_t due_at, bool tried, struct str reason) MUST_CHECK;

/* Ends a mail: what it had is mailed no more. ERR_NOT_FOUND as above. */
enum err store_mail_drop(struct db *db, struct op *op, const struct mail_row *mail) MUST_CHECK;

/* When the next one is due that nobody works on; INT64_MAX: there is none. */
enum err store_mail_next(struct db *db, struct op *op, int64_t *ret_due_at) MUST_CHECK;

/* Is there something else that is to be mailed to the person? */
enum err store_mail_wanted(struct db *db, struct op *op, int64_t account_id,
                           bool *ret_wanted) MUST_CHECK;

/* A person's mail that has not been tried yet (0: none): its window begins at the time of its id; and moves
 * the window's end. */
enum err store_mail_of(struct db *db, struct op *op, int64_t account_id,
                       int64_t *ret_id) MUST_CHECK;
enum err store_mail_due(struct db *db, struct op *op, int64_t account_id,
                        int64_t due_at) MUST_CHECK;

struct mail_address {
    int64_t sent_at, suspended_at; /* or TIME_NONE */
    int64_t given_up_at;           /* the last mail was given up; or TIME_NONE */
    struct str reason;             /* of either, in the mail server's words; or absent */
};
enum err store_mail_address(struct db *db, struct op *op, int64_t account_id,
                            struct mail_address *ret_address) MUST_CHECK;
enum err store_mail_sent(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;
enum err store_mail_give_up(struct db *db, struct op *op, int64_t account_id,
                            struct str reason) MUST_CHECK;
enum err store_mail_suspend(struct db *db, struct op *op, int64_t account_id,
                            struct str reason) MUST_CHECK;
enum err store_mail_resume(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

/* Has anybody but that account been sent a mail since? */
enum err store_mail_sent_since(struct db *db, struct op *op, int64_t since, int64_t account_id,
                               bool *ret_sent) MUST_CHECK;

/* ---- for the operator ---- */

/* Since when the first mail is late, which is due or was tried in vain; TIME_NONE: none is. Two looks by indexes. */
enum err store_mail_late(struct db *db, struct op *op, int64_t *ret_since) MUST_CHECK;

struct mail_queue {
    int64_t waiting;
    int64_t late; /* of these */
    int64_t late_since;
};
enum err store_mail_queue(struct db *db, struct op *op, struct mail_queue *ret_queue) MUST_CHECK;

/* A mail that was tried in vain. */
struct mail_failing {
    int64_t account_id, attempts, failing_since, due_at;
    struct str reason;
};
struct mail_failing_list {
    const struct mail_failing *items;
    size_t n;
};

/* Those that fail the longest, at most `limit`. */
enum err store_mail_failing(struct db *db, struct op *op, int64_t limit,
                            struct mail_failing_list *ret_list) MUST_CHECK;

struct mail_trouble {
    int64_t account_id;
    struct mail_address address;
};
struct mail_trouble_list {
    const struct mail_trouble *items;
    size_t n;
};

/* Addresses that are suspended, or whose last mail was given up: of accounts after `after`, in the order of their
 * ids, at most `limit`. */
enum err store_mail_troubles(struct db *db, struct op *op, int64_t after, int64_t limit,
                             struct mail_trouble_list *ret_list) MUST_CHECK;

/* All of a person. */
enum err store_mail_erase(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

#endif
