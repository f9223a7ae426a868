/*
 * Adds and changes people (model/person.h judges): the account and its roles, with an event in the
 * chain of each domain on which the person has, or had, a role (core/admin_event.h). Each operation is a change on the write lane, and each call blocks until it
 * is on stable storage. Anything that changes a person's rights raises the directory's version, so
 * that no cached token check outlives it: at once on this node, and within 5 s on others.
 */
#ifndef BZCTRL_CORE_PERSON_H
#define BZCTRL_CORE_PERSON_H

#include "core/change.h"
#include "model/identity.h"
#include "model/person.h"

/* The caller fills in the first part. */
struct person_save {
    struct op *op;
    const struct directory *directory; /* by which the settings were judged */
    const struct account *before;      /* NULL: a new person */
    struct person_settings settings;
    struct str password_hash; /* text form (core/password.h); absent: none, or unchanged */
    bool password_same;       /* the password is unchanged, so it ends no sign-ins by itself */
    int64_t actor_id;         /* 0: the operator */
    bool erase;               /* by core/erasure.h */

    /* By a sign-in at a provider (core/identity.h), which makes the person its actor. */
    bool by_sign_in;
    const struct identity *link;       /* the account is theirs from now on; NULL: it is already */
    const struct group_rules *matched; /* replace those by which the account has roles */

    int64_t account_id;
    bool clears_password; /* the password was removed; the person needs a reset link */
    bool sets_password;
    struct change change;
};

/* ERR_OUTDATED when that directory is no longer in force: judge again. Disabling a person ends
 * all their sign-ins for good. So does a new password, and so does a new right that somebody who
 * knows the password must not have (person_gains_beyond()), which also removes the password. A
 * reset link whose creator must not have that right becomes void. */
enum err person_save(struct core *core, struct person_save *save) MUST_CHECK;

/* What it writes, for a change that makes more than a person: after admin_begin(), and with
 * batch_directory_patched() after it. */
enum err person_write(struct person_save *save, struct batch *batch) MUST_CHECK;

/* person_save() for the intake of reports, which does not wait: `done` is called with the outcome in
 * change.err. ERR_BUSY when too much is waiting: then it is not called. */
enum err person_save_start(struct core *core, struct person_save *save,
                           change_done_fn *done) MUST_CHECK;

#endif
