/*
 * Rights: the role table of the contract, and the one place that decides what an account may do. A
 * person has a role on a domain, which counts for all below; a client has scopes, and workspaces
 * that it is limited to, and reads what it has sent itself unless it was given the workspace to
 * read. Whoever may not even see a workspace is answered as if it did not exist.
 */
#ifndef BZCTRL_MODEL_RIGHT_H
#define BZCTRL_MODEL_RIGHT_H

#include "model/directory.h"

enum right {
    RIGHT_SEE,    /* know that the workspace is there */
    RIGHT_READ,   /* records, events, comments, attachments, forms' schemas */
    RIGHT_CREATE, /* records, comments, attachments */
    RIGHT_WRITE,  /* edit, change the status, assign */
    RIGHT_MANAGE, /* re-open, edit many, forms, webhooks, clients, people */
};

/* Which records of a workspace a right reaches. */
enum reach {
    REACH_NONE,
    REACH_OWN, /* those that the account was the source of */
    REACH_ALL,
};

enum reach right_reach(const struct directory *d, const struct account *account, enum right right,
                       const struct workspace *workspace);

/* Does it reach a record of that source? */
bool reach_covers(enum reach reach, const struct account *account, int64_t source_id);

/* Does the account know that the domain is there? A person by a role on it or above it; a client if
 * it is its own or below that, and, when it is limited to workspaces, above one of them. */
bool right_sees_domain(const struct directory *d, const struct account *account,
                       const struct domain *domain);

/*
 * Who looks after people; `caller` NULL is the operator, who may all.
 *
 * A manager gives and takes roles at or below the own domain, and sees who holds one there. What
 * reaches further than a domain (the name, disabling, a new password) is only for who manages all
 * domains that the person holds a role on; and nothing of an admin is for any but admins.
 */
bool right_manages(const struct directory *d, const struct account *caller,
                   const struct domain *domain);
bool right_manages_any(const struct directory *d, const struct account *caller);
bool right_sees_person(const struct directory *d, const struct account *caller,
                       const struct account *person);
bool right_over_person(const struct directory *d, const struct account *caller,
                       const struct account *person);

/*
 * The one who could last set a person's password never gains by a role that somebody else gives.
 *
 * That is the one who made the link under which it was set, and may have used it first; or the
 * operator. A change by the person itself alters nothing of that, since the maker of the link may
 * be the one who is signed in. May somebody who knows the password have what a role on `domain`
 * gives, or (NULL) what an admin may? Yes if `by`, an account's password_by, manages the domain
 * now, is an admin, or the operator; an unknown one counts where the person holds a role already;
 * and a password that does not exist is known to nobody.
 */
bool right_vouched(const struct directory *d, const struct account *person, int64_t by,
                   const struct domain *domain);

/* May a token that was granted the scope `granted` do what asks for the scope `wanted` ("" asks for
 * none)? A client may no longer do what has been taken from it since. */
bool right_scope(const struct account *account, struct str granted, struct str wanted);

#endif
