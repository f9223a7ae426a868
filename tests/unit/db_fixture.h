/* What the tests of db/ work in: an opened connection to a fresh database with two small tables. */
#ifndef BZCTRL_TESTS_DB_FIXTURE_H
#define BZCTRL_TESTS_DB_FIXTURE_H

#include "tests.h"

#include "database.h"

struct fixture {
    struct database database;
    struct arena arena;
    struct op op;
    struct db *db;
};

static inline int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    database_make(&f->database);
    arena_init(&f->arena, 128 << 20);
    f->op = (struct op){.arena = &f->arena};
    assert_int_equal(db_open(f->database.url, &f->op, &f->db), ERR_OK);
    assert_int_equal(db_script(f->db, &f->op,
                               STR("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
                                   " bytes BLOB) STRICT;"
                                   "CREATE TABLE child (t INTEGER NOT NULL REFERENCES t (id))")),
                     ERR_OK);
    *state = f;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *f = *state;
    db_close(f->db);
    database_drop(&f->database);
    arena_finish(&f->arena);
    free(f);
    return 0;
}

/* A name that is absent breaks a constraint on every engine. */
static inline enum err insert(struct fixture *f, struct db *db, int64_t id, struct str name)
{
    return db_run(db, &f->op, "INSERT INTO t (id, name) VALUES ($1, $2)",
                  DB_ARGS(db_i64(id), db_text(name)));
}

static inline int64_t count(struct fixture *f, struct db *db)
{
    struct db_rows rows;
    assert_int_equal(db_query(db, &f->op, "SELECT COUNT(*) FROM t", DB_NO_ARGS, &rows), ERR_OK);
    return db_get_i64(&rows, 0, 0);
}

#endif
