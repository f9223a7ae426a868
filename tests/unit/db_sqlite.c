/* db/: what every caller counts on, held against SQLite in a temporary folder. */
#include "tests.h"

#include "db/db.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    char folder[64];
    struct str url;
    struct arena arena;
    struct op op;
    struct db *db;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    strcpy(f->folder, "/tmp/bzctrl-db-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    arena_init(&f->arena, 64 << 20);
    f->op = (struct op){.arena = &f->arena};
    f->url = arena_printf(&f->arena, "sqlite:%s/test.db", f->folder);
    assert_int_equal(db_open(f->url.p, &f->op, &f->db), ERR_OK);
    assert_int_equal(db_script(f->db, &f->op,
                               STR("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
                                   " bytes BLOB) STRICT;"
                                   "CREATE TABLE child (t INTEGER NOT NULL REFERENCES t (id))")),
                     ERR_OK);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    db_close(f->db);
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", f->folder);
    assert_int_equal(system(command), 0);
    arena_finish(&f->arena);
    free(f);
    return 0;
}

static enum err insert(struct fixture *f, struct db *db, int64_t id, struct str name)
{
    return db_run(db, &f->op, "INSERT INTO t (id, name) VALUES ($1, $2)",
                  DB_ARGS(db_i64(id), db_text(name)));
}

static int64_t count(struct fixture *f, struct db *db)
{
    struct db_rows rows;
    assert_int_equal(db_query(db, &f->op, "SELECT COUNT(*) FROM t", DB_NO_ARGS, &rows), ERR_OK);
    return db_get_i64(&rows, 0, 0);
}

/* ---- statements ---- */

static void arguments_go_by_number_not_by_first_appearance(void **state)
{
    struct fixture *f = *state;
    struct db_rows rows;
    assert_int_equal(db_query(f->db, &f->op, "SELECT $2, $1, $2, $3",
                              DB_ARGS(db_i64(1), db_text(STR("two")), db_null()), &rows),
                     ERR_OK);
    assert_int_equal(rows.n, 1);
    assert_int_equal(rows.columns, 4);
    assert_str(db_get_str(&rows, 0, 0), "two");
    assert_int_equal(db_get_i64(&rows, 0, 1), 1);
    assert_str(db_get_str(&rows, 0, 2), "two");
    assert_true(db_is_null(&rows, 0, 3));
    assert_null(db_get_str(&rows, 0, 3).p);
    assert_int_equal(db_get_i64(&rows, 0, 3), 0);
}

static void a_wrong_number_of_arguments_is_refused(void **state)
{
    struct fixture *f = *state;
    const char *sql = "SELECT $1, $2";
    struct db_rows rows;
    assert_int_equal(db_query(f->db, &f->op, sql, DB_ARGS(db_i64(1)), &rows), ERR_INVALID);
    assert_int_equal(db_query(f->db, &f->op, sql, DB_ARGS(db_i64(1), db_i64(2), db_i64(3)), &rows),
                     ERR_INVALID);
    assert_int_equal(db_query(f->db, &f->op, "SELECT :name", DB_ARGS(db_i64(1)), &rows),
                     ERR_INVALID);
}

static void values_come_back_as_they_were_given(void **state)
{
    struct fixture *f = *state;
    const char bytes[] = {0, 1, '\xff', 0};
    struct db_rows rows;
    assert_int_equal(db_query(f->db, &f->op, "SELECT $1, $2, $3, $4, $5",
                              DB_ARGS(db_i64(INT64_MIN), db_i64(INT64_MAX), db_text(STR("")),
                                      db_blob(bytes, sizeof bytes), db_blob("", 0)),
                              &rows),
                     ERR_OK);
    assert_int_equal(db_get_i64(&rows, 0, 0), INT64_MIN);
    assert_int_equal(db_get_i64(&rows, 0, 1), INT64_MAX);
    assert_str(db_get_str(&rows, 0, 2), "");
    assert_int_equal(db_get_str(&rows, 0, 3).n, sizeof bytes);
    assert_memory_equal(db_get_str(&rows, 0, 3).p, bytes, sizeof bytes);
    assert_non_null(db_get_str(&rows, 0, 4).p);
    assert_int_equal(db_get_str(&rows, 0, 4).n, 0);
    assert_int_equal(db_get_str(&rows, 0, 2).p[0], '\0');
}

static void a_text_with_nul_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(insert(f, f->db, 1, STR("a\0b")), ERR_INVALID);
    assert_int_equal(count(f, f->db), 0);
}

static void a_number_with_a_fraction_is_not_silently_cut(void **state)
{
    struct fixture *f = *state;
    struct db_rows rows;
    assert_int_equal(db_query(f->db, &f->op, "SELECT 1.5", DB_NO_ARGS, &rows), ERR_CORRUPT);
}

static void a_statement_runs_again_after_it_has_failed(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("again")), ERR_CONSTRAINT);
    assert_int_equal(insert(f, f->db, 2, STR("b")), ERR_OK);
    assert_int_equal(count(f, f->db), 2);
}

static void hundreds_of_statements_are_kept_and_found(void **state)
{
    struct fixture *f = *state;
    static char texts[500][32];
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < 500; i++) {
            struct db_rows rows;
            snprintf(texts[i], sizeof texts[i], "SELECT %zu + $1", i);
            assert_int_equal(db_query(f->db, &f->op, texts[i], DB_ARGS(db_i64(1)), &rows), ERR_OK);
            assert_int_equal(db_get_i64(&rows, 0, 0), i + 1);
        }
}

static void a_thousand_rows_are_read_in_order(void **state)
{
    struct fixture *f = *state;
    struct db_rows rows;
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(insert(f, f->db, i, STR("row")), ERR_OK);
    assert_int_equal(db_commit(f->db, &f->op), ERR_OK);
    assert_int_equal(
        db_query(f->db, &f->op, "SELECT id, name FROM t ORDER BY id", DB_NO_ARGS, &rows), ERR_OK);
    assert_int_equal(rows.n, 1000);
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(db_get_i64(&rows, (size_t)i, 0), i);
    assert_str(db_get_str(&rows, 999, 1), "row");
}

static void errors_keep_what_was_returned_untouched(void **state)
{
    struct fixture *f = *state;
    struct db_rows rows = {.n = 77};
    assert_int_equal(db_query(f->db, &f->op, "SELECT x FROM nowhere", DB_NO_ARGS, &rows),
                     ERR_INVALID);
    assert_int_equal(rows.n, 77);
    assert_non_null(strstr(f->op.detail, "nowhere"));
}

/* ---- the file ---- */

static void the_file_is_for_its_owner_alone(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"test.db", "test.db-wal", "test.db-shm"};
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", f->folder, names[i]);
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
    assert_int_equal(db_run(f->db, &f->op, "INSERT INTO child VALUES (99)", DB_NO_ARGS),
                     ERR_CONSTRAINT);
}

static void a_reader_refuses_to_write(void **state)
{
    struct fixture *f = *state;
    struct db *reader;
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_open_reader(f->url.p, &f->op, &reader), ERR_OK);
    assert_int_equal(count(f, reader), 1);
    assert_int_not_equal(insert(f, reader, 2, STR("b")), ERR_OK);
    db_close(reader);
    assert_int_equal(count(f, f->db), 1);
}

static void a_url_of_no_engine_and_a_file_that_is_no_database_are_refused(void **state)
{
    struct fixture *f = *state;
    struct db *db = NULL;
    assert_int_equal(db_open("mongodb://localhost", &f->op, &db), ERR_SYNTAX);
    f->op.detail[0] = '\0';
    assert_int_equal(db_open("sqlite:/nonexistent/folder/x.db", &f->op, &db), ERR_UNAVAILABLE);
    assert_non_null(strstr(f->op.detail, "/nonexistent/folder/x.db"));

    char path[128];
    snprintf(path, sizeof path, "%s/text", f->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", file);
    fclose(file);
    struct str url = arena_printf(&f->arena, "sqlite:%s", path);
    assert_int_equal(db_open(url.p, &f->op, &db), ERR_CORRUPT);
    assert_null(db);
}

/* ---- transactions ---- */

static void a_rollback_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    db_rollback(f->db);
    assert_int_equal(count(f, f->db), 0);
    db_rollback(f->db); /* with none open */
}

static void after_a_failure_a_transaction_can_only_be_rolled_back(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_fault(f->db), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("b")), ERR_CONSTRAINT);
    assert_int_equal(db_fault(f->db), ERR_CONSTRAINT);
    assert_int_equal(insert(f, f->db, 2, STR("c")), ERR_CONSTRAINT);
    assert_int_equal(db_commit(f->db, &f->op), ERR_CONSTRAINT);
    assert_int_equal(db_fault(f->db), ERR_OK);
    assert_int_equal(count(f, f->db), 0);
    assert_int_equal(insert(f, f->db, 2, STR("c")), ERR_OK);
}

static void a_reading_transaction_sees_one_moment(void **state)
{
    struct fixture *f = *state;
    struct db *reader;
    assert_int_equal(db_open_reader(f->url.p, &f->op, &reader), ERR_OK);
    assert_int_equal(db_begin_read(reader, &f->op), ERR_OK);
    assert_int_equal(count(f, reader), 0);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(count(f, reader), 0);
    db_rollback(reader);
    assert_int_equal(count(f, reader), 1);
    db_close(reader);
}

struct tries {
    struct fixture *f;
    int n, succeed_at;
    void *first;
};

static enum err try_body(struct db *db, struct op *op, void *arg)
{
    struct tries *tries = arg;
    void *memory = arena_alloc(op->arena, 100000);
    if (tries->n++ == 0)
        tries->first = memory;
    assert_string_equal(op->detail, "");
    enum err err = insert(tries->f, db, tries->n, STR("try"));
    if (err != ERR_OK)
        return err;
    return tries->n == tries->succeed_at ? ERR_OK : op_fail(op, ERR_RETRY, "once more");
}

static void a_transaction_is_tried_again_from_a_rewound_arena(void **state)
{
    struct fixture *f = *state;
    struct tries tries = {.f = f, .succeed_at = 4};
    size_t before = f->arena.total;
    assert_int_equal(db_transact(f->db, &f->op, db_begin, try_body, &tries), ERR_OK);
    assert_int_equal(tries.n, 4);
    assert_true(f->arena.total < before + 2 * 100000);
    assert_int_equal(count(f, f->db), 1);
}

static void retrying_ends(void **state)
{
    struct fixture *f = *state;
    struct tries tries = {.f = f, .succeed_at = -1};
    assert_int_equal(db_transact(f->db, &f->op, db_begin, try_body, &tries), ERR_RETRY);
    assert_in_range(tries.n, 5, 20);
    assert_int_equal(count(f, f->db), 0);
    assert_string_equal(f->op.detail, "once more");
}

static void a_database_that_another_writes_to_asks_to_retry(void **state)
{
    struct fixture *f = *state;
    struct db *other;
    assert_int_equal(db_open(f->url.p, &f->op, &other), ERR_OK);
    assert_int_equal(db_begin(other, &f->op), ERR_OK);
    assert_int_equal(db_begin(f->db, &f->op), ERR_RETRY);
    db_rollback(other);
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    db_rollback(f->db);
    db_close(other);
}

/* ---- the disk ---- */

static void a_full_database_is_told_and_works_again_with_space(void **state)
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
    snprintf(path, sizeof path, "%s/test.db-wal", f->folder);
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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(arguments_go_by_number_not_by_first_appearance),
        TEST(a_wrong_number_of_arguments_is_refused),
        TEST(values_come_back_as_they_were_given),
        TEST(a_text_with_nul_is_refused),
        TEST(a_number_with_a_fraction_is_not_silently_cut),
        TEST(a_statement_runs_again_after_it_has_failed),
        TEST(hundreds_of_statements_are_kept_and_found),
        TEST(a_thousand_rows_are_read_in_order),
        TEST(errors_keep_what_was_returned_untouched),
        TEST(the_file_is_for_its_owner_alone),
        TEST(the_promises_of_durability_are_switched_on),
        TEST(a_reader_refuses_to_write),
        TEST(a_url_of_no_engine_and_a_file_that_is_no_database_are_refused),
        TEST(a_rollback_leaves_nothing),
        TEST(after_a_failure_a_transaction_can_only_be_rolled_back),
        TEST(a_reading_transaction_sees_one_moment),
        TEST(a_transaction_is_tried_again_from_a_rewound_arena),
        TEST(retrying_ends),
        TEST(a_database_that_another_writes_to_asks_to_retry),
        TEST(a_full_database_is_told_and_works_again_with_space),
        TEST(a_commit_that_finds_no_space_is_rolled_back),
        TEST(upkeep_empties_the_log_so_that_it_does_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
