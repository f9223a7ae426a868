#include "store/directory.h"

#include "model/old_email.h"
#include "store/client.h"
#include "store/directory_row.h"

#include <stdlib.h>

/* ---- reading it whole ---- */

/* The directory while it is read. */
struct loading {
    struct db *db;
    struct op *op;
    struct arena *arena;
    struct directory *directory;
};

static int domain_id_cmp(const void *a, const void *b)
{
    int64_t left = (*(const struct domain *const *)a)->id;
    int64_t right = (*(const struct domain *const *)b)->id;
    return (left > right) - (left < right);
}

enum err store_domains_load(struct db *db, struct op *op, struct arena *arena,
                            struct directory *directory)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT id, key, created_at FROM domain ORDER BY key", DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct domain *domains = ARENA_ARRAY(arena, struct domain, rows.n);
    const struct domain **by_id = ARENA_ARRAY(arena, const struct domain *, rows.n);
    if (domains == NULL || by_id == NULL)
        return ERR_MEMORY;
    directory->domains = domains;
    directory->domain_count = rows.n;
    directory->domains_by_id = by_id;
    for (size_t i = 0; i < rows.n; i++) {
        domains[i].id = db_get_i64(&rows, i, 0);
        domains[i].key = arena_str(arena, db_get_str(&rows, i, 1));
        domains[i].created_at = db_get_i64(&rows, i, 2);
        by_id[i] = &domains[i];
        if (domains[i].key.p == NULL)
            return ERR_MEMORY;
    }
    qsort(by_id, rows.n, sizeof(const struct domain *), domain_id_cmp);
    return ERR_OK;
}

static int workspace_id_cmp(const void *a, const void *b)
{
    int64_t left = (*(const struct workspace *const *)a)->id;
    int64_t right = (*(const struct workspace *const *)b)->id;
    return (left > right) - (left < right);
}

static enum err workspace_load(struct op *op, struct arena *arena,
                               const struct directory *directory, const struct db_rows *rows,
                               size_t i, struct workspace *workspace)
{
    workspace->id = db_get_i64(rows, i, 0);
    workspace->key = arena_str(arena, db_get_str(rows, i, 1));
    workspace->name = arena_str(arena, db_get_str(rows, i, 2));
    workspace->zone_name = arena_str(arena, db_get_str(rows, i, 3));
    workspace->domain = directory_domain(directory, db_get_str(rows, i, 4));
    workspace->version = db_get_i64(rows, i, 5);
    workspace->created_at = db_get_i64(rows, i, 6);
    if (workspace->key.p == NULL || workspace->name.p == NULL || workspace->zone_name.p == NULL)
        return ERR_MEMORY;
    workspace->zone = zone_create(workspace->zone_name.p);
    if (workspace->zone == NULL)
        return op_fail(op, ERR_UNAVAILABLE,
                       "workspace %s is in the time zone %s, which this system does not know: "
                       "install the time zone database (tzdata)",
                       workspace->key.p, workspace->zone_name.p);
    return ERR_OK;
}

enum err store_form_row(struct arena *arena, const struct db_rows *rows, size_t i,
                        struct form_head *ret_form)
{
    *ret_form = (struct form_head){
        .id = db_get_i64(rows, i, 0),
        .workspace_id = db_get_i64(rows, i, 1),
        .name = arena_str(arena, db_get_str(rows, i, 2)),
        .version = db_get_i64(rows, i, 3),
        .is_default = db_get_i64(rows, i, 4) != 0,
        .disabled = db_get_i64(rows, i, 5) != 0,
    };
    return ret_form->name.p == NULL ? ERR_MEMORY : ERR_OK;
}

/* Gives each workspace its run of the forms, which are ordered by it. */
static enum err forms_load(struct loading *l, struct workspace *workspaces)
{
    struct db_rows rows;
    enum err err = db_query(l->db, l->op,
                            "SELECT " FORM_COLUMNS " FROM form"
                            " ORDER BY workspace_id, name",
                            DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct form_head *forms = ARENA_ARRAY(l->arena, struct form_head, rows.n);
    if (forms == NULL)
        return ERR_MEMORY;
    struct workspace *workspace = NULL;
    for (size_t i = 0; i < rows.n; i++) {
        err = store_form_row(l->arena, &rows, i, &forms[i]);
        if (err != ERR_OK)
            return err;
        if (workspace == NULL || workspace->id != forms[i].workspace_id) {
            const struct workspace *found =
                directory_workspace_by_id(l->directory, forms[i].workspace_id);
            if (found == NULL)
                return op_fail(l->op, ERR_CORRUPT, "form %s belongs to no workspace",
                               forms[i].name.p);
            workspace = workspaces + (found - workspaces);
            workspace->forms = &forms[i];
        }
        workspace->form_count++;
        if (forms[i].is_default)
            workspace->default_form = &forms[i];
    }
    return ERR_OK;
}

enum err store_workspaces_load(struct db *db, struct op *op, struct arena *arena,
                               struct directory *directory, struct workspace **ret_workspaces)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT w.id, w.key, w.name, w.zone, d.key, w.version, w.created_at"
                            " FROM workspace w"
                            " JOIN domain d ON d.id = w.domain_id ORDER BY w.key",
                            DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct workspace *workspaces = ARENA_ARRAY(arena, struct workspace, rows.n);
    const struct workspace **by_id = ARENA_ARRAY(arena, const struct workspace *, rows.n);
    if (workspaces == NULL || by_id == NULL)
        return ERR_MEMORY;
    directory->workspaces = workspaces;
    directory->workspace_count = rows.n;
    directory->workspaces_by_id = by_id;
    for (size_t i = 0; i < rows.n && err == ERR_OK; i++) {
        by_id[i] = &workspaces[i];
        err = workspace_load(op, arena, directory, &rows, i, &workspaces[i]);
    }
    if (err != ERR_OK)
        return err;
    qsort(by_id, rows.n, sizeof(const struct workspace *), workspace_id_cmp);
    *ret_workspaces = workspaces;
    return ERR_OK;
}

int store_account_id_cmp(const void *a, const void *b)
{
    int64_t left = (*(const struct account *const *)a)->id;
    int64_t right = (*(const struct account *const *)b)->id;
    return (left > right) - (left < right);
}

enum err store_account_row(struct arena *arena, const struct db_rows *rows, size_t i,
                           struct account *ret_account)
{
    *ret_account = (struct account){
        .id = db_get_i64(rows, i, 0),
        .kind = (enum account_kind)db_get_i64(rows, i, 1),
        .email = arena_str(arena, db_get_str(rows, i, 2)),
        .name = arena_str(arena, db_get_str(rows, i, 3)),
        .admin = db_get_i64(rows, i, 4) != 0,
        .disabled = db_get_i64(rows, i, 5) != 0,
        .password_grant = db_get_i64(rows, i, 6) != 0,
        .version = db_get_i64(rows, i, 7),
        .created_at = db_get_i64(rows, i, 8),
        .password_by = db_get_i64(rows, i, 9),
    };
    bool whole =
        ret_account->email.p != NULL && (ret_account->name.p != NULL || db_is_null(rows, i, 3));
    return whole ? ERR_OK : ERR_MEMORY;
}

static enum err accounts_load(struct loading *l)
{
    struct db_rows rows;
    enum err err = db_query(l->db, l->op,
                            "SELECT " ACCOUNT_COLUMNS " FROM account"
                            " ORDER BY email",
                            DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct account *accounts = ARENA_ARRAY(l->arena, struct account, rows.n);
    const struct account **by_id = ARENA_ARRAY(l->arena, const struct account *, rows.n);
    if (accounts == NULL || by_id == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++) {
        err = store_account_row(l->arena, &rows, i, &accounts[i]);
        if (err != ERR_OK)
            return err;
        by_id[i] = &accounts[i];
    }
    qsort(by_id, rows.n, sizeof(const struct account *), store_account_id_cmp);
    l->directory->accounts = accounts;
    l->directory->account_count = rows.n;
    l->directory->accounts_by_id = by_id;
    return store_clients_load(l->db, l->op, l->arena, l->directory, accounts, -1);
}

void store_grant_row(const struct directory *directory, const struct db_rows *rows, size_t i,
                     struct grant *ret_grant)
{
    *ret_grant = (struct grant){
        .account_id = db_get_i64(rows, i, 0),
        .domain = directory_domain(directory, db_get_str(rows, i, 1)),
        .role = (enum role)db_get_i64(rows, i, 2),
        .by_group = (enum role)db_get_i64(rows, i, 3),
    };
}

static enum err grants_load(struct loading *l)
{
    struct db_rows rows;
    enum err err =
        db_query(l->db, l->op, GRANT_SELECT GRANT_GROUPS " ORDER BY g.account_id, g.domain_id",
                 DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct grant *grants = ARENA_ARRAY(l->arena, struct grant, rows.n);
    if (grants == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        store_grant_row(l->directory, &rows, i, &grants[i]);
    l->directory->grants = grants;
    l->directory->grant_count = rows.n;
    return ERR_OK;
}

static enum err directory_read(struct loading *loading)
{
    struct workspace *workspaces;
    enum err err = store_domains_load(loading->db, loading->op, loading->arena, loading->directory);
    if (err == ERR_OK)
        err = store_workspaces_load(loading->db, loading->op, loading->arena, loading->directory,
                                    &workspaces);
    if (err == ERR_OK)
        err = forms_load(loading, workspaces);
    if (err == ERR_OK)
        err = accounts_load(loading);
    return err == ERR_OK ? grants_load(loading) : err;
}

enum err store_directory_load(struct db *db, struct op *op, struct arena *arena,
                              const struct directory *before, struct directory *ret_directory)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT version, places FROM directory_version WHERE id = 1",
                            DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct directory directory = {.version = db_get_i64(&rows, 0, 0)};
    struct loading loading = {db, op, arena, &directory};
    bool patch = before != NULL && before->version <= directory.version;
    err = patch ? store_directory_patch(db, op, arena, before,
                                        before->version < db_get_i64(&rows, 0, 1), &directory)
                : directory_read(&loading);
    if (err == ERR_OK)
        err = directory_note_old_emails(&directory, arena);
    if (err != ERR_OK) {
        store_directory_finish(&directory);
        return err;
    }
    *ret_directory = directory;
    return ERR_OK;
}

void store_directory_finish(struct directory *directory)
{
    for (size_t i = 0; i < directory->workspace_count; i++)
        zone_destroy(directory->workspaces[i].zone);
}

/* ---- the version, and ids ---- */

/* Reads one number; 0 if there is no row or it is NULL. */
static enum err number_query(struct db *db, struct op *op, const char *sql, struct db_args args,
                             int64_t *ret_number)
{
    struct db_rows rows;
    enum err err = db_query(db, op, sql, args, &rows);
    if (err == ERR_OK)
        *ret_number = rows.n == 0 ? 0 : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_directory_version(struct db *db, struct op *op, int64_t *ret_version)
{
    return number_query(db, op, "SELECT version FROM directory_version WHERE id = 1", DB_NO_ARGS,
                        ret_version);
}

enum err store_directory_raise(struct db *db, struct op *op, int64_t *ret_version)
{
    return number_query(db, op,
                        "UPDATE directory_version SET version = version + 1 WHERE id = 1"
                        " RETURNING version",
                        DB_NO_ARGS, ret_version);
}

enum err store_directory_greatest_id(struct db *db, struct op *op, int64_t *ret_id)
{
    return number_query(db, op,
                        "SELECT MAX(id) FROM (SELECT MAX(id) AS id FROM domain"
                        " UNION ALL SELECT MAX(id) FROM workspace"
                        " UNION ALL SELECT MAX(id) FROM account"
                        " UNION ALL SELECT MAX(id) FROM form"
                        " UNION ALL SELECT MAX(id) FROM client_secret"
                        " UNION ALL SELECT MAX(id) FROM token_family"
                        " UNION ALL SELECT MAX(id) FROM token) AS greatest",
                        DB_NO_ARGS, ret_id);
}

enum err store_domain_id(struct db *db, struct op *op, struct str key, int64_t *ret_id)
{
    return number_query(db, op, "SELECT id FROM domain WHERE key = $1", DB_ARGS(db_text(key)),
                        ret_id);
}

/* ---- writing ---- */

/* Tells that domains or workspaces are changed by the version that comes next. */
static enum err places_mark(struct db *db, struct op *op)
{
    return db_run(db, op, "UPDATE directory_version SET places = version + 1 WHERE id = 1",
                  DB_NO_ARGS);
}

enum err store_domain_add(struct db *db, struct op *op, int64_t id, struct str key)
{
    enum err err = places_mark(db, op);
    if (err != ERR_OK)
        return err;
    return db_run(db, op, "INSERT INTO domain (id, key, created_at) VALUES ($1, $2, $3)",
                  DB_ARGS(db_i64(id), db_text(key), db_i64(op->now)));
}

enum err store_workspace_add(struct db *db, struct op *op, int64_t id, int64_t domain_id,
                             const struct workspace_settings *settings)
{
    enum err err = places_mark(db, op);
    if (err != ERR_OK)
        return err;
    return db_run(db, op,
                  "INSERT INTO workspace (id, domain_id, key, name, zone, created_at)"
                  " VALUES ($1, $2, $3, $4, $5, $6)",
                  DB_ARGS(db_i64(id), db_i64(domain_id), db_text(settings->key),
                          db_text(settings->name), db_text(settings->zone), db_i64(op->now)));
}

enum err store_workspace_change(struct db *db, struct op *op, int64_t id,
                                const struct workspace_settings *settings)
{
    enum err err = places_mark(db, op);
    if (err != ERR_OK)
        return err;
    return db_run(db, op,
                  "UPDATE workspace SET name = $2, zone = $3, version = version + 1 WHERE id = $1",
                  DB_ARGS(db_i64(id), db_text(settings->name), db_text(settings->zone)));
}
