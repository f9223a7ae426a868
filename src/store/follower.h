/*
 * Who follows a record (sql/0017_task_change.sql).
 */
#ifndef BZCTRL_STORE_FOLLOWER_H
#define BZCTRL_STORE_FOLLOWER_H

#include "db/db.h"
#include "model/task.h"

/* Reads a record's followers into it, by their ids, as many as its follower_count says. */
enum err store_followers(struct db *db, struct op *op, struct task *task) MUST_CHECK;

/* Replaces them with the record's `followers`. */
enum err store_followers_put(struct db *db, struct op *op, const struct task *task) MUST_CHECK;

#endif
