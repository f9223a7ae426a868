/*
 * Making and changing people (model/person.h judges): the account and its roles, with an event in
 * the chain of each domain that the person holds a role on (but none for what the operator does,
 * who is not part of history). Each is a change on the write lane, and each call blocks until it is
 * on stable storage. Whatever alters what a person may do raises the directory's version, so that
 * no cached check of a token outlives it: here at once, on other nodes as soon as they hear of it,
 * and after 5 s at the latest.
 */
#ifndef BZCTRL_CORE_PERSON_H
#define BZCTRL_CORE_PERSON_H

#include "core/change.h"
#include "model/person.h"

/* The caller fills in the first part. */
struct person_save {
    struct op *op;
    const struct directory *directory; /* that the settings were judged by */
    const struct account *before;      /* NULL: a new person */
    struct person_settings settings;
    struct str password_hash; /* text form (core/password.h); absent: none, or as it is */
    bool password_same;       /* it is the one that there is, so no sign-in ends for it alone */
    int64_t actor_id;         /* 0: the operator */
    bool erase;               /* by core/erasure.h */

    int64_t account_id;
    bool clears_password; /* the person has none any more, and needs a link for a new one */
    struct change change;
};

/* ERR_OUTDATED when the directory is no longer the one that was judged by: judge again. Disabling
 * ends all that the person has signed in with, for good; so does a password; and so does a gain
 * that somebody who knows the password must not have (person_gains_beyond()), which clears it. A
 * link whose maker must not have that gain is void. */
enum err person_save(struct core *core, struct person_save *save) MUST_CHECK;

/* The same for the intake of reports, which does not wait: `done` comes back with the outcome in
 * change.err. ERR_BUSY when too much is waiting: then it is not called. */
enum err person_save_start(struct core *core, struct person_save *save,
                           change_done_fn *done) MUST_CHECK;

#endif
