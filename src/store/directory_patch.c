/*
 * A snapshot of the directory out of the one before and the rows that have changed since.
 * Everything is copied, so that no snapshot needs another one: some 2 ms for 10,000 people and
 * 10,000 forms, where reading them all takes ten times as long.
 */
#include "store/directory_row.h"

#include "store/client.h"

#include <stdlib.h>

struct patching {
    struct db *db;
    struct op *op;
    struct arena *arena;
    const struct directory *old;
    struct directory *patched;
    bool places; /* domains and workspaces are read anew, and not copies in the same order */
    struct workspace *workspaces; /* of `patched`, as are those below */
    struct account *accounts;
    const struct account **changed; /* the reloaded ones, ordered by id */
    size_t changed_count;
    bool out_of_memory;
};

static struct str copy_str(struct patching *p, struct str s)
{
    struct str copy = s.p == NULL ? STR_NONE : arena_str(p->arena, s);
    if (s.p != NULL && copy.p == NULL)
        p->out_of_memory = true;
    return copy;
}

/* Rows that have changed since `old`. */
static enum err changed_query(struct patching *p, const char *sql, struct db_rows *ret_rows)
{
    return db_query(p->db, p->op, sql, DB_ARGS(db_i64(p->old->version)), ret_rows);
}

/* ---- domains and workspaces ---- */

static const struct domain *domain_of(const struct patching *p, const struct domain *old)
{
    return p->places ? directory_domain(p->patched, old->key)
                     : p->patched->domains + (old - p->old->domains);
}

static enum err domains_copy(struct patching *p)
{
    const struct directory *old = p->old;
    struct domain *domains = ARENA_ARRAY(p->arena, struct domain, old->domain_count);
    const struct domain **by_id = ARENA_ARRAY(p->arena, const struct domain *, old->domain_count);
    if (domains == NULL || by_id == NULL)
        return ERR_MEMORY;
    p->patched->domains = domains;
    p->patched->domains_by_id = by_id;
    p->patched->domain_count = old->domain_count;
    for (size_t i = 0; i < old->domain_count; i++) {
        domains[i] = old->domains[i];
        domains[i].key = copy_str(p, old->domains[i].key);
        by_id[i] = domain_of(p, old->domains_by_id[i]);
    }
    return ERR_OK;
}

static const struct workspace *workspace_of(const struct patching *p, const struct workspace *old)
{
    return p->places ? directory_workspace(p->patched, old->key)
                     : p->patched->workspaces + (old - p->old->workspaces);
}

static enum err workspaces_copy(struct patching *p)
{
    const struct directory *old = p->old;
    const struct workspace **by_id =
        ARENA_ARRAY(p->arena, const struct workspace *, old->workspace_count);
    p->workspaces = ARENA_ARRAY(p->arena, struct workspace, old->workspace_count);
    if (p->workspaces == NULL || by_id == NULL)
        return ERR_MEMORY;
    p->patched->workspaces = p->workspaces;
    p->patched->workspaces_by_id = by_id;
    for (size_t i = 0; i < old->workspace_count; i++) {
        struct workspace *workspace = &p->workspaces[i];
        *workspace = old->workspaces[i];
        workspace->domain = domain_of(p, workspace->domain);
        workspace->key = copy_str(p, workspace->key);
        workspace->name = copy_str(p, workspace->name);
        workspace->zone_name = copy_str(p, workspace->zone_name);
        workspace->zone = zone_share(workspace->zone);
        if (workspace->zone == NULL)
            return ERR_MEMORY;
        /* one by one: their zones are given back if a later one fails */
        p->patched->workspace_count++;
        by_id[i] = workspace_of(p, old->workspaces_by_id[i]);
    }
    return ERR_OK;
}

/* Reads them anew, and gives each workspace the forms that it had, to be patched. None is ever
 * gone. */
static enum err places_read(struct patching *p)
{
    enum err err = store_domains_load(p->db, p->op, p->arena, p->patched);
    if (err == ERR_OK)
        err = store_workspaces_load(p->db, p->op, p->arena, p->patched, &p->workspaces);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < p->patched->workspace_count; i++) {
        struct workspace *workspace = &p->workspaces[i];
        const struct workspace *old = directory_workspace(p->old, workspace->key);
        workspace->forms = old == NULL ? NULL : old->forms;
        workspace->form_count = old == NULL ? 0 : old->form_count;
    }
    return ERR_OK;
}

/* ---- forms ---- */

static int form_cmp(const void *a, const void *b)
{
    const struct form_head *left = a, *right = b;
    if (left->workspace_id != right->workspace_id)
        return left->workspace_id < right->workspace_id ? -1 : 1;
    return str_cmp(left->name, right->name);
}

/* Those that have changed, by workspace and name. Sorted here, since the engine would rather walk
 * through all of them in that order. */
static enum err forms_read(struct patching *p, struct form_head **ret_read, size_t *ret_n)
{
    struct db_rows rows;
    enum err err = changed_query(p, "SELECT " FORM_COLUMNS " FROM form WHERE changed > $1", &rows);
    if (err != ERR_OK)
        return err;
    struct form_head *read = ARENA_ARRAY(p->op->arena, struct form_head, rows.n);
    if (read == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n && err == ERR_OK; i++)
        err = store_form_row(p->arena, &rows, i, &read[i]);
    qsort(read, rows.n, sizeof read[0], form_cmp);
    *ret_read = read;
    *ret_n = rows.n;
    return err;
}

/* Merges a workspace's forms with those of `read` to `*forms`, which is moved behind them. */
static void forms_merge(struct patching *p, struct workspace *workspace,
                        const struct form_head **read, const struct form_head *end,
                        struct form_head **forms)
{
    const struct form_head *old = workspace->forms;
    const struct form_head *old_end = old == NULL ? NULL : old + workspace->form_count;
    struct form_head *form = *forms;
    workspace->forms = form;
    workspace->default_form = NULL;
    for (;; form++) {
        bool changed = *read < end && (*read)->workspace_id == workspace->id;
        if (!changed && old == old_end)
            break;
        int order = !changed ? -1 : old == old_end ? 1 : str_cmp(old->name, (*read)->name);
        if (order < 0) {
            *form = *old;
            form->name = copy_str(p, old->name);
        } else {
            *form = *(*read)++;
        }
        if (order <= 0)
            old++;
        if (form->is_default)
            workspace->default_form = form;
    }
    workspace->form_count = (size_t)(form - *forms);
    *forms = form;
}

static enum err forms_patch(struct patching *p)
{
    const struct directory *patched = p->patched;
    struct form_head *read;
    size_t n, count = 0;
    enum err err = forms_read(p, &read, &n);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < patched->workspace_count; i++)
        count += patched->workspaces[i].form_count;
    struct form_head *forms = ARENA_ARRAY(p->arena, struct form_head, count + n);
    if (forms == NULL)
        return ERR_MEMORY;
    const struct form_head *next = read;
    for (size_t i = 0; i < patched->workspace_count; i++)
        forms_merge(p, p->workspaces + (patched->workspaces_by_id[i] - patched->workspaces), &next,
                    read + n, &forms);
    return next == read + n ? ERR_OK
                            : op_fail(p->op, ERR_CORRUPT, "a form belongs to no workspace");
}

/* ---- accounts ---- */

static int id_cmp(const void *id, const void *account)
{
    int64_t a = *(const int64_t *)id, b = (*(const struct account *const *)account)->id;
    return (a > b) - (a < b);
}

static bool has_changed(const struct patching *p, int64_t account_id)
{
    return p->changed_count > 0 && bsearch(&account_id, p->changed, p->changed_count,
                                           sizeof(const struct account *), id_cmp) != NULL;
}

static struct client_places places_copy(struct patching *p, struct client_places old)
{
    const struct workspace **items = ARENA_ARRAY(p->arena, const struct workspace *, old.n);
    if (items == NULL) {
        p->out_of_memory = true;
        return (struct client_places){0};
    }
    for (size_t i = 0; i < old.n; i++)
        items[i] = workspace_of(p, old.items[i]);
    return (struct client_places){items, old.n};
}

static void account_copy(struct patching *p, const struct account *old, struct account *account)
{
    *account = *old;
    account->email = copy_str(p, old->email);
    account->name = copy_str(p, old->name);
    if (old->client == NULL)
        return;
    struct client *client = ARENA_NEW(p->arena, struct client);
    if (client == NULL) {
        p->out_of_memory = true;
        return;
    }
    *client = *old->client;
    client->account = account;
    client->settings.name = account->name;
    client->settings.domain = domain_of(p, client->settings.domain);
    client->settings.workspaces = places_copy(p, client->settings.workspaces);
    client->settings.read_all = places_copy(p, client->settings.read_all);
    account->client = client;
}

static int email_cmp(const void *a, const void *b)
{
    return str_cmp(((const struct account *)a)->email, ((const struct account *)b)->email);
}

/* Those that have changed, by address; p->changed has them by id. */
static enum err accounts_read(struct patching *p, struct account **ret_read)
{
    struct db_rows rows;
    enum err err =
        changed_query(p, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE changed > $1", &rows);
    if (err != ERR_OK)
        return err;
    struct account *read = ARENA_ARRAY(p->op->arena, struct account, rows.n);
    p->changed = ARENA_ARRAY(p->op->arena, const struct account *, rows.n);
    if (read == NULL || p->changed == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n && err == ERR_OK; i++) {
        err = store_account_row(p->arena, &rows, i, &read[i]);
        p->changed[i] = &read[i];
    }
    qsort(read, rows.n, sizeof read[0], email_cmp);
    qsort(p->changed, rows.n, sizeof(const struct account *), store_account_id_cmp);
    p->changed_count = rows.n;
    *ret_read = read;
    return err;
}

/* Merges both lists by address; `ret_places` says where each old one went. */
static void accounts_merge(struct patching *p, const struct account *read,
                           const struct account **ret_places,
                           const struct account **ret_read_places)
{
    const struct directory *old = p->old;
    struct account *to = p->accounts;
    size_t at = 0;
    for (size_t i = 0; i < old->account_count; i++) {
        const struct account *account = &old->accounts[i];
        if (has_changed(p, account->id))
            continue;
        for (; at < p->changed_count && str_cmp(read[at].email, account->email) < 0; at++) {
            ret_read_places[at] = to;
            *to++ = read[at];
        }
        ret_places[i] = to;
        account_copy(p, account, to++);
    }
    for (; at < p->changed_count; at++) {
        ret_read_places[at] = to;
        *to++ = read[at];
    }
    p->patched->account_count = (size_t)(to - p->accounts);
}

static enum err accounts_patch(struct patching *p)
{
    const struct directory *old = p->old;
    struct account *read;
    enum err err = accounts_read(p, &read);
    if (err != ERR_OK)
        return err;
    size_t most = old->account_count + p->changed_count, n = 0, at = 0;
    const struct account **by_id = ARENA_ARRAY(p->arena, const struct account *, most);
    const struct account **places = ARENA_ARRAY(p->op->arena, const struct account *, most);
    p->accounts = ARENA_ARRAY(p->arena, struct account, most);
    if (p->accounts == NULL || by_id == NULL || places == NULL)
        return ERR_MEMORY;
    const struct account **read_places = places + old->account_count;
    accounts_merge(p, read, places, read_places);
    for (size_t i = 0; i < old->account_count; i++) {
        const struct account *account = old->accounts_by_id[i];
        for (; at < p->changed_count && p->changed[at]->id < account->id; at++)
            by_id[n++] = read_places[p->changed[at] - read];
        if (places[account - old->accounts] != NULL)
            by_id[n++] = places[account - old->accounts];
    }
    for (; at < p->changed_count; at++)
        by_id[n++] = read_places[p->changed[at] - read];
    p->patched->accounts = p->accounts;
    p->patched->accounts_by_id = by_id;
    return store_clients_load(p->db, p->op, p->arena, p->patched, p->accounts, old->version);
}

/* ---- roles ---- */

static int grant_cmp(const void *a, const void *b)
{
    const struct grant *left = a, *right = b;
    if (left->account_id != right->account_id)
        return left->account_id < right->account_id ? -1 : 1;
    return (left->domain->id > right->domain->id) - (left->domain->id < right->domain->id);
}

static enum err grants_read(struct patching *p, struct grant **ret_read, size_t *ret_n)
{
    struct db_rows rows;
    enum err err =
        changed_query(p,
                      GRANT_SELECT " WHERE g.account_id IN"
                                   " (SELECT id FROM account WHERE changed > $1)" GRANT_GROUPS,
                      &rows);
    if (err != ERR_OK)
        return err;
    struct grant *read = ARENA_ARRAY(p->op->arena, struct grant, rows.n);
    if (read == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++) {
        store_grant_row(p->patched, &rows, i, &read[i]);
        if (read[i].domain == NULL)
            return op_fail(p->op, ERR_CORRUPT, "a role is on a domain that does not exist");
    }
    qsort(read, rows.n, sizeof read[0], grant_cmp);
    *ret_read = read;
    *ret_n = rows.n;
    return ERR_OK;
}

static enum err grants_patch(struct patching *p)
{
    const struct directory *old = p->old;
    struct grant *read = NULL;
    size_t count = 0, n = 0, at = 0;
    enum err err = grants_read(p, &read, &count);
    if (err != ERR_OK)
        return err;
    struct grant *grants = ARENA_ARRAY(p->arena, struct grant, old->grant_count + count);
    if (grants == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < old->grant_count; i++) {
        const struct grant *grant = &old->grants[i];
        if (has_changed(p, grant->account_id))
            continue;
        while (at < count && read[at].account_id < grant->account_id)
            grants[n++] = read[at++];
        grants[n] = *grant;
        grants[n++].domain = domain_of(p, grant->domain);
    }
    while (at < count)
        grants[n++] = read[at++];
    p->patched->grants = grants;
    p->patched->grant_count = n;
    return ERR_OK;
}

enum err store_directory_patch(struct db *db, struct op *op, struct arena *arena,
                               const struct directory *old, bool places,
                               struct directory *ret_directory)
{
    struct patching p = {
        .db = db, .op = op, .arena = arena, .old = old, .patched = ret_directory, .places = places};
    enum err err = places ? places_read(&p) : domains_copy(&p);
    if (err == ERR_OK && !places)
        err = workspaces_copy(&p);
    if (err == ERR_OK)
        err = forms_patch(&p);
    if (err == ERR_OK)
        err = accounts_patch(&p);
    if (err == ERR_OK)
        err = grants_patch(&p);
    return err == ERR_OK && p.out_of_memory ? ERR_MEMORY : err;
}
