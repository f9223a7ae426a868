/*
 * Records as they are stored (sql/0002_task.sql): clustered by their time-ordered id, with one
 * index, (workspace, number), which grows at one end per workspace. Numbers of a workspace rise
 * with the ids, so that index also gives a workspace's records in time order.
 */
#ifndef BZCTRL_STORE_TASK_H
#define BZCTRL_STORE_TASK_H

#include "db/db.h"
#include "model/task.h"

/* Reads the greatest number used in a workspace, 0 if none; and writes it back, once per
 * transaction. */
enum err store_counter_load(struct db *db, struct op *op, int64_t workspace_id,
                            int64_t *ret_number) MUST_CHECK;
enum err store_counter_save(struct db *db, struct op *op, int64_t workspace_id,
                            int64_t number) MUST_CHECK;

/* The greatest id in use, 0 if none, for id_seen() at the start. */
enum err store_greatest_id(struct db *db, struct op *op, int64_t *ret_id) MUST_CHECK;

enum err store_task_add(struct db *db, struct op *op, const struct task *task) MUST_CHECK;

struct task_list {
    const struct task *items;
    size_t n;
};

/* One record, whole. ERR_NOT_FOUND. */
enum err store_task_get(struct db *db, struct op *op, int64_t workspace_id, int64_t number,
                        struct task *ret_task) MUST_CHECK;
enum err store_task_get_by_id(struct db *db, struct op *op, int64_t id,
                              struct task *ret_task) MUST_CHECK;

enum { TASKS_AT_ONCE = 16 };

/* The records that have these ids, n of them and at most TASKS_AT_ONCE, in no order: a page of a list
 * waits for fewer answers of a database elsewhere. Ids of no record are passed over. */
enum err store_task_get_each(struct db *db, struct op *op, const int64_t *ids, size_t n,
                             struct task_list *ret_tasks) MUST_CHECK;

/* The id of the record with that number; 0: none has it. */
enum err store_task_id(struct db *db, struct op *op, int64_t workspace_id, int64_t number,
                       int64_t *ret_id) MUST_CHECK;

/* How many comments and attachments a record had after event `seq`, into its counts. */
enum err store_task_counts_at(struct db *db, struct op *op, int64_t id, int64_t seq,
                              struct task *task) MUST_CHECK;

/* Whole records with ids above `above` and up to `last`, in the order of ids, at most `limit`. */
enum err store_task_range(struct db *db, struct op *op, int64_t above, int64_t last, int64_t limit,
                          struct task_list *ret_tasks) MUST_CHECK;

/* A record's workspace and source alone. ERR_NOT_FOUND. */
enum err store_task_place(struct db *db, struct op *op, int64_t id, int64_t *ret_workspace_id,
                          int64_t *ret_source_id) MUST_CHECK;

/* A record's version alone, and the id of its parent, 0 if it has none. ERR_NOT_FOUND. */
enum err store_task_version(struct db *db, struct op *op, int64_t id, int64_t *ret_version,
                            int64_t *ret_parent_id) MUST_CHECK;

/* Records that event `seq` changed the record at `at`: raises its version and returns it in
 * *ret_version. */
enum err store_task_touch(struct db *db, struct op *op, int64_t id, int64_t seq, int64_t at,
                          int64_t *ret_version) MUST_CHECK;

/* Likewise for an event of a comment or an attachment: adds to the record's counts. */
struct task_counts {
    int64_t comments, internal, attachments;
};
enum err store_task_count(struct db *db, struct op *op, int64_t id, int64_t seq, int64_t at,
                          const struct task_counts *more) MUST_CHECK;

/* Replaces the record with the same id, whose version is one less; ERR_RETRY when another node has
 * changed it since it was read. Followers are stored by store/follower.h. */
enum err store_task_put(struct db *db, struct op *op, const struct task *task) MUST_CHECK;

/* Which records a scan reads. Bounds are exclusive. */
struct task_scan {
    int64_t workspace_id; /* 0: all */
    int64_t above, below; /* of a workspace: numbers; of all: ids */
    int64_t limit;
    bool oldest_first;
};

/* Reads the part of records that a filter examines, in the order of numbers or ids; the other
 * members stay zeroed. */
enum err store_task_scan(struct db *db, struct op *op, const struct task_scan *scan,
                         struct task_list *ret_tasks) MUST_CHECK;

/* The greatest number in a workspace whose record has an id below `id`, 0 if none. */
enum err store_task_number_below(struct db *db, struct op *op, int64_t workspace_id, int64_t id,
                                 int64_t *ret_number) MUST_CHECK;

#endif
