/*
 * What the files of the PostgreSQL engine share: the connection and its deadlines (postgres.c), its
 * pipeline and prepared statements (postgres_statement.c), and the words of the schema
 * (postgres_script.c).
 *
 * The connection lives in libpq's pipeline mode: a statement whose rows are not wanted is sent and
 * not waited for, so that a batch of creates costs a few round trips and not hundreds. Its error
 * shows when somebody waits next, at the latest in the commit. Nothing blocks without a deadline.
 */
#ifndef BZCTRL_DB_POSTGRES_H
#define BZCTRL_DB_POSTGRES_H

#include "db/engine.h"
#include "db/statement.h"

#include <libpq-fe.h>

/* What a statement takes on the wire beside its text and arguments, at most. */
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

/* Writes the error of `result`, or of the connection when that is NULL, to op->detail and returns
 * what db.h calls it. A connection that is of no use any more is given up. */
enum err postgres_fail(struct postgres *postgres, struct op *op, const PGresult *result) MUST_CHECK;

/* By when (clock_ticks()) an answer must have come to what is sent now. */
int64_t postgres_deadline(const struct postgres *postgres);

/* Sends what is queued and reads the results of all pending statements; the first error counts. The
 * last statement's result goes to *ret_last, which may be NULL and is for PQclear(). The sync
 * behind them is where the server goes on after an error. */
enum err postgres_sync(struct postgres *postgres, struct op *op, int64_t deadline,
                       PGresult **ret_last) MUST_CHECK;

/* To be called before and after a statement of so many bytes, or fewer, is queued. libpq sends long
 * queues without being told; but only behind a sync does the server count a transaction as idle,
 * and end one that nothing is heard of. So there is a sync before libpq sends by itself, lest a
 * node that is stopped in the middle holds its locks for as long as it is. Not before the BEGIN is
 * known to have worked: what comes behind such a sync would otherwise be on its own. */
enum err postgres_room(struct postgres *postgres, struct op *op, size_t bytes) MUST_CHECK;
enum err postgres_queued(struct postgres *postgres, struct op *op) MUST_CHECK;

/* As the engine's run. */
enum err postgres_run(struct db *db, struct op *op, const char *sql, struct db_args args,
                      struct db_rows *ret_rows) MUST_CHECK;

/* For statements_finish(). */
void postgres_statement_destroy(struct statement *statement);

/* The text of a script in PostgreSQL's words, zero-terminated in op->arena. */
enum err postgres_translate(struct op *op, struct str sql, struct str *ret_text) MUST_CHECK;

#endif
