/*
 * Reads rows of the directory: store/directory.c reads all of them, store/directory_patch.c those
 * that have changed.
 */
#ifndef BZCTRL_STORE_DIRECTORY_ROW_H
#define BZCTRL_STORE_DIRECTORY_ROW_H

#include "db/db.h"
#include "model/directory.h"

/* What accounts hold, by both origins. "WHERE …" may follow, and then must GRANT_GROUPS. */
#define GRANT_SELECT                                                                               \
    "SELECT g.account_id, d.key, MAX(g.role), MAX(g.by_group) FROM"                                \
    " (SELECT account_id, domain_id, role, 0 AS by_group FROM account_grant UNION ALL"             \
    " SELECT m.account_id, r.domain_id, 0, r.role FROM group_member m"                             \
    " JOIN group_rule r ON r.id = m.rule_id AND r.ended_at IS NULL) AS g"                          \
    " JOIN domain d ON d.id = g.domain_id"
#define GRANT_GROUPS " GROUP BY g.account_id, g.domain_id, d.key"
void store_grant_row(const struct directory *directory, const struct db_rows *rows, size_t i,
                     struct grant *ret_grant);

/* Both read row `i` of a query for the columns; texts go to `arena`. ERR_MEMORY. */
#define ACCOUNT_COLUMNS                                                                            \
    "id, kind, email, name, admin, disabled, password_grant, version, created_at,"                 \
    " CASE WHEN password_hash IS NULL THEN -1 ELSE COALESCE(password_by, -2) END"
enum err store_account_row(struct arena *arena, const struct db_rows *rows, size_t i,
                           struct account *ret_account) MUST_CHECK;
#define FORM_COLUMNS "id, workspace_id, name, version, is_default, disabled"
enum err store_form_row(struct arena *arena, const struct db_rows *rows, size_t i,
                        struct form_head *ret_form) MUST_CHECK;

/* Read all domains, and then all workspaces, without their forms, into `arena`.
 * store_directory_finish() releases the workspaces' time zones, also after an error. */
enum err store_domains_load(struct db *db, struct op *op, struct arena *arena,
                            struct directory *directory) MUST_CHECK;
enum err store_workspaces_load(struct db *db, struct op *op, struct arena *arena,
                               struct directory *directory,
                               struct workspace **ret_workspaces) MUST_CHECK;

/* Orders accounts by id, behind pointers to them. */
int store_account_id_cmp(const void *a, const void *b);

/* Builds a snapshot in `arena` from `old` and the rows that have changed since; it does not
 * depend on `old` afterwards. Domains and workspaces are copied from `old` unless they must be
 * reloaded. */
enum err store_directory_patch(struct db *db, struct op *op, struct arena *arena,
                               const struct directory *old, bool places,
                               struct directory *ret_directory) MUST_CHECK;

#endif
