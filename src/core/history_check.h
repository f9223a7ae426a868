/*
 * A check of the history under way, shared by the files that do its parts (core/history*.c).
 */
#ifndef BZCTRL_CORE_HISTORY_CHECK_H
#define BZCTRL_CORE_HISTORY_CHECK_H

#include "core/history.h"
#include "model/directory.h"
#include "store/history.h"

/*
 * Links (an event's previous_seq) are not covered by hashes, so they are checked against what they
 * must be: each event of a record but its newest is linked to exactly once, by a later event of the
 * same record. To see that in one pass and no memory, both sides are summed up as keyed hashes of
 * (record, seq): equal sums mean equal sets. Payloads that are erased, and the events that say so,
 * too.
 */
struct seqs {
    int64_t *items;
    size_t n, max;
};

struct known_state;

/* What the history says of the tables of administration: the newest of each object, and what has
 * come since they were gathered. */
struct states {
    struct known_state *items;
    size_t n, max;
    int64_t first_said; /* seq of the first ADMIN_STATE */
    int64_t first_at;   /* when history began to say it */
    int64_t last_seq;
};

struct check {
    struct db *db;
    struct op *op;      /* the caller's: what lives to the end */
    struct arena arena; /* of the chunk at hand */
    struct op chunk;    /* on `arena` */
    struct history_report *report;
    const struct chain_end *ends;
    size_t end_count;
    unsigned char sum_key[16];
    uint64_t linked, to_be_linked;
    uint64_t erased, said_erased;
    struct seqs gone, said; /* of one chain, to find what the sums missed */
    struct states states;
    /* What rows refer to, as the last read found it. */
    struct arena directory_arena;
    struct directory directory; /* version 0: not read yet */
};

/* Records the first fault. The error that it returns ends the check, and the caller then drops
 * it. */
enum err history_broken(struct check *check, const char *format, ...) PRINTF_LIKE(2, 3) MUST_CHECK;

/* Takes note of what an event of the chain of no domain says of a table. */
enum err history_state_add(struct check *check, const struct event *event) MUST_CHECK;

/* Every domain, workspace, account and form against the newest event about it. */
enum err history_states_check(struct check *check) MUST_CHECK;
void history_states_finish(struct check *check);

/* Every record against its events, member by member. */
enum err history_tasks_check(struct check *check) MUST_CHECK;

#endif
