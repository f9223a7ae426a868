/* What the app keeps for a person, as it is stored (sql/0045). */
#ifndef BZCTRL_STORE_PREFERENCE_H
#define BZCTRL_STORE_PREFERENCE_H

#include "db/db.h"
#include "model/preference.h"

/* Empty lists for a person who has none. */
enum err store_preference_get(struct db *db, struct op *op, int64_t account_id,
                              struct preference *ret_preference) MUST_CHECK;

/* Replaces the lists that were sent (model/preference.h), and answers both as they are now. */
enum err store_preference_merge(struct db *db, struct op *op, int64_t account_id,
                                const struct preference *sent,
                                struct preference *ret_now) MUST_CHECK;

enum err store_preference_drop(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

#endif
