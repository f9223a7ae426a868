/*
 * What an engine gives to db.c, which alone calls it. Each call means what its namesake in db.h
 * means; what is the same for all engines (retrying, refusing to go on after a failure) is done
 * in front of it.
 */
#ifndef BZCTRL_DB_ENGINE_H
#define BZCTRL_DB_ENGINE_H

#include "db/db.h"

struct db_engine {
    const char *name;   /* as migrations are named for it: "sqlite" */
    const char *scheme; /* what its URLs start with: "sqlite:" */
    bool shared;        /* db_shared() */

    const char *schema_sql; /* answers 1 where there is a table schema_migration, else 0 */

    /* Asked by a migration, so that processes that start at once take its steps one after the
     * other: takes the lock until the end of the transaction, if it is free, and answers 1 then.
     * NULL: db_begin sees to it. */
    const char *lock_sql;
    const char *holder_sql; /* who has it, in words, if anybody */
    /* Lifts the server's own limits, as db_patient() says; NULL: there are none. */
    const char *patience_sql;
    const char *linger_sql; /* the same for db_linger() */

    /* `place` is the URL without the scheme. */
    enum err (*open)(struct str place, bool reader, struct op *op, struct db **ret_db);
    void (*close)(struct db *db);

    /* ret_rows NULL: the rows are not wanted. */
    enum err (*run)(struct db *db, struct op *op, const char *sql, struct db_args args,
                    struct db_rows *ret_rows);
    enum err (*script)(struct db *db, struct op *op, struct str sql);

    enum err (*begin)(struct db *db, struct op *op, bool write);
    enum err (*commit)(struct db *db, struct op *op);
    void (*rollback)(struct db *db);
    enum err (*upkeep)(struct db *db, struct op *op, bool idle);
    enum err (*seal)(struct db *db, struct op *op); /* NULL: there are no files of ours */
};

/* The head of every engine's connection. */
struct db {
    const struct db_engine *engine;
    bool open;      /* in a transaction */
    enum err fault; /* its first failure; after it there is only rollback */
    bool patient;   /* no answer is waited for with a deadline, until the transaction ends */
};

/* For migrate.c. Inside a transaction: each statement from here to its end may take as long as it
 * takes; only the loss of the connection ends it. Otherwise what takes longer than a request may is
 * ended. */
enum err db_patient(struct db *db, struct op *op) MUST_CHECK;

extern const struct db_engine db_sqlite, db_postgres;

#endif
