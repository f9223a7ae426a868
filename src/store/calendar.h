/* Addresses of calendar feeds (sql/0043): one of a person at most, found by its secret's hash. */
#ifndef BZCTRL_STORE_CALENDAR_H
#define BZCTRL_STORE_CALENDAR_H

#include "base/hash.h"
#include "db/db.h"

/* Replaces the person's; drops it. */
enum err store_calendar_put(struct db *db, struct op *op, int64_t account_id,
                            const struct sha256 *hash) MUST_CHECK;
enum err store_calendar_drop(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

/* Since when the person has one; whose it is. ERR_NOT_FOUND. */
enum err store_calendar_get(struct db *db, struct op *op, int64_t account_id,
                            int64_t *ret_created_at) MUST_CHECK;
enum err store_calendar_owner(struct db *db, struct op *op, const struct sha256 *hash,
                              int64_t *ret_account_id) MUST_CHECK;

#endif
