/*
 * A store as plain rows, for copying it into another one of any engine: a table of the tables,
 * ordered so that no row refers to a later one. core/copy.c walks it.
 *
 * A store being filled is marked as such (sql/0007_copy.sql) until its copy is finished.
 */
#ifndef BZCTRL_STORE_COPY_H
#define BZCTRL_STORE_COPY_H

#include "db/db.h"

enum { STORE_KEY_COLUMNS_MAX = 2 };

struct store_table {
    const char *name;              /* for people: "records" */
    const char *rows, *keys, *add; /* statements */
    size_t key_columns;            /* the primary key; the first columns of what `rows` reads */
    bool large;       /* no row of it changes unless one that is not large changes too */
    bool seeded;      /* the schema itself adds rows, which are overwritten */
    bool generations; /* used only on single-process engines (core/idempotency.h) */
};

extern const struct store_table store_tables[];
extern const size_t store_table_count;

/* A row's place in its table. */
struct store_key {
    int64_t columns[STORE_KEY_COLUMNS_MAX];
};

/* Before all rows. */
extern const struct store_key store_key_first;

/* Rows with a key above `after`, in that order, at most `limit`: whole rows, or only their keys. */
enum err store_rows_read(struct db *db, struct op *op, const struct store_table *table,
                         const struct store_key *after, int64_t limit,
                         struct db_rows *ret_rows) MUST_CHECK;
enum err store_keys_read(struct db *db, struct op *op, const struct store_table *table,
                         const struct store_key *after, int64_t limit,
                         struct db_rows *ret_rows) MUST_CHECK;

/* The key of row `i` of either result. */
struct store_key store_row_key(const struct store_table *table, const struct db_rows *rows,
                               size_t i);

/* Adds row `i` of a result of store_rows_read() from another store. */
enum err store_row_add(struct db *db, struct op *op, const struct store_table *table,
                       const struct db_rows *rows, size_t i) MUST_CHECK;

/* The source of the unfinished copy in this store, as passed to store_copy_begin(); absent when
 * there is none. */
enum err store_copy_unfinished(struct db *db, struct op *op, struct str *ret_source) MUST_CHECK;
enum err store_copy_begin(struct db *db, struct op *op, struct str source) MUST_CHECK;
enum err store_copy_end(struct db *db, struct op *op) MUST_CHECK;

/* In a transaction: until its end nobody else can finish the copy. ERR_NOT_FOUND: somebody
 * already has. */
enum err store_copy_hold(struct db *db, struct op *op) MUST_CHECK;

#endif
