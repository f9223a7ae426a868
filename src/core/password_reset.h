/*
 * Password reset links: created by an admin, a manager or the operator, valid for one use within a
 * day, and replacing any earlier link. A link has 256 random bits, of which only the SHA-256 is
 * stored, so its use needs no throttle. Its creator must still have the right to create it when it
 * is used, so that nobody gets into an account that has since gained rights beyond their reach. And
 * because the creator may have used it, the account records who that was (right_vouched()).
 *
 * Making and using one block: until the link is stored, and until the password is.
 */
#ifndef BZCTRL_CORE_PASSWORD_RESET_H
#define BZCTRL_CORE_PASSWORD_RESET_H

#include "core/change.h"
#include "store/person.h"

/* The caller fills in the first part. */
struct password_reset_make {
    struct op *op;
    const struct directory *directory; /* by which the right to it was judged */
    const struct account *person;
    int64_t made_by; /* 0: the operator */

    struct str token; /* the link's, in op->arena; never stored anywhere */
    struct password_reset reset;
    struct change change;
};

/* store_password_give(), with the state (core/admin_state.h) of all but the account itself. */
enum err password_give(struct batch *batch, struct op *op, int64_t account_id,
                       struct str password_hash, int64_t by, int64_t actor_id) MUST_CHECK;

/* ERR_CONFLICT when the person is disabled; ERR_OUTDATED: judge again. */
enum err password_reset_make(struct core *core, struct password_reset_make *make) MUST_CHECK;

/* Whose link is it? The account is the directory's. ERR_NOT_FOUND as below. */
enum err password_reset_find(struct db *db, struct op *op, const struct directory *directory,
                             struct str token, const struct account **ret_person) MUST_CHECK;

/* Sets the password with a link; slow, since it hashes it (password.h). ERR_NOT_FOUND: the link is
 * unknown, used, replaced, expired or void; ERR_INVALID: the password breaks a rule, which
 * op->detail names; ERR_OUTDATED: judge again. */
enum err password_reset_use(struct core *core, struct op *op, struct str token,
                            struct str password) MUST_CHECK;

#endif
