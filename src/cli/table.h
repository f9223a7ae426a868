/* The rows of a batch, in order and by key. */
#ifndef BZCTRL_CLI_TABLE_H
#define BZCTRL_CLI_TABLE_H

#include "base/hash.h"

enum row_state { ROW_OPEN, ROW_ACKNOWLEDGED, ROW_WAITING, ROW_REFUSED, ROW_VALID };

struct row {
    struct sha256 mark; /* the hash of its key; zero if it has none */
    long line;          /* where it begins */
    int64_t drop;       /* of a refused row: its entry in the outbox; 0: none */
    uint32_t equals;    /* of the first of equal rows: how many follow */
    enum row_state state;
};

struct table {
    struct row *rows;
    size_t n, room;
    uint32_t *slots; /* a hash table by mark: an index into `rows` plus 1; 0: empty */
    size_t slot_count;
};

/* Finds the row with a key; NULL if there is none. */
struct row *table_find(const struct table *table, const struct sha256 *mark);

/* Adds a row; `mark` is NULL if it has no key. NULL if out of memory. Adding a row may move the
 * others. */
struct row *table_add(struct table *table, const struct sha256 *mark, long line);

void table_finish(struct table *table);

#endif
