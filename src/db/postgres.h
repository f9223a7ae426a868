/*
 * What the files of the PostgreSQL engine share: the connection and its deadlines (postgres.c), its
 * pipeline and prepared statements (postgres_statement.c), and the translation of the schema
 * (postgres_script.c).
 *
 * The connection lives in libpq's pipeline mode: a statement whose rows are ignored is sent without
 * waiting, so that a batch of creates costs a few round trips instead of hundreds. Its error
 * appears at the next wait, at the latest in the commit. Nothing blocks without a deadline.
 */
#ifndef BZCTRL_DB_POSTGRES_H
#define BZCTRL_DB_POSTGRES_H

#include "db/engine.h"
#include "db/statement.h"

#include <libpq-fe.h>

/* The maximum size of a statement on the wire beyond its text and arguments. */
enum { STATEMENT_BYTES = 80 };

struct postgres {
    struct db db;
    char *url;
    bool reader;
    int answer_ms;     /* how long an answer is waited for, */
    int commit_ms;     /* and that to a commit */
    PGconn *handle;    /* NULL: not connected */
    unsigned failures; /* connections that failed one after the other, */
    int64_t retry_at;  /* and the clock_ticks() before which no further one is tried */
    size_t pending;    /* statements sent whose results were not read yet, */
    size_t syncs;      /* and syncs between and behind them */
    size_t unsynced;   /* bytes, about, since the last sync */
    bool begun;        /* the server has said that the transaction is */
    bool warned;       /* the server sent a warning since this was cleared */
    unsigned names;    /* prepared statements so far */
    struct statements statements;
};

/* Connects unless connected; after a failure only once its back-off is over. ERR_UNAVAILABLE. */
enum err postgres_connect(struct postgres *postgres, struct op *op) MUST_CHECK;

/* Writes the error of `result`, or of the connection when that is NULL, to op->detail and
 * returns what db.h calls it. A broken connection is closed. */
enum err postgres_fail(struct postgres *postgres, struct op *op, const PGresult *result) MUST_CHECK;

/* The deadline (clock_ticks()) for the answer to what is sent now. */
int64_t postgres_deadline(const struct postgres *postgres);

/* Sends what is queued and reads the results of all pending statements; the first error counts.
 * The last statement's result goes to *ret_last, which may be NULL and is for PQclear(). After
 * an error the server continues at the sync that follows them. */
enum err postgres_sync(struct postgres *postgres, struct op *op, int64_t deadline,
                       PGresult **ret_last) MUST_CHECK;

/* Call it before and after queueing a statement of at most so many bytes. libpq sends long
 * queues by itself, but the server treats a transaction as idle, and ends it when it hears
 * nothing more, only after a sync. So there is a sync before libpq sends by itself; otherwise a
 * node stopped in the middle would hold its locks for that whole time. There is no sync before
 * BEGIN is known to have succeeded, because statements after it would then run outside a
 * transaction. */
enum err postgres_room(struct postgres *postgres, struct op *op, size_t bytes) MUST_CHECK;
enum err postgres_queued(struct postgres *postgres, struct op *op) MUST_CHECK;

/* As the engine's run. */
enum err postgres_run(struct db *db, struct op *op, const char *sql, struct db_args args,
                      struct db_rows *ret_rows) MUST_CHECK;

/* For statements_finish(). */
void postgres_statement_destroy(struct statement *statement);

/* The text of a script translated for PostgreSQL, zero-terminated in op->arena. */
enum err postgres_translate(struct op *op, struct str sql, struct str *ret_text) MUST_CHECK;

#endif
