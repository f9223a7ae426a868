/*
 * One interface to the database engines. SQL is written once, with $1, $2, … as parameters; an
 * engine prepares each text once per connection and keeps it. A connection belongs to one thread.
 *
 * Every call returns ERR_OK or: ERR_RETRY (busy, serialization failure, deadlock: roll back and run
 * the transaction again), ERR_CONSTRAINT, ERR_FULL (no space), ERR_IO (the engine could not read
 * or make durable what it must), ERR_CORRUPT, ERR_UNAVAILABLE, ERR_MEMORY, ERR_MISUSE (the caller
 * is wrong). After a COMMIT with ERR_IO or ERR_UNAVAILABLE its outcome is unknown. The engine's
 * words go to op->detail.
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
#define DB_NO_ARGS                                                                                 \
    (struct db_args)                                                                               \
    {                                                                                              \
        NULL, 0                                                                                    \
    }

struct db_value db_null(void);
struct db_value db_i64(int64_t number);
struct db_value db_text(struct str text); /* absent text becomes NULL */
struct db_value db_blob(const void *p, size_t n);

/* Reading a cell; NULL reads as 0 and as absent text. */
bool db_is_null(const struct db_rows *rows, size_t row, size_t column);
int64_t db_get_i64(const struct db_rows *rows, size_t row, size_t column);
struct str db_get_str(const struct db_rows *rows, size_t row, size_t column); /* text or blob */

/* Opens `url`: "sqlite:/path/to/file.db" (makes the file, for the owner alone, if it is missing) or
 * "postgresql://…", as libpq reads it. There is one such connection at a time in a process; any
 * number of readers, which refuse to write, may be opened beside it and closed before it.
 * ERR_SYNTAX when the URL is of no engine. A connection that is lost is made anew by the next
 * transaction. */
enum err db_open(const char *url, struct op *op, struct db **ret_db) MUST_CHECK;
enum err db_open_reader(const char *url, struct op *op, struct db **ret_db) MUST_CHECK;
void db_close(struct db *db); /* NULL-safe */

/* The engine's name: "sqlite" or "pg". */
const char *db_engine_name(const struct db *db);

/* True if other processes may write to the database at the same time: then db_begin takes no lock,
 * and what must not change under a transaction is locked by writing to it. */
bool db_shared(const struct db *db);

/* Runs a statement whose rows, if any, are not wanted; inside a transaction it may only be queued,
 * and what is wrong with it shows later, at the latest in db_commit. `sql` must be a string that
 * lives as long as the program: prepared statements are found by its address. ERR_MISUSE when a
 * text holds NUL or the number of arguments is not that of the parameters. */
enum err db_run(struct db *db, struct op *op, const char *sql, struct db_args args) MUST_CHECK;

/* The same, and reads all its rows into op->arena. */
enum err db_query(struct db *db, struct op *op, const char *sql, struct db_args args,
                  struct db_rows *ret_rows) MUST_CHECK;

/* Runs several statements without parameters, as a migration does. */
enum err db_script(struct db *db, struct op *op, struct str sql) MUST_CHECK;

/* Transactions. db_begin takes the engine's write lock at once, so that no later statement of the
 * transaction fails for want of it. db_begin_read gives one unchanging view until the rollback or
 * commit; one that is to be left alone for long says db_linger(). Once a statement has failed, the
 * transaction can only be rolled back: later statements and the commit answer with that first
 * error, which db_fault() tells. After db_commit, however it ended, the transaction is over. */
enum err db_begin(struct db *db, struct op *op) MUST_CHECK;
enum err db_begin_read(struct db *db, struct op *op) MUST_CHECK;
enum err db_commit(struct db *db, struct op *op) MUST_CHECK;
void db_rollback(struct db *db);
enum err db_fault(const struct db *db);
enum err db_linger(struct db *db, struct op *op) MUST_CHECK;

/* Whether to run a transaction again that ended with ERR_RETRY: pauses, longer each time and by
 * chance, and gives up after about a second. Start from a zeroed struct. */
struct db_retry {
    unsigned pauses;
};
bool db_retry(struct db_retry *retry);

/* Runs `body` in a transaction of the kind that `begin` opens (db_begin or db_begin_read), commits,
 * and does it all again on ERR_RETRY, with op->arena and op->detail as they were. An error of
 * `body` rolls back. */
enum err db_transact(struct db *db, struct op *op, enum err (*begin)(struct db *, struct op *),
                     enum err (*body)(struct db *db, struct op *op, void *arg),
                     void *arg) MUST_CHECK;

/* Upkeep when the write lane has time: SQLite's checkpoint, if it pays. `idle`: nothing waits. */
enum err db_upkeep(struct db *db, struct op *op, bool idle) MUST_CHECK;
/* Last on a connection: makes the database one file that needs none beside it, as a backup is. */
enum err db_seal(struct db *db, struct op *op) MUST_CHECK;

#endif
