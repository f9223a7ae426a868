/*
 * Links for a new password: made by an admin, a manager or the operator, good for a day and for one
 * time, in place of any link before. A link has 256 random bits, of which only the SHA-256 is kept,
 * so its use needs no throttle. Whoever made it must still be allowed to when it is used: so nobody
 * gets into an account that has grown beyond the own reach since. And since the maker may have used
 * it, the account keeps who that was (right_vouched()).
 *
 * Both calls block: the first until the link is stored, the second until the password is.
 */
#ifndef BZCTRL_CORE_PASSWORD_RESET_H
#define BZCTRL_CORE_PASSWORD_RESET_H

#include "core/login.h"
#include "store/person.h"

/* The caller fills in the first part. */
struct password_reset_make {
    struct op *op;
    const struct directory *directory; /* that the right to it was judged by */
    const struct account *person;
    int64_t made_by; /* 0: the operator */

    struct str token; /* the link's, in op->arena, and nowhere else, ever */
    struct password_reset reset;
    struct change change;
};

/* ERR_CONFLICT when the person is disabled; ERR_OUTDATED: judge again. */
enum err password_reset_make(struct core *core, struct password_reset_make *make) MUST_CHECK;

/* Sets the password by a link, hashed on `login`'s lane. ERR_NOT_FOUND: the link is unknown, used,
 * replaced, too old or void, all the same; ERR_INVALID: the password breaks a rule, which
 * op->detail says; ERR_BUSY: too much is being hashed. */
enum err password_reset_use(struct core *core, struct login *login, struct op *op, struct str token,
                            struct str password) MUST_CHECK;

#endif
