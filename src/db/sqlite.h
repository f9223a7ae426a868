/*
 * What the two files of the SQLite engine share: the connection (sqlite.c) and its prepared
 * statements (sqlite_statement.c).
 */
#ifndef BZCTRL_DB_SQLITE_H
#define BZCTRL_DB_SQLITE_H

#include "db/engine.h"
#include "db/statement.h"

#include <sqlite3.h>

enum { STATEMENT_PARAMETERS_MAX = 64 };

/* A prepared statement. SQLite numbers "$2, $1" by their first appearance, so `numbers` maps
 * each of its parameters to an argument. */
struct sqlite_statement {
    struct statement head;
    sqlite3_stmt *prepared;
    size_t parameters, arguments;
    unsigned char numbers[STATEMENT_PARAMETERS_MAX];
};

struct sqlite {
    struct db db;
    sqlite3 *handle;
    bool reader;
    bool lost;                /* a write to disk failed: no more checkpoints */
    int wal_pages, wal_saved; /* pages in the log, and how many of them a checkpoint has copied */
    struct statements statements;
};

/* Writes SQLite's message to op->detail and returns the error of db.h for its code. */
enum err sqlite_fail(struct sqlite *sqlite, struct op *op, int code) MUST_CHECK;

/* Finds or prepares a statement, runs it, and reads its rows if requested. */
enum err sqlite_run(struct db *db, struct op *op, const char *sql, struct db_args args,
                    struct db_rows *ret_rows) MUST_CHECK;

/* For statements_finish(). */
void sqlite_statement_destroy(struct statement *statement);

#endif
