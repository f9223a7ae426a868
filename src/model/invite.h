/*
 * Inviting: what a form can say about a reporter whom the domain does not know. The form lists mail
 * domains; who has an address there becomes a viewer of the workspace's domain with the first
 * report that names them, and all others are a fault. An invited person has no password, and so
 * signs in only once a manager has made a link for one.
 */
#ifndef BZCTRL_MODEL_INVITE_H
#define BZCTRL_MODEL_INVITE_H

#include "model/form.h"
#include "model/person.h"

/* Reports make no more accounts than this; beyond it people are added by people. */
enum { INVITE_ACCOUNTS_MAX = 100000 };

/* May a report by the form invite this address, which the domain does not know? */
enum invite {
    INVITE_NOBODY, /* the form does not invite it, or it cannot be invited */
    INVITE_ALLOWED,
    /* It has an account that an admin must let in: one without a role, or whose password somebody
     * may know who does not manage the domain (right_vouched()). */
    INVITE_BY_ADMIN,
};
enum invite invite_judge(const struct form *form, const struct directory *directory,
                         const struct domain *domain, struct str email);

/* The account that is there already (NULL: none), and the settings that make its owner a viewer of
 * the domain. ERR_MEMORY. */
enum err invite_make(struct op *op, const struct directory *directory, const struct domain *domain,
                     struct str email, const struct account **ret_before,
                     struct person_settings *ret_settings) MUST_CHECK;

/* The directory as if somebody of that address were in it, with an account of id 0: what a dry run
 * shows its people by, and good for look-ups by id alone. In the arena; it borrows from
 * `directory`. ERR_MEMORY. */
enum err invite_preview(struct op *op, const struct directory *directory, struct str email,
                        const struct directory **ret_directory) MUST_CHECK;

#endif
