/* The link of the first run as it is stored (sql/0034): core/first_run.h explains it. */
#ifndef BZCTRL_STORE_FIRST_RUN_H
#define BZCTRL_STORE_FIRST_RUN_H

#include "base/hash.h"
#include "db/db.h"

/* Stores a link, replacing any earlier one. */
enum err store_first_run_put(struct db *db, struct op *op, const struct sha256 *hash,
                             int64_t expires_at) MUST_CHECK;

/* ERR_NOT_FOUND unless the token with that hash is the stored one, and is valid now. */
enum err store_first_run_expect(struct db *db, struct op *op, const struct sha256 *hash) MUST_CHECK;

enum err store_first_run_drop(struct db *db, struct op *op) MUST_CHECK;

#endif
