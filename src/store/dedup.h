/*
 * The open records that a second report of the same finds (sql/0014_task_dedup.sql).
 */
#ifndef BZCTRL_STORE_DEDUP_H
#define BZCTRL_STORE_DEDUP_H

#include "base/hash.h"
#include "db/db.h"

/* The record of that digest; 0: none is open. */
enum err store_dedup_find(struct db *db, struct op *op, const struct sha256 *digest,
                          int64_t *ret_task_id) MUST_CHECK;

enum err store_dedup_add(struct db *db, struct op *op, int64_t task_id,
                         const struct sha256 *digest) MUST_CHECK;

/* For a record that is closed, or not what it was: the next report of the same is a new one.
 * Nothing happens to a record that has no rule. */
enum err store_dedup_free(struct db *db, struct op *op, int64_t task_id) MUST_CHECK;

#endif
