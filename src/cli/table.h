/* The rows of a batch in order, and by their keys. */
#ifndef BZCTRL_CLI_TABLE_H
#define BZCTRL_CLI_TABLE_H

#include "base/hash.h"

enum row_state { ROW_OPEN, ROW_ACKNOWLEDGED, ROW_WAITING, ROW_REFUSED, ROW_VALID };

struct row {
    struct sha256 mark; /* the hash of its key; zero: it has none */
    long line;          /* that it begins in */
    int64_t drop;       /* the entry of the outbox that a refused one leaves there; 0: none */
    uint32_t equals;    /* how many rows after it say the same; of the first of them */
    enum row_state state;
};

struct table {
    struct row *rows;
    size_t n, room;
    uint32_t *slots; /* a hash table by mark: an index into `rows` plus 1; 0: empty */
    size_t slot_count;
};

/* The row of a key; NULL when there is none. */
struct row *table_find(const struct table *table, const struct sha256 *mark);

/* Adds a row, `mark` NULL: without a key. NULL when out of memory. Rows move when one is added. */
struct row *table_add(struct table *table, const struct sha256 *mark, long line);

void table_finish(struct table *table);

#endif
