/*
 * Making and changing people (model/person.h judges): the account and its roles, with an event in
 * the chain of each domain that the person holds a role on (none of what the operator does, who
 * stands outside of history). Each is a change on the write lane; the
 * API hands it over and goes on, a sub-command waits. Whatever alters what a person may do raises
 * the directory, so that no cached check of a token outlives it: here at once, on other nodes as
 * soon as they hear of it, and after 5 s at the latest.
 */
#ifndef BZCTRL_CORE_PERSON_H
#define BZCTRL_CORE_PERSON_H

#include "core/change.h"
#include "model/person.h"

/* The caller fills in change.op and change.done, and the rest of the first part. */
struct person_save {
    struct change change;
    const struct directory *directory; /* that the settings were judged by */
    const struct account *before;      /* NULL: a new person */
    struct person_settings settings;
    struct str password_hash; /* text form (core/password.h); absent: none, or as it is */
    bool password_same;       /* it is the one that there is, so no sign-in ends for it alone */
    int64_t actor_id;         /* 0: the operator */
    bool erase;               /* by core/erasure.h */

    int64_t account_id;
    bool clears_password; /* the person has none any more, and needs a link for a new one */
};

/* ERR_OUTDATED when the directory is no longer the one that was judged by: judge again. Disabling
 * ends all that the person has signed in with, for good; so does a password; and so does a gain
 * that somebody who knows the password must not have (person_gains_beyond()), which clears it. A
 * link whose maker must not have that gain is void. */
enum err person_save(struct core *core, struct person_save *save) MUST_CHECK;
enum err person_save_wait(struct core *core, struct person_save *save) MUST_CHECK;

#endif
