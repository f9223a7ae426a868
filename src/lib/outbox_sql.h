/*
 * The statements of the outbox, each prepared once, and the few ways to run them.
 */
#ifndef BZCTRL_LIB_OUTBOX_SQL_H
#define BZCTRL_LIB_OUTBOX_SQL_H

#include "lib/outbox.h"

#include <sqlite3.h>

enum sql {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_KNOWN,
    SQL_ADD,
    SQL_LOAD,
    SQL_LOAD_OTHER,
    SQL_LOAD_APART,
    SQL_FAILED,
    SQL_APART_DUE,
    SQL_SENT,
    SQL_PRUNE,
    SQL_PRUNE_OLDEST,
    SQL_DELETE,
    SQL_WAITS,
    SQL_STATE,
    SQL_MEND,
    SQL_LAST_ID,
    SQL_AGAIN,
    SQL_PACE,
    SQL_SET_PACE,
    SQL_LIST,
    SQL_LIST_SENT,
    SQL_FIND,
    SQL_FIND_SENT,
    SQL_ACCOUNT,
    SQL_SET_ACCOUNT,
    SQL_ANY,
    SQL_PAGES,
    SQL_FREE_PAGES,
    SQL_VERSION,
    SQL_COUNT
};

struct outbox {
    sqlite3 *db;
    sqlite3_stmt *statements[SQL_COUNT];
    int lock; /* -1: this is not the sender */
    int64_t pages_max;
    char *file;
};

/* Maps the last SQLite error to ours, with op->detail. */
enum err outbox_fail(struct outbox *outbox, struct op *op) MUST_CHECK;

/* A parameter: a text or, if that is absent and `null` is not set, a number. */
struct arg {
    struct str text;
    int64_t number;
    bool blob, null;
};
#define TEXT(s) ((struct arg){.text = (s), .null = true})
#define BLOB(s) ((struct arg){.text = (s), .blob = true})
#define NUM(n)  ((struct arg){.number = (n)})

/* Begins a statement with its parameters. */
enum err sql_start(struct outbox *outbox, struct op *op, enum sql sql, const struct arg *args,
                   size_t n, sqlite3_stmt **ret_statement) MUST_CHECK;

/* True: a row. False with *err unchanged: there are no more rows. */
bool sql_step(struct outbox *outbox, struct op *op, sqlite3_stmt *statement, enum err *err);
void sql_end(sqlite3_stmt *statement);

/* Runs a statement and ignores its rows. */
enum err sql_run(struct outbox *outbox, struct op *op, enum sql sql, const struct arg *args,
                 size_t n) MUST_CHECK;
#define RUN(outbox, op, sql, ...)                                                                  \
    sql_run((outbox), (op), (sql), (const struct arg[]){__VA_ARGS__},                              \
            sizeof((const struct arg[]){__VA_ARGS__}) / sizeof(struct arg))

/* The number in the first row; `none` if there is no row. */
enum err sql_number(struct outbox *outbox, struct op *op, enum sql sql, int64_t none,
                    int64_t *ret_number) MUST_CHECK;

/* A text of the row, borrowed until the next step ("" if out of memory); or copied to op->arena. */
struct str sql_column(sqlite3_stmt *statement, int at);
enum err sql_copy(struct op *op, sqlite3_stmt *statement, int at, struct str *ret_text) MUST_CHECK;

#endif
