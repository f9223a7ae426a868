/*
 * Mail that is to go out, and what is known of the addresses (sql/0041). core/mail.h explains its life.
 */
#ifndef BZCTRL_STORE_MAIL_H
#define BZCTRL_STORE_MAIL_H

#include "db/db.h"

struct mail_row {
    int64_t id, account_id;
    int64_t up_to;    /* the newest notification that it has; 0: it was not tried yet */
    int64_t attempts; /* claims so far, this one included */
};

/* Makes one for the person, unless there is one. */
enum err store_mail_add(struct db *db, struct op *op, int64_t id, int64_t account_id,
                        int64_t due_at) MUST_CHECK;

/* Claims the one that has been due longest; one that was not tried yet gets the newest notification that
 * there is. ERR_NOT_FOUND when none is due. */
enum err store_mail_claim(struct db *db, struct op *op, int64_t lease_until,
                          struct mail_row *ret_mail) MUST_CHECK;

/* Ends a claim: to be tried again at `due_at`, for `reason`; or, when it was not `tried`, as if it had
 * not been claimed. ERR_NOT_FOUND when another node has claimed it since. */
enum err store_mail_put_off(struct db *db, struct op *op, const struct mail_row *mail,
                            int64_t due_at, bool tried, struct str reason) MUST_CHECK;

/* Ends a mail: what it had is to be mailed no more. ERR_NOT_FOUND as above. */
enum err store_mail_drop(struct db *db, struct op *op, const struct mail_row *mail) MUST_CHECK;

/* When the next one is due that nobody works on; INT64_MAX: there is none. */
enum err store_mail_next(struct db *db, struct op *op, int64_t *ret_due_at) MUST_CHECK;

/* Is there something else that is to be mailed to the person? */
enum err store_mail_wanted(struct db *db, struct op *op, int64_t account_id,
                           bool *ret_wanted) MUST_CHECK;

/* The windows of what was not tried yet begin with its id; their ends follow a change of settings. */
enum err store_mail_of(struct db *db, struct op *op, int64_t account_id,
                       int64_t *ret_id) MUST_CHECK;
enum err store_mail_due(struct db *db, struct op *op, int64_t account_id,
                        int64_t due_at) MUST_CHECK;

struct mail_address {
    int64_t sent_at, suspended_at; /* or TIME_NONE */
    struct str reason;             /* absent */
};
enum err store_mail_address(struct db *db, struct op *op, int64_t account_id,
                            struct mail_address *ret_address) MUST_CHECK;
enum err store_mail_sent(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;
enum err store_mail_suspend(struct db *db, struct op *op, int64_t account_id,
                            struct str reason) MUST_CHECK;
enum err store_mail_resume(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

/* All of a person. */
enum err store_mail_erase(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

#endif
