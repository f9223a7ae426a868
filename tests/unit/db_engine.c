/* db/: what every caller counts on, whichever engine it is. */
#include "tests.h"

#include "db_fixture.h"

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
    assert_int_equal(db_query(f->db, &f->op, sql, DB_ARGS(db_i64(1)), &rows), ERR_MISUSE);
    assert_int_equal(db_query(f->db, &f->op, sql, DB_ARGS(db_i64(1), db_i64(2), db_i64(3)), &rows),
                     ERR_MISUSE);
    assert_int_equal(db_query(f->db, &f->op, "SELECT :name", DB_ARGS(db_i64(1)), &rows),
                     ERR_MISUSE);
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
    assert_int_equal(insert(f, f->db, 1, STR("a\0b")), ERR_MISUSE);
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
    assert_int_equal(insert(f, f->db, 2, STR_NONE), ERR_CONSTRAINT);
    assert_int_equal(insert(f, f->db, 2, STR("b")), ERR_OK);
    assert_int_equal(count(f, f->db), 2);
}

/* Where others write too, somebody has been quicker, and another look will find it. */
static void a_value_that_must_be_unique_is_reported_as_what_it_means(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("again")),
                     db_shared(f->db) ? ERR_RETRY : ERR_CONSTRAINT);
    assert_int_equal(count(f, f->db), 1);
}

static void a_reference_to_nothing_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(db_run(f->db, &f->op, "INSERT INTO child VALUES (99)", DB_NO_ARGS),
                     ERR_CONSTRAINT);
}

static void a_parameter_may_be_null_first_and_a_value_later(void **state)
{
    struct fixture *f = *state;
    static const char sql[] = "INSERT INTO t (id, name, bytes) VALUES ($1, $2, $3)";
    struct db_rows rows;
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    for (int64_t i = 0; i < 4; i++) {
        struct db_value bytes = i % 2 == 0 ? db_null() : db_blob("\0b", 2);
        assert_int_equal(
            db_run(f->db, &f->op, sql, DB_ARGS(db_i64(i), db_text(STR("name")), bytes)), ERR_OK);
    }
    assert_int_equal(db_commit(f->db, &f->op), ERR_OK);
    assert_int_equal(db_query(f->db, &f->op, "SELECT bytes FROM t ORDER BY id", DB_NO_ARGS, &rows),
                     ERR_OK);
    assert_true(db_is_null(&rows, 0, 0) && db_is_null(&rows, 2, 0));
    assert_int_equal(db_get_str(&rows, 1, 0).n, 2);
    assert_memory_equal(db_get_str(&rows, 3, 0).p, "\0b", 2);

    /* And where the engine has to guess: what NULL was first may be a number then. */
    for (int64_t i = 0; i < 3; i++) {
        struct db_value least = i == 0 ? db_null() : db_i64(i);
        assert_int_equal(
            db_query(f->db, &f->op, "SELECT COUNT(*) FROM t WHERE id >= $1", DB_ARGS(least), &rows),
            ERR_OK);
        assert_int_equal(db_get_i64(&rows, 0, 0), i == 0 ? 0 : 4 - i);
    }
}

static void texts_are_ordered_by_their_bytes(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"", "A", "B", "_", "a", "a b", "aB", "ab", "\xc3\xa4"};
    enum { N = sizeof names / sizeof names[0] };
    struct db_rows rows;
    for (int64_t i = 0; i < N; i++)
        assert_int_equal(insert(f, f->db, i * 7 % N, str_of(names[i * 7 % N])), ERR_OK);
    assert_int_equal(db_query(f->db, &f->op, "SELECT id FROM t ORDER BY name", DB_NO_ARGS, &rows),
                     ERR_OK);
    for (int64_t i = 0; i < N; i++)
        assert_int_equal(db_get_i64(&rows, (size_t)i, 0), i);
}

static void what_holds_is_one_and_what_does_not_is_zero(void **state)
{
    struct fixture *f = *state;
    struct db_rows rows;
    assert_int_equal(db_query(f->db, &f->op, "SELECT $1 = $2, $1 < $2, EXISTS (SELECT 1 FROM t)",
                              DB_ARGS(db_i64(1), db_i64(2)), &rows),
                     ERR_OK);
    assert_int_equal(db_get_i64(&rows, 0, 0), 0);
    assert_int_equal(db_get_i64(&rows, 0, 1), 1);
    assert_int_equal(db_get_i64(&rows, 0, 2), 0);
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
                     ERR_MISUSE);
    assert_int_equal(rows.n, 77);
    assert_non_null(strstr(f->op.detail, "nowhere"));
}

/* Outside a transaction the one must not be felt by the other. */
static void a_failure_harms_no_statement_after_it(void **state)
{
    struct fixture *f = *state;
    struct db_rows rows;
    for (int64_t i = 0; i < 3; i++) {
        assert_int_equal(db_run(f->db, &f->op, "INSERT INTO nowhere VALUES (1)", DB_NO_ARGS),
                         ERR_MISUSE);
        assert_int_equal(db_script(f->db, &f->op, STR("SELECT 1; nonsense")), ERR_MISUSE);
        assert_int_equal(insert(f, f->db, i, STR("a")), ERR_OK);
        assert_int_equal(
            db_query(f->db, &f->op, "SELECT id FROM t WHERE id = $1", DB_ARGS(db_i64(i)), &rows),
            ERR_OK);
        assert_int_equal(rows.n, 1);
    }
}

static void a_large_value_comes_back_whole(void **state)
{
    struct fixture *f = *state;
    enum { SIZE = 5 << 20 };
    static char big[SIZE];
    struct db_rows rows;
    for (size_t i = 0; i < SIZE; i++)
        big[i] = (char)(i * i >> 3);
    assert_int_equal(db_query(f->db, &f->op, "SELECT $1", DB_ARGS(db_blob(big, SIZE)), &rows),
                     ERR_OK);
    assert_int_equal(db_get_str(&rows, 0, 0).n, SIZE);
    assert_memory_equal(db_get_str(&rows, 0, 0).p, big, SIZE);
}

static void a_reader_refuses_to_write(void **state)
{
    struct fixture *f = *state;
    struct db *reader;
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_open_reader(f->database.url, &f->op, &reader), ERR_OK);
    assert_int_equal(count(f, reader), 1);
    assert_int_not_equal(insert(f, reader, 2, STR("b")), ERR_OK);
    db_close(reader);
    assert_int_equal(count(f, f->db), 1);
}

static void a_url_of_no_engine_is_refused_without_showing_it(void **state)
{
    struct fixture *f = *state;
    struct db *db = NULL;
    assert_int_equal(db_open("mongodb://me:secret@localhost", &f->op, &db), ERR_SYNTAX);
    assert_null(strstr(f->op.detail, "secret"));
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

static enum err insert_and_wait(struct fixture *f, int64_t id, struct str name)
{
    struct db_rows rows;
    return db_query(f->db, &f->op, "INSERT INTO t (name, id) VALUES ($1, $2)",
                    DB_ARGS(db_text(name), db_i64(id)), &rows);
}

static void after_a_failure_a_transaction_can_only_be_rolled_back(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_fault(f->db), ERR_OK);
    assert_int_equal(insert_and_wait(f, 2, STR_NONE), ERR_CONSTRAINT);
    assert_int_equal(db_fault(f->db), ERR_CONSTRAINT);
    assert_int_equal(insert(f, f->db, 2, STR("c")), ERR_CONSTRAINT);
    assert_int_equal(db_commit(f->db, &f->op), ERR_CONSTRAINT);
    assert_int_equal(db_fault(f->db), ERR_OK);
    assert_int_equal(count(f, f->db), 0);
    assert_int_equal(insert(f, f->db, 2, STR("c")), ERR_OK);
}

/* A statement whose rows are not wanted may only be queued. */
static void a_failure_is_reported_by_the_commit_at_the_latest(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    enum err first = insert(f, f->db, 2, STR_NONE);
    assert_true(first == ERR_OK || first == ERR_CONSTRAINT);
    enum err second = insert(f, f->db, 3, STR("c"));
    assert_true(second == ERR_OK || second == ERR_CONSTRAINT);
    assert_int_equal(db_commit(f->db, &f->op), ERR_CONSTRAINT);
    assert_non_null(strstr(f->op.detail, "name"));
    assert_int_equal(count(f, f->db), 0);
}

static void a_commit_may_fail_by_itself(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(db_script(f->db, &f->op,
                               STR("CREATE TABLE late (t INTEGER NOT NULL REFERENCES t (id)"
                                   " DEFERRABLE INITIALLY DEFERRED)")),
                     ERR_OK);
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_run(f->db, &f->op, "INSERT INTO late VALUES (99)", DB_NO_ARGS), ERR_OK);
    assert_int_equal(db_commit(f->db, &f->op), ERR_CONSTRAINT);
    assert_int_equal(count(f, f->db), 0);
}

static void ten_thousand_changes_are_one_transaction(void **state)
{
    struct fixture *f = *state;
    enum { N = 10000 };
    static char name[2000];
    memset(name, 'x', sizeof name);
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    for (int64_t i = 0; i < N; i++)
        assert_int_equal(insert(f, f->db, i, (struct str){name, sizeof name}), ERR_OK);
    assert_int_equal(db_commit(f->db, &f->op), ERR_OK);
    assert_int_equal(count(f, f->db), N);
}

static void a_script_is_part_of_its_transaction(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_script(f->db, &f->op,
                               STR("CREATE TABLE made (id INTEGER); INSERT INTO made VALUES (1)")),
                     ERR_OK);
    assert_int_equal(insert(f, f->db, 2, STR("b")), ERR_OK);
    assert_int_equal(db_script(f->db, &f->op, STR("INSERT INTO made VALUES (2); nonsense")),
                     ERR_MISUSE);
    assert_int_equal(insert(f, f->db, 3, STR("c")), ERR_MISUSE);
    assert_int_equal(db_commit(f->db, &f->op), ERR_MISUSE);
    assert_int_equal(count(f, f->db), 0);

    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(db_script(f->db, &f->op, STR("CREATE TABLE made (id INTEGER)")), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_commit(f->db, &f->op), ERR_OK);
    assert_int_equal(count(f, f->db), 1);
}

/* Also when what failed is a statement before it that was only queued. */
static void a_script_after_a_failure_is_not_run(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    enum err first = insert(f, f->db, 2, STR_NONE);
    assert_true(first == ERR_OK || first == ERR_CONSTRAINT);
    assert_int_equal(db_script(f->db, &f->op, STR("INSERT INTO t VALUES (1, 'a', NULL)")),
                     ERR_CONSTRAINT);
    db_rollback(f->db);
    assert_int_equal(count(f, f->db), 0);
}

static void a_reading_transaction_sees_one_moment(void **state)
{
    struct fixture *f = *state;
    struct db *reader;
    assert_int_equal(db_open_reader(f->database.url, &f->op, &reader), ERR_OK);
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
        TEST(a_value_that_must_be_unique_is_reported_as_what_it_means),
        TEST(a_reference_to_nothing_is_refused),
        TEST(a_parameter_may_be_null_first_and_a_value_later),
        TEST(texts_are_ordered_by_their_bytes),
        TEST(what_holds_is_one_and_what_does_not_is_zero),
        TEST(hundreds_of_statements_are_kept_and_found),
        TEST(a_thousand_rows_are_read_in_order),
        TEST(errors_keep_what_was_returned_untouched),
        TEST(a_failure_harms_no_statement_after_it),
        TEST(a_large_value_comes_back_whole),
        TEST(a_reader_refuses_to_write),
        TEST(a_url_of_no_engine_is_refused_without_showing_it),
        TEST(a_rollback_leaves_nothing),
        TEST(after_a_failure_a_transaction_can_only_be_rolled_back),
        TEST(a_failure_is_reported_by_the_commit_at_the_latest),
        TEST(a_commit_may_fail_by_itself),
        TEST(ten_thousand_changes_are_one_transaction),
        TEST(a_script_is_part_of_its_transaction),
        TEST(a_script_after_a_failure_is_not_run),
        TEST(a_reading_transaction_sees_one_moment),
        TEST(a_transaction_is_tried_again_from_a_rewound_arena),
        TEST(retrying_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
