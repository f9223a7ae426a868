/* db/: what is SQLite's own: its file, its disk, its one writer. */
#include "tests.h"

#include "db_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* ---- the file ---- */

static void the_file_is_for_its_owner_alone(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"bzctrl.db", "bzctrl.db-wal", "bzctrl.db-shm"};
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", f->database.folder, names[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
}

static void the_promises_of_durability_are_switched_on(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *sql, *text;
        int64_t number;
    } settings[] = {
        {"PRAGMA journal_mode", "wal", 0}, {"PRAGMA synchronous", NULL, 2},
        {"PRAGMA foreign_keys", NULL, 1},  {"PRAGMA wal_autocheckpoint", NULL, 0},
        {"PRAGMA temp_store", NULL, 2},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        struct db_rows rows;
        assert_int_equal(db_query(f->db, &f->op, settings[i].sql, DB_NO_ARGS, &rows), ERR_OK);
        if (settings[i].text != NULL)
            assert_str(db_get_str(&rows, 0, 0), settings[i].text);
        else
            assert_int_equal(db_get_i64(&rows, 0, 0), settings[i].number);
    }
}

static void a_file_that_is_not_a_database_is_refused(void **state)
{
    struct fixture *f = *state;
    struct db *db = NULL;
    assert_int_equal(db_open("sqlite:/nonexistent/folder/x.db", &f->op, &db), ERR_UNAVAILABLE);
    assert_non_null(strstr(f->op.detail, "/nonexistent/folder/x.db"));

    char path[128];
    snprintf(path, sizeof path, "%s/text", f->database.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        fputs("this is not a database\n", file);
    fclose(file);
    struct str url = arena_printf(&f->arena, "sqlite:%s", path);
    assert_int_equal(db_open(url.p, &f->op, &db), ERR_CORRUPT);
    assert_null(db);
}

/* ---- transactions ---- */

static void a_database_that_another_writes_to_asks_to_retry(void **state)
{
    struct fixture *f = *state;
    struct db *other;
    assert_int_equal(db_open(f->database.url, &f->op, &other), ERR_OK);
    assert_int_equal(db_begin(other, &f->op), ERR_OK);
    assert_int_equal(db_begin(f->db, &f->op), ERR_RETRY);
    db_rollback(other);
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    db_rollback(f->db);
    db_close(other);
}

/* ---- the disk ---- */

static void a_full_database_is_reported_and_works_again_with_space(void **state)
{
    struct fixture *f = *state;
    static char big[100000];
    memset(big, 'x', sizeof big);
    assert_int_equal(db_script(f->db, &f->op, STR("PRAGMA max_page_count = 20")), ERR_OK);
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, (struct str){big, sizeof big}), ERR_FULL);
    db_rollback(f->db);
    assert_int_equal(db_script(f->db, &f->op, STR("PRAGMA max_page_count = 100000")), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, (struct str){big, sizeof big}), ERR_OK);
    assert_int_equal(count(f, f->db), 1);
}

/* A limit on file sizes is the nearest to a full disk that needs no disk: the write of the commit
 * itself fails. */
static void a_commit_that_finds_no_space_is_rolled_back(void **state)
{
    struct fixture *f = *state;
    static char big[100000];
    struct rlimit before, low;
    memset(big, 'x', sizeof big);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    low = (struct rlimit){.rlim_cur = 65536, .rlim_max = before.rlim_max};

    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 2, (struct str){big, sizeof big}), ERR_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    enum err err = db_commit(f->db, &f->op);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(err, ERR_FULL);

    assert_int_equal(count(f, f->db), 1);
    assert_int_equal(insert(f, f->db, 2, (struct str){big, sizeof big}), ERR_OK);
    assert_int_equal(count(f, f->db), 2);
}

static void upkeep_empties_the_log_so_that_it_does_not_grow(void **state)
{
    struct fixture *f = *state;
    static char big[4000];
    char path[128];
    struct stat status;
    memset(big, 'x', sizeof big);
    snprintf(path, sizeof path, "%s/bzctrl.db-wal", f->database.folder);
    for (int64_t i = 0; i < 60; i++) {
        assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
        for (int64_t j = 0; j < 100; j++)
            assert_int_equal(insert(f, f->db, i * 100 + j, (struct str){big, sizeof big}), ERR_OK);
        assert_int_equal(db_commit(f->db, &f->op), ERR_OK);
        assert_int_equal(db_upkeep(f->db, &f->op, false), ERR_OK);
    }
    assert_int_equal(stat(path, &status), 0);
    assert_true(status.st_size < 12 << 20); /* of 25 MB written */
}

static void a_sealed_database_is_one_file(void **state)
{
    struct fixture *f = *state;
    struct db *reader;
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_seal(f->db, &f->op), ERR_OK);
    db_close(f->db);
    /* Also while it is read. */
    assert_int_equal(db_open_reader(f->database.url, &f->op, &reader), ERR_OK);
    assert_int_equal(db_begin_read(reader, &f->op), ERR_OK);
    assert_int_equal(count(f, reader), 1);
    database_shell(&f->database, "test \"$(ls)\" = bzctrl.db");
    db_rollback(reader);
    db_close(reader);
    assert_int_equal(db_open(f->database.url, &f->op, &f->db), ERR_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_file_is_for_its_owner_alone),
        TEST(the_promises_of_durability_are_switched_on),
        TEST(a_file_that_is_not_a_database_is_refused),
        TEST(a_database_that_another_writes_to_asks_to_retry),
        TEST(a_full_database_is_reported_and_works_again_with_space),
        TEST(a_commit_that_finds_no_space_is_rolled_back),
        TEST(a_sealed_database_is_one_file),
        TEST(upkeep_empties_the_log_so_that_it_does_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
