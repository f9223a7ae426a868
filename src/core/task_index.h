/*
 * Where the index of records is, for those who ask it (core/task_search.h) and for the follower
 * that keeps it (follow/task_index.h).
 *
 * On SQLite it is DIR/index.db, which may be deleted at any time; readers take a connection to it
 * from here. On PostgreSQL it is in the database itself.
 */
#ifndef BZCTRL_CORE_TASK_INDEX_H
#define BZCTRL_CORE_TASK_INDEX_H

#include "base/hash.h"
#include "core/core.h"
#include "model/task_text.h"

struct task_index;
struct task_table;

/* While there is no index, so many records are counted one by one; of more there is no count. */
enum { COUNT_SCAN_MAX = 20000 };

/* Nothing is opened yet. NULL when out of memory. */
struct task_index *task_index_create(struct str database_url, const char *data_dir);
void task_index_destroy(struct task_index *index); /* NULL-safe */

struct task_index *core_task_index(struct core *core);

/* The figures of all records in memory (core/task_table.h); NULL: none are kept. */
struct task_table *task_index_table(struct task_index *index);

/* So much memory at most may they take; 0: none are kept. While nobody asks. */
enum { TABLE_MB_MAX = 1024 * 1024 };
void task_index_table_bound(struct task_index *index, uint64_t megabytes);

/* A connection to the index, in a read transaction of its own or in that of `db`, which is a
 * connection to the store. ERR_UNAVAILABLE when no index can be asked. Give it back with the error that
 * the work on it ended with. */
enum err task_index_take(struct task_index *index, struct db *db, struct op *op,
                         struct db **ret_reader) MUST_CHECK;
void task_index_give(struct task_index *index, struct db *reader, enum err outcome);

/* The one connection that writes, for the follower; the file is made if it is missing. */
enum err task_index_open_writer(struct task_index *index, struct op *op,
                                struct db **ret_writer) MUST_CHECK;

/* Closes it; if the index was found to be damaged, or is to be built again, its file is thrown away
 * then. Readers come to the new one by themselves. */
void task_index_close_writer(struct task_index *index, struct db *writer);
void task_index_discard(struct task_index *index);

/* Has the index built again: by the follower, or by the next one if none is running. */
enum err task_index_rebuild(struct task_index *index, struct op *op) MUST_CHECK;

/* Has the index forget what rows had that were replaced before this is first called for the account
 * that is erased; call it again until *ret_done. Without a follower the file is thrown away. */
void task_index_purge(struct task_index *index, int64_t account_id, bool *ret_done);

/* Does the error mean that the index is damaged? */
bool task_index_is_damage(enum err err);

/* Whether one who has asked the index and got *err may go on without it. Damage, which is logged, is then
 * ERR_UNAVAILABLE. Not where the index is in the store: a statement that failed there has ended the
 * transaction of `db`, and *err is ERR_NOT_READY, with op->detail. */
bool task_index_spared(struct db *db, struct op *op, enum err *err);

/* ---- between those who ask and the follower ---- */

/* Asks the follower to hurry, and waits until it has written again, at most `ms`. */
void task_index_hurry(struct task_index *index, int ms);

/* For the follower: has it been asked to hurry a short time ago? Has a reader met damage, or has
 * somebody asked for another index? And: it has written. */
bool task_index_hurried(struct task_index *index);
bool task_index_damaged(struct task_index *index);
void task_index_note_damage(struct task_index *index);
void task_index_wrote(struct task_index *index);

/* For the follower: the number of the purge that was asked for, 0 if it is done; and it is. */
unsigned task_index_purging(struct task_index *index);
void task_index_purged(struct task_index *index, unsigned number);

/* How many records an expression finds, if that is known of the index as it is, or somebody is about
 * to know it. `key` is the hash of the index's positions and the expression. False: it is for the caller
 * to count, and then to say how many there are; -1: that failed. */
bool task_index_count_known(struct task_index *index, const struct db *reader,
                            const struct sha256 *key, int64_t *ret_count);
void task_index_count_keep(struct task_index *index, const struct db *reader,
                           const struct sha256 *key, int64_t count);

/* The text of a record, with what belongs to it in other tables. */
enum err task_text_load(struct db *db, struct op *op, const struct task *task,
                        struct task_text *ret_text) MUST_CHECK;

#endif
