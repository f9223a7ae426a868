/*
 * The interface of an engine, called only by db.c. Each function means the same as its namesake in
 * db.h; what all engines share (retrying, refusing to continue after a failure) is done in db.c.
 */
#ifndef BZCTRL_DB_ENGINE_H
#define BZCTRL_DB_ENGINE_H

#include "db/db.h"

struct db_engine {
    const char *name;   /* as in the names of migrations: "sqlite" */
    const char *scheme; /* the start of its URLs: "sqlite:" */
    bool shared;        /* db_shared() */

    const char *title;         /* for people: "SQLite" */
    const char *version_sql;   /* of the engine, as a text */
    const char *size_sql;      /* of the database, in bytes */
    const char *integrity_sql; /* a row "ok", or the first fault; NULL: there is no such check */
    const char *settings_sql;  /* name and value of its server's settings; NULL: no server */
    const char *schema_sql;    /* returns 1 if the table schema_migration exists, else 0 */

    /* For a migration, so that processes that start together apply its steps one at a time: if
     * the lock is free, takes it until the end of the transaction and returns 1. NULL: db_begin
     * locks. */
    const char *lock_sql;
    const char *holder_sql; /* describes the holder of the lock, if any */
    /* Lifts the server's own limits, as db_patient() says; NULL: there are none. */
    const char *patience_sql;
    const char *linger_sql; /* the same for db_linger() */

    /* `place` is the URL without the scheme. */
    enum err (*open)(struct str place, bool reader, struct op *op, struct db **ret_db);
    void (*close)(struct db *db);

    /* ret_rows may be NULL to ignore the rows. */
    enum err (*run)(struct db *db, struct op *op, const char *sql, struct db_args args,
                    struct db_rows *ret_rows);
    enum err (*script)(struct db *db, struct op *op, struct str sql);

    enum err (*begin)(struct db *db, struct op *op, bool write);
    enum err (*commit)(struct db *db, struct op *op);
    void (*rollback)(struct db *db);
    enum err (*upkeep)(struct db *db, struct op *op, bool idle);
    enum err (*seal)(struct db *db, struct op *op); /* NULL: the engine has no files of ours */
};

/* The head of every engine's connection. */
struct db {
    const struct db_engine *engine;
    bool open;      /* in a transaction */
    enum err fault; /* its first failure; after it, only rollback is possible */
    bool patient;   /* no deadline applies to answers until the transaction ends */
};

extern const struct db_engine db_sqlite, db_postgres;

#endif
