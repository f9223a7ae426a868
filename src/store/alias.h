/*
 * Earlier keys of records that were moved to another workspace (sql/0018_task_alias.sql).
 */
#ifndef BZCTRL_STORE_ALIAS_H
#define BZCTRL_STORE_ALIAS_H

#include "db/db.h"
#include "model/task.h"

enum err store_alias_add(struct db *db, struct op *op, int64_t workspace_id, int64_t number,
                         int64_t task_id) MUST_CHECK;

/* The record that had that number in a workspace. ERR_NOT_FOUND. */
enum err store_task_get_moved(struct db *db, struct op *op, int64_t workspace_id, int64_t number,
                              struct task *ret_task) MUST_CHECK;

/* The id of the record that had a key; 0: none. */
enum err store_alias_find(struct db *db, struct op *op, struct str workspace_key, int64_t number,
                          int64_t *ret_task_id) MUST_CHECK;

/* Has any record been moved? */
enum err store_alias_any(struct db *db, struct op *op, bool *ret_any) MUST_CHECK;

#endif
