/*
 * A snapshot of the directory out of the one before and the rows that have changed since. Everything
 * is copied, so that no snapshot needs another one: some 2 ms for 10,000 people and 10,000 forms,
 * where reading them all takes ten times as long.
 */
#include "store/directory_row.h"

#include "store/client.h"

#include <stdlib.h>

struct patching {
    struct db *db;
    struct op *op;
    struct arena *arena;
    const struct directory *old;
    struct directory *new;
    struct workspace *workspaces; /* of `new`, as are those below */
    struct account *accounts;
    const struct account **changed; /* those read anew, ordered by id */
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
    return p->new->domains + (old - p->old->domains);
}

static enum err domains_copy(struct patching *p)
{
    const struct directory *old = p->old;
    struct domain *domains = ARENA_ARRAY(p->arena, struct domain, old->domain_count);
    const struct domain **by_id =
        ARENA_ARRAY(p->arena, const struct domain *, old->domain_count);
    if (domains == NULL || by_id == NULL)
        return ERR_MEMORY;
    p->new->domains = domains;
    p->new->domains_by_id = by_id;
    p->new->domain_count = old->domain_count;
    for (size_t i = 0; i < old->domain_count; i++) {
        domains[i] = old->domains[i];
        domains[i].key = copy_str(p, old->domains[i].key);
        by_id[i] = domain_of(p, old->domains_by_id[i]);
    }
    return ERR_OK;
}

static const struct workspace *workspace_of(const struct patching *p, const struct workspace *old)
{
    return p->new->workspaces + (old - p->old->workspaces);
}

static enum err workspaces_copy(struct patching *p)
{
    const struct directory *old = p->old;
    const struct workspace **by_id =
        ARENA_ARRAY(p->arena, const struct workspace *, old->workspace_count);
    p->workspaces = ARENA_ARRAY(p->arena, struct workspace, old->workspace_count);
    if (p->workspaces == NULL || by_id == NULL)
        return ERR_MEMORY;
    p->new->workspaces = p->workspaces;
    p->new->workspaces_by_id = by_id;
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
        p->new->workspace_count++; /* one by one: their zones are given back if a later one fails */
        by_id[i] = workspace_of(p, old->workspaces_by_id[i]);
    }
    return ERR_OK;
}

/* ---- forms ---- */

/* Merges a workspace's forms with those of its rows from *at on, both ordered by name, to
 * `*forms`, which is moved behind them. */
static enum err forms_merge(struct patching *p, struct workspace *workspace,
                            const struct db_rows *rows, size_t *at, struct form_head **forms)
{
    const struct form_head *old = workspace->forms;
    size_t left = workspace->form_count;
    struct form_head *form = *forms;
    workspace->forms = form;
    workspace->default_form = NULL;
    for (;; form++) {
        bool changed = *at < rows->n && db_get_i64(rows, *at, 1) == workspace->id;
        int order = !changed    ? -1
                    : left == 0 ? 1
                                : str_cmp(old->name, db_get_str(rows, *at, 2));
        if (!changed && left == 0)
            break;
        enum err err = ERR_OK;
        if (order < 0) {
            *form = *old;
            form->name = copy_str(p, old->name);
        } else {
            err = store_form_row(p->arena, rows, (*at)++, form);
        }
        if (err != ERR_OK)
            return err;
        if (order <= 0) {
            old++;
            left--;
        }
        if (form->is_default)
            workspace->default_form = form;
    }
    workspace->form_count = (size_t)(form - *forms);
    *forms = form;
    return ERR_OK;
}

static enum err forms_patch(struct patching *p)
{
    const struct directory *new = p->new;
    struct db_rows rows;
    size_t count = 0, at = 0;
    enum err err = changed_query(p,
                                 "SELECT " FORM_COLUMNS " FROM form WHERE changed > $1"
                                 " ORDER BY workspace_id, name",
                                 &rows);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < new->workspace_count; i++)
        count += new->workspaces[i].form_count;
    struct form_head *forms = ARENA_ARRAY(p->arena, struct form_head, count + rows.n);
    if (forms == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < new->workspace_count && err == ERR_OK; i++)
        err = forms_merge(p, p->workspaces + (new->workspaces_by_id[i] - new->workspaces), &rows,
                          &at, &forms);
    if (err == ERR_OK && at < rows.n)
        err = op_fail(p->op, ERR_CORRUPT, "a form belongs to no workspace");
    return err;
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

/* Reads those that have changed, in the order of their addresses, to be merged. */
static enum err accounts_read(struct patching *p, struct account **ret_read)
{
    struct db_rows rows;
    enum err err = changed_query(
        p, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE changed > $1 ORDER BY email", &rows);
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
    p->changed_count = rows.n;
    qsort(p->changed, rows.n, sizeof(const struct account *), store_account_id_cmp);
    *ret_read = read;
    return err;
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
    p->accounts = ARENA_ARRAY(p->arena, struct account, most);
    if (p->accounts == NULL || by_id == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < old->account_count; i++) {
        const struct account *account = &old->accounts[i];
        if (has_changed(p, account->id))
            continue;
        while (at < p->changed_count && str_cmp(read[at].email, account->email) < 0)
            p->accounts[n++] = read[at++];
        account_copy(p, account, &p->accounts[n++]);
    }
    while (at < p->changed_count)
        p->accounts[n++] = read[at++];
    for (size_t i = 0; i < n; i++)
        by_id[i] = &p->accounts[i];
    qsort(by_id, n, sizeof(const struct account *), store_account_id_cmp);
    p->new->accounts = p->accounts;
    p->new->accounts_by_id = by_id;
    p->new->account_count = n;
    return store_clients_load(p->db, p->op, p->arena, p->new, p->accounts, old->version);
}

/* ---- roles ---- */

static void grant_read(const struct patching *p, const struct db_rows *rows, size_t i,
                       struct grant *grant)
{
    *grant = (struct grant){
        .account_id = db_get_i64(rows, i, 0),
        .domain = directory_domain(p->new, db_get_str(rows, i, 1)),
        .role = (enum role)db_get_i64(rows, i, 2),
    };
}

static enum err grants_patch(struct patching *p)
{
    const struct directory *old = p->old;
    struct db_rows rows;
    size_t n = 0, at = 0;
    enum err err = changed_query(p,
                                 "SELECT g.account_id, d.key, g.role FROM account a"
                                 " JOIN account_grant g ON g.account_id = a.id"
                                 " JOIN domain d ON d.id = g.domain_id WHERE a.changed > $1"
                                 " ORDER BY g.account_id, g.domain_id",
                                 &rows);
    if (err != ERR_OK)
        return err;
    struct grant *grants = ARENA_ARRAY(p->arena, struct grant, old->grant_count + rows.n);
    if (grants == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < old->grant_count; i++) {
        const struct grant *grant = &old->grants[i];
        if (has_changed(p, grant->account_id))
            continue;
        while (at < rows.n && db_get_i64(&rows, at, 0) < grant->account_id)
            grant_read(p, &rows, at++, &grants[n++]);
        grants[n] = *grant;
        grants[n++].domain = domain_of(p, grant->domain);
    }
    while (at < rows.n)
        grant_read(p, &rows, at++, &grants[n++]);
    p->new->grants = grants;
    p->new->grant_count = n;
    return ERR_OK;
}

enum err store_directory_patch(struct db *db, struct op *op, struct arena *arena,
                               const struct directory *old, struct directory *ret_directory)
{
    struct patching p = {.db = db, .op = op, .arena = arena, .old = old, .new = ret_directory};
    enum err err = domains_copy(&p);
    if (err == ERR_OK)
        err = workspaces_copy(&p);
    if (err == ERR_OK)
        err = forms_patch(&p);
    if (err == ERR_OK)
        err = accounts_patch(&p);
    if (err == ERR_OK)
        err = grants_patch(&p);
    return err == ERR_OK && p.out_of_memory ? ERR_MEMORY : err;
}
