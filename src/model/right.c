#include "model/right.h"

#include "model/client.h"
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

bool reach_covers(enum reach reach, const struct account *account, int64_t source_id)
{
    return reach == REACH_ALL || (reach == REACH_OWN && source_id == account->id);
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
