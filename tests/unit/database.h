/*
 * A fresh, empty database for a test, on the engine of this run: SQLite's file in a temporary
 * folder or, with BZCTRL_TEST_POSTGRES (the URL of a database there, see tests/run.mjs), one that
 * is made on that server and dropped at the end.
 */
#ifndef BZCTRL_TESTS_DATABASE_H
#define BZCTRL_TESTS_DATABASE_H

#include "base/buf.h"
#include "db/db.h"

#include <stdio.h>
#include <stdlib.h>

struct database {
    char folder[64]; /* on both engines */
    char url[256];
};

static inline bool database_on_postgres(void)
{
    return getenv("BZCTRL_TEST_POSTGRES") != NULL;
}

static inline const char *database_name(const struct database *database)
{
    return strrchr(database->url, '/') + 1;
}

/* Runs a statement on the server: `sql` with the database's name for each "NAME". */
static inline void database_command(const struct database *database, const char *sql)
{
    struct arena arena;
    struct buf buf;
    struct db *db;
    arena_init(&arena, 1 << 20);
    buf_init(&buf, 1000);
    struct op op = {.arena = &arena};
    for (const char *name; (name = strstr(sql, "NAME")) != NULL; sql = name + 4) {
        buf_add(&buf, (struct str){sql, (size_t)(name - sql)});
        buf_add(&buf, str_of(database_name(database)));
    }
    buf_add(&buf, str_of(sql));
    enum err err = db_open(getenv("BZCTRL_TEST_POSTGRES"), &op, &db);
    if (err == ERR_OK) {
        err = db_script(db, &op, buf_str(&buf));
        db_close(db);
    }
    if (err != ERR_OK)
        fail_msg("%.*s: %s: %s", STR_ARG(buf_str(&buf)), err_name(err), op.detail);
    buf_finish(&buf);
    arena_finish(&arena);
}

/* Runs a command of the shell in the database's folder. */
static inline void database_shell(const struct database *database, const char *words)
{
    char command[256];
    snprintf(command, sizeof command, "cd '%s' && %s", database->folder, words);
    assert_int_equal(system(command), 0);
}

static inline void database_make(struct database *database)
{
    const char *server = getenv("BZCTRL_TEST_POSTGRES");
    *database = (struct database){.folder = "/tmp/bzctrl-test-XXXXXX"};
    assert_non_null(mkdtemp(database->folder));
    if (server == NULL) {
        snprintf(database->url, sizeof database->url, "sqlite:%s/bzctrl.db", database->folder);
        return;
    }
    /* As unique as the folder, and a name that needs no quotes. */
    const char *slash = strrchr(server, '/'), *unique = strrchr(database->folder, '-') + 1;
    snprintf(database->url, sizeof database->url, "%.*s/t_%02x%02x%02x%02x%02x%02x",
             (int)(slash - server), server, unique[0], unique[1], unique[2], unique[3], unique[4],
             unique[5]);
    database_command(database, "CREATE DATABASE NAME STRATEGY FILE_COPY"); /* a third faster */
}

/* Runs statements on the database itself. */
static inline void database_script(const struct database *database, const char *sql)
{
    struct arena arena;
    struct db *db;
    arena_init(&arena, 1 << 20);
    struct op op = {.arena = &arena};
    enum err err = db_open(database->url, &op, &db);
    if (err == ERR_OK) {
        err = db_script(db, &op, str_of(sql));
        db_close(db);
    }
    if (err != ERR_OK)
        fail_msg("%s: %s: %s", sql, err_name(err), op.detail);
    arena_finish(&arena);
}

/* Remembers all that is stored, and puts it back, any number of times. Nobody may be connected.
 * What is kept lies in a schema of its own on PostgreSQL: a database is slow to make. */
static inline void database_keep(const struct database *database)
{
    if (!database_on_postgres()) {
        database_shell(database, "cp bzctrl.db kept");
        return;
    }
    database_script(
        database, "DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept;"
                  "DO $$ DECLARE t RECORD; BEGIN"
                  " FOR t IN SELECT tablename AS n FROM pg_tables WHERE schemaname = 'public' LOOP"
                  "  EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', t.n);"
                  " END LOOP; END $$");
}

static inline void database_put_back(const struct database *database)
{
    if (!database_on_postgres()) {
        database_shell(database, "cp kept bzctrl.db && rm -f bzctrl.db-wal bzctrl.db-shm");
        return;
    }
    /* Without asking foreign keys: tables come in any order. */
    database_script(database,
                    "SET session_replication_role = replica;"
                    "DO $$ DECLARE t RECORD; BEGIN"
                    " FOR t IN SELECT tablename AS n FROM pg_tables WHERE schemaname = 'kept' LOOP"
                    "  EXECUTE format('DELETE FROM public.%I', t.n);"
                    "  EXECUTE format('INSERT INTO public.%1$I SELECT * FROM kept.%1$I', t.n);"
                    " END LOOP; END $$");
}

static inline void database_drop(const struct database *database)
{
    if (database_on_postgres())
        database_command(database, "DROP DATABASE NAME WITH (FORCE)");
    database_shell(database, "rm -r \"$PWD\"");
}

#endif
