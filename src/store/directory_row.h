/*
 * Reads rows of the directory: store/directory.c reads all of them, store/directory_patch.c those
 * that have changed.
 */
#ifndef BZCTRL_STORE_DIRECTORY_ROW_H
#define BZCTRL_STORE_DIRECTORY_ROW_H

#include "db/db.h"
#include "model/directory.h"

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
