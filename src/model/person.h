/*
 * People: their settings, and who may change them (model/right.h, "Who looks after people").
 */
#ifndef BZCTRL_MODEL_PERSON_H
#define BZCTRL_MODEL_PERSON_H

#include "base/op.h"
#include "model/directory.h"
#include "model/faults.h"
#include "model/word.h"

/* As it was sent; a member that was not sent is absent. */
struct role_draft {
    struct str domain, role;
};

struct person_draft {
    struct str email; /* of a new one only */
    struct str name;
    const struct role_draft *roles;
    size_t role_count;
    bool name_sent, roles_sent; /* a name that was sent and is absent: remove it */
    bool admin, admin_sent;
    bool disabled, disabled_sent;
    bool password_grant, password_grant_sent;
};

struct person_settings {
    struct str email, name; /* the address folded; the name may be absent */
    bool admin, disabled, password_grant;
    const struct grant *grants; /* ordered by domain id */
    size_t grant_count;
};

enum { PERSON_WORDS_MAX = 64 * 1024 }; /* bytes of a name and an address, folded */

/* Is it a person, with each word of `typed` the beginning of one of their name, or of their address
 * before the '@'; or all of it the beginning of that address? Both are folded (model/word.h), in
 * `words`, a buffer of PERSON_WORDS_MAX bytes whose error the caller looks at. */
bool person_begins(const struct account *account, struct str typed, struct buf *words);

/* An e-mail address as it is kept, in the arena: folded (model/email.h), without blanks around it.
 * ERR_INVALID if it is not an address; ERR_MEMORY. */
enum err email_judge(struct op *op, struct str text, struct str *ret_email) MUST_CHECK;

/*
 * Applies a draft to the settings of `before` (NULL: a new person). Roles that were sent replace
 * all roles that the caller may give; roles elsewhere stay. It is not a fault here if the address
 * of a new person is already in use.
 *
 * ERR_INVALID: see `faults`. ERR_FORBIDDEN when `caller` (NULL: the operator) is not allowed to.
 * ERR_CONFLICT when no admin would be left, or when only an admin may add somebody who already has
 * an account: a person whom `caller` does not manage, when somebody who may know the password must
 * not gain the role (right_vouched()); or a person without any role, since the giver of the first
 * one would then manage an account with a past elsewhere. ERR_MEMORY. A domain that the caller
 * cannot see counts as missing.
 */
enum err person_judge(struct op *op, const struct person_draft *draft, const struct account *before,
                      const struct directory *directory, const struct account *caller,
                      struct faults *faults, struct person_settings *ret_settings) MUST_CHECK;

/* The settings as they are. */
struct person_settings person_settings_of(const struct directory *directory,
                                          const struct account *account);

/* Does the change from `before` to `settings` (enabling included) give the person rights that `by`
 * must not have (right_vouched())? Such a change clears the password, unless a new one comes with
 * it. */
bool person_gains_beyond(const struct directory *directory, const struct account *before,
                         const struct person_settings *settings, int64_t by);

/* The role in a list of grants that was given by hand on exactly this domain, and the one that is held
 * by a group; or ROLE_NONE. */
enum role grants_role(const struct grant *grants, size_t n, int64_t domain_id);
enum role grants_group_role(const struct grant *grants, size_t n, int64_t domain_id);

/* True if this is the only admin that is not disabled. */
bool person_is_last_admin(const struct directory *directory, const struct account *account);

#endif
