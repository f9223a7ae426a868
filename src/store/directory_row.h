/*
 * Rows of the directory, as store/directory.c reads all of them and store/directory_patch.c those
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

/* Read all domains, and then all workspaces, without their forms, into `arena`. The workspaces'
 * time zones are given back by store_directory_finish(), also after an error. */
enum err store_domains_load(struct db *db, struct op *op, struct arena *arena,
                            struct directory *directory) MUST_CHECK;
enum err store_workspaces_load(struct db *db, struct op *op, struct arena *arena,
                               struct directory *directory,
                               struct workspace **ret_workspaces) MUST_CHECK;

/* Orders accounts by id, behind pointers to them. */
int store_account_id_cmp(const void *a, const void *b);

/* Makes a snapshot out of `old` and the rows that have changed since, in `arena`, which has all of
 * it then. Domains and workspaces are those of `old`, unless they are to be read anew. */
enum err store_directory_patch(struct db *db, struct op *op, struct arena *arena,
                               const struct directory *old, bool places,
                               struct directory *ret_directory) MUST_CHECK;

#endif
