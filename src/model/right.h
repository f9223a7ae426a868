/*
 * Rights: the role table of the contract, and the one place that decides what an account may do. A
 * person has a role on a domain, which counts for all below; a client has scopes, and workspaces
 * that it is limited to, and reads what it has sent itself unless it was given the workspace to
 * read. An account that may not see a workspace is answered as if the workspace did not exist.
 */
#ifndef BZCTRL_MODEL_RIGHT_H
#define BZCTRL_MODEL_RIGHT_H

#include "model/directory.h"

enum right {
    RIGHT_SEE,     /* know that the workspace is there */
    RIGHT_READ,    /* records, events, comments, attachments, forms' schemas */
    RIGHT_CREATE,  /* records */
    RIGHT_COMMENT, /* comments, attachments */
    RIGHT_WRITE,   /* edit, change the status, assign */
    RIGHT_MANAGE,  /* re-open, edit many, forms, webhooks, clients, people */
    RIGHT_COUNT
};

/* Which records of a workspace a right reaches. */
enum reach {
    REACH_NONE,
    REACH_OWN, /* those that the account was the source of */
    REACH_ALL,
};

enum reach right_reach(const struct directory *d, const struct account *account, enum right right,
                       const struct workspace *workspace);

/* Does a role give the right, on its domain and below? What each right is called: "read". */
bool right_of_role(enum role role, enum right right);
const char *right_name(enum right right);

/* Does the account take part in what happens there? That is a person who reads all its records: who
 * may be mentioned, follow a record, and be chosen as its assignee. */
bool right_takes_part(const struct directory *d, const struct account *account,
                      const struct workspace *workspace);

/* Does it reach a record of that source? */
bool reach_covers(enum reach reach, const struct account *account, int64_t source_id);

/* Does the account know that the domain is there? A person by a role on it or above it; a client if
 * it is its own or below that, and, when it is limited to workspaces, above one of them. */
bool right_sees_domain(const struct directory *d, const struct account *account,
                       const struct domain *domain);

/*
 * Who may manage people. `caller` is NULL for the operator, who may do anything.
 *
 * A manager gives and removes roles on their domain and below, and sees who has one there. Settings
 * that are not limited to a domain (the name, disabling, a new password) may be changed only by a
 * manager of every domain on which the person has a role. Only an admin may change an admin.
 */
bool right_manages(const struct directory *d, const struct account *caller,
                   const struct domain *domain);
bool right_manages_any(const struct directory *d, const struct account *caller);
bool right_sees_person(const struct directory *d, const struct account *caller,
                       const struct account *person);
bool right_over_person(const struct directory *d, const struct account *caller,
                       const struct account *person);

/*
 * An account that may know a person's password must not gain rights when somebody else gives that
 * person a role.
 *
 * It is the account that made the link with which the password was set, and may have used the link
 * first; or the operator. A change by the person does not alter that, since the maker of the link
 * may be the one who is signed in. May an account that knows the password have the rights of a role
 * on `domain` or, if it is NULL, of an admin? Yes if `by`, an account's password_by, manages the
 * domain now, is an admin, or is the operator. An unknown one is accepted where the person already
 * has a role. If there is no password, nobody knows it.
 */
bool right_vouched(const struct directory *d, const struct account *person, int64_t by,
                   const struct domain *domain);

/* May a token with the scope `granted` do what requires the scope `wanted` ("" requires none)? A
 * client loses what has since been removed from its scopes. */
bool right_scope(const struct account *account, struct str granted, struct str wanted);

#endif
