/*
 * The index of records as it is stored: for each record its terms (model/task_term.h) and what
 * lists are ordered by; and how far along each domain's chain the index has come. On SQLite it is a
 * file of its own, in which the terms are a contentless FTS5 table; on PostgreSQL it is tables with
 * a GIN index (sql/0021). Both are asked by an expression in the engine's words
 * (model/task_expr.h).
 * `db` is always a connection to where the index is.
 */
#ifndef BZCTRL_STORE_TASK_INDEX_H
#define BZCTRL_STORE_TASK_INDEX_H

#include "db/db.h"
#include "model/task_expr.h"

/* Makes what is missing of the schema, in a transaction; only for an index of its own file. */
enum err store_index_make(struct db *db, struct op *op) MUST_CHECK;

/* From here on a commit of this connection does not wait until it is on the disk. */
enum err store_index_hasten(struct db *db, struct op *op) MUST_CHECK;

/* Which figures an index has: those of two indexes never have the same epoch, and of one the number
 * of changes only grows. */
struct index_age {
    int64_t epoch, change;
};

struct index_state {
    struct index_age age;
    int64_t version; /* of the terms; 0: the index is empty */
    bool built;      /* all that came before the positions is in it */
    int64_t done_id; /* while it is being built: records up to this one are in it */
};

enum err store_index_state(struct db *db, struct op *op, struct index_state *ret_state) MUST_CHECK;
enum err store_index_state_save(struct db *db, struct op *op,
                                const struct index_state *state) MUST_CHECK;

/* Empties the index, positions included. */
enum err store_index_clear(struct db *db, struct op *op) MUST_CHECK;

/* How far it has come along one chain, and the hash of the event there. */
struct index_position {
    int64_t ordinal, seq;
    struct str hash;
};

struct index_positions {
    const struct index_position *items; /* ordered by ordinal */
    size_t n;
};

enum err store_index_positions(struct db *db, struct op *op,
                               struct index_positions *ret_positions) MUST_CHECK;
enum err store_index_position_save(struct db *db, struct op *op,
                                   const struct index_position *position) MUST_CHECK;

/* Where several nodes share it, one at a time writes it: claims or renews that until `until`, and
 * locks it for the transaction. ERR_BUSY while another one has it. */
enum err store_index_claim(struct db *db, struct op *op, struct str owner,
                           int64_t until) MUST_CHECK;

/* Puts a record in, in place of what was there if `known`. `terms` has a blank between them. */
enum err store_index_put(struct db *db, struct op *op, const struct task *task, struct str terms,
                         bool known) MUST_CHECK;

/* Ends a step that put rows in; `built`: the first after which the index is whole. */
enum err store_index_settle(struct db *db, struct op *op, bool built) MUST_CHECK;

/* Has the index forget the words of rows that were replaced, which it keeps until it merges what it
 * consists of: some pages of that. `begins` a round over everything but what is being merged already;
 * the round is over when *ret_more is false, and nothing is left when that is so of its first step. */
enum err store_index_purge(struct db *db, struct op *op, bool begins, bool *ret_more) MUST_CHECK;

/* Outside of a transaction, after a purge: empties the log. Not done while somebody reads. */
enum err store_index_empty_log(struct db *db, struct op *op, bool *ret_done) MUST_CHECK;

/* The greatest id in the index; 0 if it is empty. */
enum err store_index_greatest(struct db *db, struct op *op, int64_t *ret_id) MUST_CHECK;

/* ---- asking ---- */

/* Where statements that depend on the expression are planned for it. First in a transaction. */
enum err store_index_begin(struct db *db, struct op *op) MUST_CHECK;

/* The ids of hits above and below two bounds, both exclusive: at most `limit`, or all, oldest first. */
enum err store_index_hits(struct db *db, struct op *op, struct str expr, int64_t above,
                          int64_t below, bool oldest_first, int64_t limit,
                          struct db_rows *ret_ids) MUST_CHECK;
enum err store_index_hits_within(struct db *db, struct op *op, struct str expr, int64_t above,
                                 int64_t below, struct db_rows *ret_ids) MUST_CHECK;
enum err store_index_count(struct db *db, struct op *op, struct str expr,
                           int64_t *ret_count) MUST_CHECK;

/* Ids of hits, and what they hold in a field that lists are ordered by; in any order. */
enum err store_index_values(struct db *db, struct op *op, struct str expr, enum filter_field field,
                            int64_t limit, struct db_rows *ret_rows) MUST_CHECK;

/* ---- the chains ---- */

struct chain_head {
    int64_t ordinal, seq;
    struct str hash;
};

struct chain_heads {
    const struct chain_head *items; /* ordered by ordinal */
    size_t n;
};

/* In the store: the heads of all chains; the event of a chain at a place, of which hash is all that
 * is read (absent: there is none). */
enum err store_chain_heads(struct db *db, struct op *op, struct chain_heads *ret_heads) MUST_CHECK;
enum err store_event_hash(struct db *db, struct op *op, int64_t ordinal, int64_t seq,
                          struct str *ret_hash) MUST_CHECK;

/* In the store: of a chain's events after a seq, in their order: seq, the record's id or NULL. */
enum err store_event_tasks(struct db *db, struct op *op, int64_t ordinal, int64_t after,
                           int64_t limit, struct db_rows *ret_rows) MUST_CHECK;

#endif
