/*
 * The directory: domains, workspaces, people, roles and forms, as one immutable snapshot with a
 * version, so that a request can be judged without touching the database. core/directory.c keeps
 * the current one; its users hold a reference.
 */
#ifndef BZCTRL_MODEL_DIRECTORY_H
#define BZCTRL_MODEL_DIRECTORY_H

#include "base/arena.h"
#include "model/date.h"
#include "model/grant.h"

struct client;
struct old_email;

struct domain {
    int64_t id;
    struct str key; /* "EXA-CON-BUS" */
    int64_t created_at;
};

/* An ApiForm of a workspace, the part that everybody needs; its rules are in core/form.h. */
struct form_head {
    int64_t id, workspace_id;
    struct str name;
    int64_t version; /* the newest */
    bool is_default, disabled;
};

struct workspace {
    int64_t id;
    const struct domain *domain;
    struct str key;  /* "EXA-CON-BUS-WOR" */
    struct str name; /* for people; the key when none was given */
    struct zone *zone;
    struct str zone_name;
    int64_t version; /* raised by each change of the members above */
    int64_t created_at;
    const struct form_head *forms; /* ordered by name; none: the built-in form alone */
    size_t form_count;
    const struct form_head *default_form; /* of them; NULL: the built-in one */
};

enum account_kind { ACCOUNT_PERSON = 1, ACCOUNT_CLIENT = 2 };

/* Who could last set a person's password: the account of that id, or one of these (sql/0015). */
enum {
    PASSWORD_BY_OPERATOR = 0,
    PASSWORD_NONE = -1,
    PASSWORD_BY_UNKNOWN = -2, /* it is older than the question */
    PASSWORD_BY_OTHERS = -3,  /* an account that others had at the time, or may have had */
};

struct account {
    int64_t id;
    enum account_kind kind;
    struct str email; /* folded, but see model/old_email.h; of a client its client id */
    struct str name;  /* may be absent */
    bool admin;
    bool disabled;
    bool password_grant; /* may get tokens with its password */
    int64_t version;     /* of a person: raised by each change of it and of its roles */
    int64_t created_at;
    int64_t password_by;         /* of a person: who may know the password (model/right.h) */
    const struct client *client; /* model/client.h; NULL of a person */
};

struct directory {
    int64_t version;
    const struct domain *domains; /* each array ordered by key, accounts by e-mail */
    size_t domain_count;
    const struct domain *const *domains_by_id;
    const struct workspace *workspaces;
    size_t workspace_count;
    const struct account *accounts;
    size_t account_count;
    const struct account *const *accounts_by_id;
    const struct old_email *old_emails; /* mostly none; the older account first */
    size_t old_email_count;
    const struct workspace *const *workspaces_by_id;
    const struct grant *grants; /* ordered by account id, then domain id */
    size_t grant_count;
};

/* Lookups by name ignore case; NULL when nothing is found. */
const struct domain *directory_domain(const struct directory *d, struct str key);
const struct workspace *directory_workspace(const struct directory *d, struct str key);
const struct account *directory_account(const struct directory *d, struct str email);
const struct form_head *workspace_form(const struct workspace *workspace, struct str name);
const struct workspace *directory_workspace_by_id(const struct directory *d, int64_t id);
const struct domain *directory_domain_by_id(const struct directory *d, int64_t id);
const struct account *directory_account_by_id(const struct directory *d, int64_t id);

/* What an account holds, whether or not it is disabled. */
const struct grant *directory_grants(const struct directory *d, int64_t account_id, size_t *ret_n);

/* By a grant on it or above; an admin has ROLE_ADMIN everywhere, a disabled account ROLE_NONE. */
enum role directory_role(const struct directory *d, const struct account *account,
                         const struct domain *domain);
/* True for an admin who is not disabled. */
bool directory_is_admin(const struct account *account);
bool directory_has_people(const struct directory *d); /* whether or not they are disabled */

/* True if a person may be reporter or assignee there: has a role on the domain, not disabled. */
bool directory_knows(const struct directory *d, const struct account *account,
                     const struct domain *domain);

#endif
