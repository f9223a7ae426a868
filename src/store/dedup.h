/*
 * The open records that duplicate reports match (sql/0014_task_dedup.sql).
 */
#ifndef BZCTRL_STORE_DEDUP_H
#define BZCTRL_STORE_DEDUP_H

#include "base/hash.h"
#include "db/db.h"

/* The open record with that digest; 0: none. */
enum err store_dedup_find(struct db *db, struct op *op, const struct sha256 *digest,
                          int64_t *ret_task_id) MUST_CHECK;

enum err store_dedup_add(struct db *db, struct op *op, int64_t task_id,
                         const struct sha256 *digest) MUST_CHECK;

/* For a record that was closed or changed: the next report of the same matter creates a new
 * record. No effect on a record without a rule. */
enum err store_dedup_free(struct db *db, struct op *op, int64_t task_id) MUST_CHECK;

#endif
