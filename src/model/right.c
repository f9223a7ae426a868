#include "model/right.h"

#include "model/client.h"
#include "model/key.h"
#include "model/scope.h"

/* The role table: the least role of a person; the scope of a client, and what that reaches. */
static const struct {
    enum role role;
    unsigned scopes; /* any of them; 0: no client may */
    enum reach reach;
} table[] = {
    [RIGHT_SEE] = {ROLE_VIEWER, SCOPE_CREATE | SCOPE_READ | SCOPE_WRITE, REACH_ALL},
    [RIGHT_READ] = {ROLE_VIEWER, SCOPE_READ, REACH_OWN},
    [RIGHT_CREATE] = {ROLE_MEMBER, SCOPE_CREATE, REACH_ALL},
    [RIGHT_COMMENT] = {ROLE_MEMBER, SCOPE_CREATE, REACH_OWN},
    [RIGHT_WRITE] = {ROLE_MEMBER, SCOPE_WRITE, REACH_OWN},
    [RIGHT_MANAGE] = {ROLE_MANAGER, 0, REACH_NONE},
};

static enum reach client_reach(const struct client *client, enum right right,
                               const struct workspace *workspace)
{
    if ((client->settings.scopes & table[right].scopes) == 0 || !client_works_in(client, workspace))
        return REACH_NONE;
    if (right == RIGHT_READ && client_reads_all(client, workspace))
        return REACH_ALL;
    return table[right].reach;
}

enum reach right_reach(const struct directory *d, const struct account *account, enum right right,
                       const struct workspace *workspace)
{
    if (account->disabled)
        return REACH_NONE;
    if (account->kind == ACCOUNT_PERSON)
        return directory_role(d, account, workspace->domain) >= table[right].role ? REACH_ALL
                                                                                  : REACH_NONE;
    return account->client == NULL ? REACH_NONE : client_reach(account->client, right, workspace);
}

bool right_of_role(enum role role, enum right right)
{
    return role >= table[right].role;
}

const char *right_name(enum right right)
{
    static const char *const names[RIGHT_COUNT] = {
        [RIGHT_SEE] = "see",         [RIGHT_READ] = "read",   [RIGHT_CREATE] = "create",
        [RIGHT_COMMENT] = "comment", [RIGHT_WRITE] = "write", [RIGHT_MANAGE] = "manage",
    };
    return names[right];
}

bool right_takes_part(const struct directory *d, const struct account *account,
                      const struct workspace *workspace)
{
    return account != NULL && account->kind == ACCOUNT_PERSON &&
           right_reach(d, account, RIGHT_READ, workspace) == REACH_ALL;
}

bool reach_covers(enum reach reach, const struct account *account, int64_t source_id)
{
    return reach == REACH_ALL || (reach == REACH_OWN && source_id == account->id);
}

bool right_sees_domain(const struct directory *d, const struct account *account,
                       const struct domain *domain)
{
    if (account->kind == ACCOUNT_PERSON || account->client == NULL)
        return directory_role(d, account, domain) >= ROLE_VIEWER;
    const struct client_settings *settings = &account->client->settings;
    if (account->disabled || settings->scopes == 0 ||
        !key_covers(settings->domain->key, domain->key))
        return false;
    bool sees = settings->workspaces.n == 0;
    for (size_t i = 0; i < settings->workspaces.n && !sees; i++)
        sees = key_covers(domain->key, settings->workspaces.items[i]->domain->key);
    return sees;
}

/* ---- people ---- */

bool right_manages(const struct directory *d, const struct account *caller,
                   const struct domain *domain)
{
    return caller == NULL || directory_role(d, caller, domain) >= ROLE_MANAGER;
}

bool right_manages_any(const struct directory *d, const struct account *caller)
{
    size_t n;
    if (caller == NULL || caller->disabled || caller->admin)
        return caller == NULL || !caller->disabled;
    const struct grant *grants = directory_grants(d, caller->id, &n);
    for (size_t i = 0; i < n; i++)
        if (grant_role(&grants[i]) >= ROLE_MANAGER)
            return true;
    return false;
}

/* How many of a person's roles are on domains that the caller manages. */
static size_t managed(const struct directory *d, const struct account *caller,
                      const struct account *person, size_t *ret_all)
{
    size_t n = 0;
    const struct grant *grants = directory_grants(d, person->id, ret_all);
    for (size_t i = 0; i < *ret_all; i++)
        n += right_manages(d, caller, grants[i].domain);
    return n;
}

bool right_sees_person(const struct directory *d, const struct account *caller,
                       const struct account *person)
{
    size_t all;
    if (person->kind != ACCOUNT_PERSON)
        return false;
    return caller == NULL || directory_is_admin(caller) || managed(d, caller, person, &all) > 0;
}

bool right_over_person(const struct directory *d, const struct account *caller,
                       const struct account *person)
{
    size_t all;
    if (caller == NULL || directory_is_admin(caller))
        return true;
    return !person->admin && managed(d, caller, person, &all) == all && all > 0;
}

/* Does the person hold a role there, whether or not it is disabled? */
static bool holds(const struct directory *d, const struct account *person,
                  const struct domain *domain)
{
    size_t n;
    const struct grant *grants = directory_grants(d, person->id, &n);
    for (size_t i = 0; i < n && domain != NULL; i++)
        if (key_covers(grants[i].domain->key, domain->key))
            return true;
    return person->admin;
}

bool right_vouched(const struct directory *d, const struct account *person, int64_t by,
                   const struct domain *domain)
{
    if (by == PASSWORD_NONE || by == PASSWORD_BY_OPERATOR)
        return true;
    if (by == PASSWORD_BY_UNKNOWN)
        return holds(d, person, domain);
    const struct account *setter = directory_account_by_id(d, by);
    if (setter == NULL)
        return false;
    return domain == NULL ? directory_is_admin(setter) : right_manages(d, setter, domain);
}

/* Is each word of `wanted` one of `list`? */
static bool list_covers(struct str list, struct str wanted)
{
    while (wanted.p != NULL) {
        struct str word = str_cut(&wanted, ' ');
        bool found = false;
        for (struct str rest = list; rest.p != NULL && !found;)
            found = str_eq(str_cut(&rest, ' '), word);
        if (!found)
            return false;
    }
    return true;
}

bool right_scope(const struct account *account, struct str granted, struct str wanted)
{
    unsigned scopes;
    if (wanted.n == 0)
        return true;
    if (!str_eq(granted, STR("*")) && !list_covers(granted, wanted))
        return false;
    if (account->kind == ACCOUNT_PERSON)
        return true;
    /* What asks for "*" asks for a person. */
    return account->client != NULL && scopes_read(wanted, &scopes) &&
           (scopes & ~account->client->settings.scopes) == 0;
}
