/*
 * One interface to the database engines. SQL is written once, with $1, $2, … as parameters; an
 * engine prepares each text once per connection and keeps it. A connection belongs to one thread.
 *
 * Every call returns ERR_OK or: ERR_RETRY (busy, serialization failure, deadlock: roll back and run
 * the transaction again), ERR_CONSTRAINT, ERR_FULL (no space), ERR_IO (the engine could not read or
 * write its data), ERR_CORRUPT, ERR_UNAVAILABLE, ERR_MEMORY, ERR_MISUSE (a bug in the caller).
 * After a COMMIT with ERR_IO or ERR_UNAVAILABLE its outcome is unknown. The engine's message is in
 * op->detail.
 */
#ifndef BZCTRL_DB_DB_H
#define BZCTRL_DB_DB_H

#include "base/op.h"

struct db;

enum db_type { DB_NULL, DB_I64, DB_TEXT, DB_BLOB };

struct db_value {
    enum db_type type;
    int64_t number;
    struct str text; /* of DB_TEXT and DB_BLOB */
};

struct db_args {
    const struct db_value *values;
    size_t n;
};

/* The rows of a query, read whole into the arena. */
struct db_rows {
    const struct db_value *values;
    size_t n, columns;
};

/* Parameters: db_run(db, op, SQL, DB_ARGS(db_i64(id), db_text(name))). */
#define DB_ARGS(...)                                                                               \
    (struct db_args)                                                                               \
    {                                                                                              \
        (const struct db_value[]){__VA_ARGS__},                                                    \
            sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)               \
    }
#define DB_NO_ARGS (struct db_args){NULL, 0}

struct db_value db_null(void);
struct db_value db_i64(int64_t number);
struct db_value db_text(struct str text); /* absent text becomes NULL */
struct db_value db_blob(const void *p, size_t n);

/* Reading a cell; NULL reads as 0 and as absent text. */
bool db_is_null(const struct db_rows *rows, size_t row, size_t column);
int64_t db_get_i64(const struct db_rows *rows, size_t row, size_t column);
struct str db_get_str(const struct db_rows *rows, size_t row, size_t column); /* text or blob */

/* Opens `url`: "sqlite:/path/to/file.db" (creates the file, for the owner only, if it is missing)
 * or "postgresql://…", as libpq reads it. A process has at most one such connection; any number of
 * readers, which refuse to write, may be opened beside it and must be closed before it. ERR_SYNTAX
 * when no engine has this URL scheme. The next transaction reopens a lost connection. */
enum err db_open(const char *url, struct op *op, struct db **ret_db) MUST_CHECK;
enum err db_open_reader(const char *url, struct op *op, struct db **ret_db) MUST_CHECK;
void db_close(struct db *db); /* NULL-safe */

/* The engine's name: "sqlite" or "pg". */
const char *db_engine_name(const struct db *db);

/* For people: "SQLite 3.46.1", in the arena, and how many bytes the database takes. */
enum err db_describe(struct db *db, struct op *op, struct str *ret_engine,
                     int64_t *ret_size) MUST_CHECK;

/* True if other processes may write to the database at the same time: then db_begin takes no
 * lock, and a transaction locks rows by writing to them. */
bool db_shared(const struct db *db);

/* Runs a statement and ignores its rows. Inside a transaction it may only be queued; an error
 * then appears later, at the latest in db_commit. `sql` must be a string that lives as long as
 * the program: prepared statements are found by its address. ERR_MISUSE when a text contains NUL
 * or the number of arguments is wrong. */
enum err db_run(struct db *db, struct op *op, const char *sql, struct db_args args) MUST_CHECK;

/* The same, and reads all its rows into op->arena. */
enum err db_query(struct db *db, struct op *op, const char *sql, struct db_args args,
                  struct db_rows *ret_rows) MUST_CHECK;

/* Runs several statements without parameters, as a migration does. */
enum err db_script(struct db *db, struct op *op, struct str sql) MUST_CHECK;

/* Transactions. db_begin takes the engine's write lock at once, so that no later statement of
 * the transaction fails for want of it. db_begin_read gives one unchanging view until the
 * rollback or commit; call db_linger() in one that stays idle for long, and db_patient() in one whose statements may
 * take longer than a request may, after which the server would cancel them. Once a statement has failed, the
 * transaction can only be rolled back: later statements and the commit return that first error, as does db_fault().
 * After db_commit the transaction is over, whatever the result. */
enum err db_begin(struct db *db, struct op *op) MUST_CHECK;
enum err db_begin_read(struct db *db, struct op *op) MUST_CHECK;
enum err db_commit(struct db *db, struct op *op) MUST_CHECK;
void db_rollback(struct db *db);
enum err db_fault(const struct db *db);
enum err db_patient(struct db *db, struct op *op) MUST_CHECK;
enum err db_linger(struct db *db, struct op *op) MUST_CHECK;

/* Whether to retry a transaction after ERR_RETRY: pauses for a growing random time, and gives up
 * after about a second. Start with a zeroed struct. */
struct db_retry {
    unsigned pauses;
};
bool db_retry(struct db_retry *retry);

/* Runs `body` in a transaction of the kind that `begin` opens (db_begin or db_begin_read), commits, and retries on
 * ERR_RETRY, with op->arena and op->detail rewound. An error of `body` rolls back. */
enum err db_transact(struct db *db, struct op *op, enum err (*begin)(struct db *, struct op *),
                     enum err (*body)(struct db *db, struct op *op, void *arg),
                     void *arg) MUST_CHECK;

/* Maintenance when the write lane has time: a SQLite checkpoint, if worthwhile. `idle`: nothing is waiting. */
enum err db_upkeep(struct db *db, struct op *op, bool idle) MUST_CHECK;
/* The last call on a connection: makes the database a single self-contained file, for a backup. */
enum err db_seal(struct db *db, struct op *op) MUST_CHECK;

#endif
