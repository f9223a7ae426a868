#include "model/directory.h"

#include "base/sorted.h"
#include "model/email.h"
#include "model/key.h"
#include "model/old_email.h"

#include <stdlib.h>

/* ---- by name ---- */

/* Orders a name in any case against a stored one, whose letters `fold` would leave as they are. */
static int name_cmp(struct str name, struct str stored, char (*fold)(char))
{
    size_t n = name.n < stored.n ? name.n : stored.n;
    for (size_t i = 0; i < n; i++) {
        unsigned char a = (unsigned char)fold(name.p[i]), b = (unsigned char)stored.p[i];
        if (a != b)
            return a < b ? -1 : 1;
    }
    return (name.n > stored.n) - (name.n < stored.n);
}

static int domain_cmp(const void *name, const void *domain)
{
    return name_cmp(*(const struct str *)name, ((const struct domain *)domain)->key, ascii_upper);
}

static int workspace_cmp(const void *name, const void *workspace)
{
    return name_cmp(*(const struct str *)name, ((const struct workspace *)workspace)->key,
                    ascii_upper);
}

static int account_cmp(const void *name, const void *account)
{
    return name_cmp(*(const struct str *)name, ((const struct account *)account)->email,
                    ascii_lower);
}

const struct domain *directory_domain(const struct directory *d, struct str key)
{
    return d->domain_count == 0
               ? NULL
               : bsearch(&key, d->domains, d->domain_count, sizeof *d->domains, domain_cmp);
}

const struct workspace *directory_workspace(const struct directory *d, struct str key)
{
    return d->workspace_count == 0 ? NULL
                                   : bsearch(&key, d->workspaces, d->workspace_count,
                                             sizeof *d->workspaces, workspace_cmp);
}

static const struct account *find_account(const struct directory *d, struct str email)
{
    return d->account_count == 0
               ? NULL
               : bsearch(&email, d->accounts, d->account_count, sizeof *d->accounts, account_cmp);
}

const struct account *directory_account(const struct directory *d, struct str email)
{
    char bytes[EMAIL_FOLDED_SIZE];
    const struct account *account = find_account(d, email);
    if (account != NULL)
        return account;
    struct str folded = {bytes, email_fold(email, bytes)};
    if (folded.n == 0)
        return NULL;
    account = find_account(d, folded);
    for (size_t i = 0; account == NULL && i < d->old_email_count; i++)
        if (str_eq(d->old_emails[i].folded, folded))
            account = d->old_emails[i].account;
    return account;
}

static int form_cmp(const void *name, const void *form)
{
    return name_cmp(*(const struct str *)name, ((const struct form_head *)form)->name, ascii_lower);
}

const struct form_head *workspace_form(const struct workspace *workspace, struct str name)
{
    return workspace->form_count == 0 ? NULL
                                      : bsearch(&name, workspace->forms, workspace->form_count,
                                                sizeof *workspace->forms, form_cmp);
}

/* ---- by id ---- */

static int workspace_id_cmp(const void *id, const void *workspace)
{
    int64_t a = *(const int64_t *)id, b = (*(const struct workspace *const *)workspace)->id;
    return (a > b) - (a < b);
}

static int account_id_cmp(const void *id, const void *account)
{
    int64_t a = *(const int64_t *)id, b = (*(const struct account *const *)account)->id;
    return (a > b) - (a < b);
}

static int domain_id_cmp(const void *key, const void *item)
{
    int64_t a = *(const int64_t *)key, b = (*(const struct domain *const *)item)->id;
    return (a > b) - (a < b);
}

const struct domain *directory_domain_by_id(const struct directory *d, int64_t id)
{
    const struct domain *const *found = d->domain_count == 0
                                            ? NULL
                                            : bsearch(&id, d->domains_by_id, d->domain_count,
                                                      sizeof(const struct domain *), domain_id_cmp);
    return found == NULL ? NULL : *found;
}

const struct workspace *directory_workspace_by_id(const struct directory *d, int64_t id)
{
    const struct workspace *const *found =
        d->workspace_count == 0 ? NULL
                                : bsearch(&id, d->workspaces_by_id, d->workspace_count,
                                          sizeof(const struct workspace *), workspace_id_cmp);
    return found == NULL ? NULL : *found;
}

const struct account *directory_account_by_id(const struct directory *d, int64_t id)
{
    const struct account *const *found =
        d->account_count == 0 ? NULL
                              : bsearch(&id, d->accounts_by_id, d->account_count,
                                        sizeof(const struct account *), account_id_cmp);
    return found == NULL ? NULL : *found;
}

/* ---- roles ---- */

const struct grant *directory_grants(const struct directory *d, int64_t account_id, size_t *ret_n)
{
    size_t first = SORTED_PLACE(d->grants, d->grant_count, struct grant, account_id, account_id);
    size_t n = 0;
    while (first + n < d->grant_count && d->grants[first + n].account_id == account_id)
        n++;
    *ret_n = n;
    return d->grants + first;
}

enum role directory_role(const struct directory *d, const struct account *account,
                         const struct domain *domain)
{
    if (account->disabled)
        return ROLE_NONE;
    if (account->admin)
        return ROLE_ADMIN;
    enum role role = ROLE_NONE;
    size_t n;
    const struct grant *grants = directory_grants(d, account->id, &n);
    for (size_t i = 0; i < n; i++)
        if (grant_role(&grants[i]) > role && key_covers(grants[i].domain->key, domain->key))
            role = grant_role(&grants[i]);
    return role;
}

bool directory_is_admin(const struct account *account)
{
    return account->admin && !account->disabled;
}

bool directory_has_people(const struct directory *d)
{
    for (size_t i = 0; i < d->account_count; i++)
        if (d->accounts[i].kind == ACCOUNT_PERSON)
            return true;
    return false;
}

bool directory_knows(const struct directory *d, const struct account *account,
                     const struct domain *domain)
{
    return account->kind == ACCOUNT_PERSON && directory_role(d, account, domain) != ROLE_NONE;
}

static const char *const role_names[] = {
    [ROLE_NONE] = "none",       [ROLE_VIEWER] = "viewer", [ROLE_MEMBER] = "member",
    [ROLE_MANAGER] = "manager", [ROLE_ADMIN] = "admin",
};

const char *role_name(enum role role)
{
    return role_names[role];
}

bool role_read(struct str name, enum role *ret_role)
{
    for (enum role role = ROLE_VIEWER; role <= ROLE_ADMIN; role++)
        if (str_eq(name, str_of(role_names[role]))) {
            *ret_role = role;
            return true;
        }
    return false;
}
