/* db/migrate: a schema is made once, goes forward, and is never taken for another. */
#include "tests.h"

#include "database.h"
#include "db/migrate.h"

/* STR() is not a constant at file scope. */
#define TEXT(literal) {(literal), sizeof(literal) - 1}

static struct database database;
static struct arena arena;
static struct op op;
static struct db *db;

static const struct migration steps[] = {
    {1, "first", "", TEXT("CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT")},
    {2, "second", "sqlite", TEXT("CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT")},
    {2, "second", "pg", TEXT("CREATE TABLE b (id BIGINT PRIMARY KEY, not_for_sqlite BIGINT)")},
    {3, "third", "", TEXT("INSERT INTO a VALUES (1); INSERT INTO b VALUES (2)")},
};

static int setup(void **state)
{
    (void)state;
    database_make(&database);
    arena_init(&arena, 64 << 20);
    op = (struct op){.arena = &arena, .now = 1};
    assert_int_equal(db_open(database.url, &op, &db), ERR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    db_close(db);
    database_drop(&database);
    arena_finish(&arena);
    return 0;
}

static int64_t number(const char *sql)
{
    struct db_rows rows;
    assert_int_equal(db_query(db, &op, sql, DB_NO_ARGS, &rows), ERR_OK);
    return db_get_i64(&rows, 0, 0);
}

static void steps_run_once_and_each_on_its_engine(void **state)
{
    (void)state;
    assert_int_equal(migrate(db, &op, steps, 4, NULL), ERR_OK);
    assert_int_equal(migrate(db, &op, steps, 4, NULL), ERR_OK);
    assert_int_equal(number("SELECT COUNT(*) FROM a"), 1);
    assert_int_equal(number("SELECT COUNT(*) FROM schema_migration"), 3);
}

static void a_newer_program_takes_only_what_is_missing(void **state)
{
    (void)state;
    assert_int_equal(migrate(db, &op, steps, 1, NULL), ERR_OK);
    assert_int_equal(number("SELECT COUNT(*) FROM a"), 0);
    assert_int_equal(migrate(db, &op, steps, 4, NULL), ERR_OK);
    assert_int_equal(number("SELECT COUNT(*) FROM a"), 1);
}

static void an_older_program_refuses_a_newer_schema(void **state)
{
    (void)state;
    assert_int_equal(migrate(db, &op, steps, 4, NULL), ERR_OK);
    assert_int_equal(migrate(db, &op, steps, 3, NULL), ERR_INVALID);
    assert_non_null(strstr(op.detail, "step 3 (third)"));
    assert_non_null(strstr(op.detail, "newer version"));
}

static void a_number_that_was_left_out_is_never_made_up_for(void **state)
{
    (void)state;
    struct migration gap[4];
    memcpy(gap, steps, sizeof steps);
    gap[3].number = 5;
    assert_int_equal(migrate(db, &op, gap, 4, NULL), ERR_OK);
    assert_int_equal(migrate(db, &op, gap, 4, NULL), ERR_OK);
    assert_int_equal(migrate_check(db, &op, gap, 4), ERR_OK);
    const struct migration late[] = {
        gap[0], gap[1], gap[2], {4, "late", "", STR("CREATE TABLE late (id INTEGER)")}, gap[3]};
    assert_int_equal(migrate(db, &op, late, 5, NULL), ERR_INVALID);
    assert_non_null(strstr(op.detail, "lacks an earlier one"));
}

static void a_step_that_was_changed_since_is_refused(void **state)
{
    (void)state;
    struct migration changed[4];
    memcpy(changed, steps, sizeof steps);
    assert_int_equal(migrate(db, &op, steps, 1, NULL), ERR_OK);
    changed[0].sql = STR("CREATE TABLE a (id INTEGER PRIMARY KEY)");
    assert_int_equal(migrate(db, &op, changed, 4, NULL), ERR_INVALID);
    assert_non_null(strstr(op.detail, "step 1 (first)"));
    /* and nothing of the rest was taken */
    assert_int_equal(number("SELECT COUNT(*) FROM schema_migration"), 1);
}

static void a_step_that_fails_leaves_nothing_of_those_before_it(void **state)
{
    (void)state;
    const struct migration bad[] = {steps[0], {2, "bad", "", STR("CREATE TABLE a (id INTEGER)")}};
    assert_int_not_equal(migrate(db, &op, bad, 2, NULL), ERR_OK);
    struct db_rows rows;
    assert_int_equal(db_query(db, &op, "SELECT id FROM a", DB_NO_ARGS, &rows), ERR_MISUSE);
    assert_int_equal(migrate(db, &op, steps, 4, NULL), ERR_OK);
}

static void the_programs_own_steps_make_a_schema(void **state)
{
    (void)state;
    assert_true(migration_count >= 3);
    assert_int_equal(migrate(db, &op, migrations, migration_count, NULL), ERR_OK);
    assert_int_equal(number("SELECT version FROM directory_version"), 1);
    assert_int_equal(migrate(db, &op, migrations, migration_count, NULL), ERR_OK);
}

static void assert_check(size_t steps_known, enum err expected, const char *words)
{
    op.detail[0] = '\0';
    assert_int_equal(migrate_check(db, &op, steps, steps_known), expected);
    if (words == NULL)
        assert_int_equal(op.detail[0], '\0');
    else
        assert_non_null(strstr(op.detail, words));
}

static void a_check_reports_the_schema_and_changes_nothing(void **state)
{
    (void)state;
    assert_check(4, ERR_NOT_FOUND, NULL);
    assert_check(4, ERR_NOT_FOUND, NULL);
    assert_int_equal(migrate(db, &op, steps, 3, NULL), ERR_OK);
    assert_check(3, ERR_OK, NULL);
    assert_check(4, ERR_INVALID, "older");
    assert_check(1, ERR_INVALID, "second");
    assert_int_equal(number("SELECT COUNT(*) FROM a"), 0);
}

static bool on_step(void *arg, const struct watch_step *step)
{
    struct buf *told = arg;
    buf_printf(told, "%s;", step->name);
    return true;
}

static void the_steps_that_an_older_database_lacks_are_named(void **state)
{
    (void)state;
    struct buf told;
    struct watch watch = {on_step, &told};
    buf_init(&told, 1000);
    assert_int_equal(migrate(db, &op, steps, 1, &watch), ERR_OK);
    assert_int_equal(told.n, 0);
    assert_int_equal(migrate(db, &op, steps, 4, &watch), ERR_OK);
    assert_str(buf_str(&told), "schema step 2 (second);schema step 3 (third);");
    buf_finish(&told);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(steps_run_once_and_each_on_its_engine),
        TEST(a_newer_program_takes_only_what_is_missing),
        TEST(an_older_program_refuses_a_newer_schema),
        TEST(a_number_that_was_left_out_is_never_made_up_for),
        TEST(a_step_that_was_changed_since_is_refused),
        TEST(a_step_that_fails_leaves_nothing_of_those_before_it),
        TEST(the_steps_that_an_older_database_lacks_are_named),
        TEST(a_check_reports_the_schema_and_changes_nothing),
        TEST(the_programs_own_steps_make_a_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
