/*
 * Links between records (sql/0031_task_link.sql): two rows for each, one for either side.
 */
#ifndef BZCTRL_STORE_LINK_H
#define BZCTRL_STORE_LINK_H

#include "db/db.h"
#include "model/link.h"

struct link_list {
    const struct link *items;
    size_t n;
};

/* Adds one side of a link, or notes that link->ended_seq has removed it. */
enum err store_link_add(struct db *db, struct op *op, const struct link *link) MUST_CHECK;
enum err store_link_end(struct db *db, struct op *op, const struct link *link) MUST_CHECK;

/* The links that a record has to another one now, ordered by kind. */
enum err store_links_between(struct db *db, struct op *op, int64_t task_id, int64_t other_id,
                             struct link_list *ret_links) MUST_CHECK;

/* Those that a record has now and that are older than seq `before`, newest first, at most `limit`. */
enum err store_links_before(struct db *db, struct op *op, int64_t task_id, int64_t before,
                            int64_t limit, struct link_list *ret_links) MUST_CHECK;

/* The record that this one is a duplicate of; 0: none. */
enum err store_link_original(struct db *db, struct op *op, int64_t task_id,
                             int64_t *ret_original) MUST_CHECK;

/* All links, ended ones too, after (task_id, seq), at most `limit`; and the one that event `seq` of a
 * record made or, if `ended`, removed. ERR_NOT_FOUND. */
enum err store_links_after(struct db *db, struct op *op, int64_t task_id, int64_t seq,
                           int64_t limit, struct link_list *ret_links) MUST_CHECK;
enum err store_link_of_event(struct db *db, struct op *op, int64_t task_id, int64_t seq, bool ended,
                             struct link *ret_link) MUST_CHECK;

#endif
