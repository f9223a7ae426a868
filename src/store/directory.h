/*
 * The directory as it is stored (sql/0001_directory.sql). It is read as a whole; the core writes
 * single rows and raises the version.
 */
#ifndef BZCTRL_STORE_DIRECTORY_H
#define BZCTRL_STORE_DIRECTORY_H

#include "db/db.h"
#include "model/workspace.h"

/* Reads the directory into `arena` or, where that is enough, builds it there from `before` (may
 * be NULL) and the changes; op->arena is scratch memory. Each workspace gets a time zone, which
 * store_directory_finish() releases. ERR_CORRUPT when a row is not valid, ERR_UNAVAILABLE when
 * the system does not know a time zone. */
enum err store_directory_load(struct db *db, struct op *op, struct arena *arena,
                              const struct directory *before,
                              struct directory *ret_directory) MUST_CHECK;
void store_directory_finish(struct directory *directory);

enum err store_directory_version(struct db *db, struct op *op, int64_t *ret_version) MUST_CHECK;

/* Raises the version, for a change that has marked the rows it touched (sql/0012). */
enum err store_directory_raise(struct db *db, struct op *op, int64_t *ret_version) MUST_CHECK;

/* The greatest id in the directory and of a token, 0 if there is none; for id_seen() at the start.
 */
enum err store_directory_greatest_id(struct db *db, struct op *op, int64_t *ret_id) MUST_CHECK;

/* The id of a domain, by its key in upper case, as the transaction sees it; 0 when there is
 * none. */
enum err store_domain_id(struct db *db, struct op *op, struct str key, int64_t *ret_id) MUST_CHECK;
enum err store_domain_add(struct db *db, struct op *op, int64_t id, struct str key) MUST_CHECK;

/* Adds a workspace; and stores new settings, which raises the version. */
enum err store_workspace_add(struct db *db, struct op *op, int64_t id, int64_t domain_id,
                             const struct workspace_settings *settings) MUST_CHECK;
enum err store_workspace_change(struct db *db, struct op *op, int64_t id,
                                const struct workspace_settings *settings) MUST_CHECK;

#endif
