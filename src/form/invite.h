/*
 * Inviting: what a form does with a reporter who has no role in the domain. The form lists mail
 * domains. A person with an address there becomes a viewer of the workspace's domain with the first
 * report that names them; anybody else is a fault. An invited person has no password, and can sign
 * in only after a manager has sent a link to set one.
 */
#ifndef BZCTRL_FORM_INVITE_H
#define BZCTRL_FORM_INVITE_H

#include "form/form.h"
#include "model/person.h"

/* Reports can create at most this many accounts; after that only people can add people. */
enum { INVITE_ACCOUNTS_MAX = 100000 };

/* May a report by the form invite this address, which has no role in the domain? */
enum invite {
    INVITE_NOBODY, /* the form does not invite it, or it cannot be invited */
    INVITE_ALLOWED,
    /* It has an account that only an admin can add: it has no role at all, or somebody who does not
     * manage the domain may know its password (right_vouched()). */
    INVITE_BY_ADMIN,
};
enum invite invite_judge(const struct form *form, const struct directory *directory,
                         const struct domain *domain, struct str email);

/* The existing account (NULL: none), and the settings that make its owner a viewer of the domain.
 * ERR_MEMORY. */
enum err invite_make(struct op *op, const struct directory *directory, const struct domain *domain,
                     struct str email, const struct account **ret_before,
                     struct person_settings *ret_settings) MUST_CHECK;

/* The directory as if somebody of that address were in it, with an account of id 0: a dry run uses
 * it to show people. Only look-ups by id work. In the arena; it borrows from `directory`.
 * ERR_MEMORY. */
enum err invite_preview(struct op *op, const struct directory *directory, struct str email,
                        const struct directory **ret_directory) MUST_CHECK;

#endif
