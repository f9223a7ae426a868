/*
 * A store is copied whole, to the other engine and back; a copy that was interrupted is not a store
 * until it is finished.
 */
#include "world.h"

#include "core/copy.h"
#include "store/copy.h"

#include <stdio.h>

/* ---- the table of tables ---- */

/* The columns of all tables, but for those of each store's own, the log of requests, and the
 * index. */
static struct db_rows schema_columns(struct world *world, struct db *db)
{
    struct db_rows rows;
    const char *sqlite = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
                         " WHERE m.type = 'table' AND m.name NOT IN"
                         " ('schema_migration', 'node', 'unfinished_copy', 'request', 'first_run',"
                         " 'sign_in_test', 'rule_lease', 'webhook_control')";
    const char *pg =
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name NOT IN"
        " ('schema_migration', 'node', 'unfinished_copy', 'request', 'first_run', 'index_state',"
        " 'index_position', 'task_index', 'task_figure', 'follow_lease', 'rule_lease',"
        " 'webhook_control',"
        " 'sign_in_test')";
    enum err err =
        db_query(db, &world->op, database_on_postgres() ? pg : sqlite, DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        fail_msg("%s", world->op.detail);
    return rows;
}

static bool has_word(struct str text, struct str word)
{
    for (size_t i = 0; i + word.n < text.n; i++) {
        char before = i == 0 ? ' ' : text.p[i - 1], after = text.p[i + word.n];
        if (str_eq(str_sub(text, i, word.n), word) && strchr(" (", before) != NULL &&
            strchr(",) ", after) != NULL)
            return true;
    }
    return false;
}

static bool is_copied(struct world *world, struct str table, struct str column)
{
    struct str start = arena_printf(&world->arena, "INSERT INTO %.*s (", STR_ARG(table));
    for (size_t i = 0; i < store_table_count; i++)
        if (str_starts(str_of(store_tables[i].add), start))
            return has_word(str_of(store_tables[i].add), column) &&
                   has_word(str_of(store_tables[i].rows), column);
    return false;
}

static void every_column_of_the_schema_is_copied(void **state)
{
    struct world *world = *state;
    struct db *db;
    assert_int_equal(db_open_reader(world->database.url, &world->op, &db), ERR_OK);
    struct db_rows columns = schema_columns(world, db);
    assert_true(columns.n > 100);
    for (size_t i = 0; i < columns.n; i++) {
        struct str table = db_get_str(&columns, i, 0), column = db_get_str(&columns, i, 1);
        if (!is_copied(world, table, column))
            fail_msg("src/store/copy.c does not copy %.*s.%.*s", STR_ARG(table), STR_ARG(column));
    }
    db_close(db);
}

/* ---- copying ---- */

/* Two places to copy to: a file, and a fresh database of this run's engine. */
struct places {
    struct world *world;
    struct database other;
    char file[128]; /* its URL */
};

static int places_setup(void **state)
{
    static struct places places;
    world_setup((void **)&places.world);
    database_make(&places.other);
    snprintf(places.file, sizeof places.file, "sqlite:%s/file.db", places.other.folder);
    *state = &places;
    return 0;
}

static int places_teardown(void **state)
{
    struct places *places = *state;
    database_drop(&places->other);
    return world_teardown((void **)&places->world);
}

/* How many steps a copy may take before it is stopped; and the table that it is stopped before. */
static int steps_left;
static const char *stop_before;

/* Another copy of the same, which is begun and finished before this table; NULL: none. */
static struct {
    const char *before;
    void (*run)(void);
    struct places *places;
} other_copy;

static bool watch(void *arg, const struct watch_step *step)
{
    (void)arg;
    if (other_copy.before != NULL && strcmp(step->name, other_copy.before) == 0) {
        other_copy.before = NULL;
        other_copy.run();
    }
    return steps_left-- > 0 && (stop_before == NULL || strcmp(step->name, stop_before) != 0);
}

static enum err copy(struct world *world, const char *from, const char *to, int steps,
                     struct history_report *ret_report)
{
    struct db *source, *target;
    struct copy_options options = {.source_rests = true, .watch = {.step = watch}};
    steps_left = steps;
    world->op.detail[0] = '\0';
    assert_int_equal(copy_source_open(from, &world->op, &source), ERR_OK);
    assert_int_equal(copy_target_open(to, &world->op, NULL, &target), ERR_OK);
    enum err err = copy_store(source, target, &world->op, &options, ret_report);
    db_close(target);
    db_close(source);
    return err;
}

static void copy_whole(struct world *world, const char *from, const char *to)
{
    struct history_report report;
    enum err err = copy(world, from, to, 1000000, &report);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), world->op.detail);
    if (report.broken)
        fail_msg("%s", report.fault.p);
}

static enum err open_core(struct world *world, const char *url, struct core **ret_core)
{
    struct core_options options = {
        .data_dir = world->database.folder, .database_url = url, .mailbox = world->mailbox};
    world->op.detail[0] = '\0';
    return core_open(&options, &world->op, ret_core);
}

/* Only a copy that continues makes a store of it. */
static void assert_unfinished(struct world *world, const char *url)
{
    struct core *core;
    assert_null(world->core);
    assert_int_equal(mailbox_create(NULL, NULL, &world->mailbox), ERR_OK);
    assert_int_equal(open_core(world, url, &core), ERR_UNAVAILABLE);
    assert_non_null(strstr(world->op.detail, "unfinished"));
    mailbox_destroy(world->mailbox);
}

static void assert_same_table(struct world *world, const struct store_table *table, struct db *a,
                              struct db *b)
{
    struct store_key key = store_key_first;
    struct db_rows left = {.n = 1}, right;
    while (left.n > 0) {
        assert_int_equal(store_rows_read(a, &world->op, table, &key, 300, &left), ERR_OK);
        assert_int_equal(store_rows_read(b, &world->op, table, &key, 300, &right), ERR_OK);
        assert_int_equal(left.n, right.n);
        for (size_t i = 0; i < left.n * left.columns; i++) {
            assert_int_equal(left.values[i].type, right.values[i].type);
            assert_int_equal(left.values[i].number, right.values[i].number);
            assert_true(str_eq(left.values[i].text, right.values[i].text));
        }
        if (left.n > 0)
            key = store_row_key(table, &left, left.n - 1);
    }
}

/* Every cell of every table. */
static void assert_same(struct world *world, const char *from, const char *to)
{
    struct db *a, *b;
    assert_int_equal(copy_source_open(from, &world->op, &a), ERR_OK);
    assert_int_equal(copy_source_open(to, &world->op, &b), ERR_OK);
    for (size_t i = 0; i < store_table_count; i++)
        if (!store_tables[i].generations || (!db_shared(a) && !db_shared(b)))
            assert_same_table(world, &store_tables[i], a, b);
    db_close(b);
    db_close(a);
}

enum { RECORDS = 700 };

static struct task_create *creates[RECORDS];

/* Records in four workspaces with a key each, and rows in the tables that those leave empty. */
static void fill(struct world *world)
{
    for (size_t i = 0; i < RECORDS; i++) {
        const char *title = arena_printf(&world->arena, "Claim %zu \xe2\x82\xac", i).p;
        creates[i] = world_create(world, i % WORLD_WORKSPACES, title, title);
    }
    world_send_together(world, creates, RECORDS);
    for (int64_t seq = 3; seq < 30; seq += 7)
        world_erase(world, seq);
    world_close(world);
    world_sql(
        world,
        "INSERT INTO account (id, kind, email, name, password_grant, admin, disabled, created_at)"
        " VALUES (31, 2, 'client-1', 'Client', 0, 0, 0, 5), (32, 2, 'client-2', NULL, 0, 0, 1, 6);"
        "INSERT INTO account_grant (account_id, domain_id, role)"
        " VALUES (21, 1, 1), (21, 2, 3), (22, 2, 2);"
        "INSERT INTO client (account_id, domain_id, scope, version)"
        " VALUES (31, 1, 'task:create', 7);"
        "INSERT INTO client_secret (id, account_id, hash, hint, created_at, expires_at, used_at)"
        " SELECT 32, 31, hash, 'bzcs_abcd', 5, 6, NULL FROM chain WHERE ordinal = 1;"
        "INSERT INTO client_reading (account_id, workspace_id) VALUES (31, 13);"
        "INSERT INTO client_workspace (account_id, workspace_id) VALUES (31, 12), (31, 13);"
        "INSERT INTO token_family (id, account_id, client_id, scope, created_at, expires_at,"
        " revoked, secret_id) VALUES (41, 21, NULL, '*', 1, 2, 0, NULL),"
        " (42, 22, 31, 'task:read', 1, 2, 1, 32);"
        "INSERT INTO token (id, kind, hash, family_id, scope, created_at, expires_at, used_at,"
        " successor_id, revoked) SELECT 51, 1, hash, 41, '*', 1, 2, 0, 0, 0 FROM chain"
        " WHERE ordinal = 2;"
        "INSERT INTO provider_session (family_id, issuer, subject, refresh, checked_at, due_at)"
        " SELECT 41, 'https://a', 'b', hash, 1, 2 FROM chain WHERE ordinal = 2;"
        "INSERT INTO identity (id, account_id, issuer, subject, created_at)"
        " VALUES (71, 21, 'https://a', 'b', 3);"
        "INSERT INTO group_rule (id, name, domain_id, role, created_at, ended_at)"
        " VALUES (72, 'members', 1, 2, 4, NULL), (73, 'left', 2, 3, 4, 5);"
        "INSERT INTO group_member (account_id, rule_id) VALUES (21, 72), (21, 73);"
        "INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead, reason)"
        " VALUES (61, 'token expiry', 7, 8, 0, 3, 1, 'why');"
        "UPDATE job SET due_at = 99, attempts = 2 WHERE id = 1");
}

static void a_copy_there_and_back_holds_the_same(void **state)
{
    struct places *places = *state;
    struct world *world = places->world;
    fill(world);
    copy_whole(world, world->database.url, places->file);
    copy_whole(world, places->file, places->other.url);
    assert_same(world, world->database.url, places->file);
    assert_same(world, world->database.url, places->other.url);
}

static void a_copy_continues_where_the_first_one_stopped(void **state)
{
    struct places *places = *state;
    struct world *world = places->world;
    struct database first = world->database;
    fill(world);
    for (size_t i = 0; i < RECORDS; i++)
        assert_int_equal(creates[i]->change.err, ERR_OK);
    /* Stopped somewhat later each time, until it is through. */
    struct history_report report;
    int steps = 4;
    while (copy(world, first.url, places->other.url, steps, &report) == ERR_UNAVAILABLE) {
        assert_non_null(strstr(world->op.detail, "stopped"));
        assert_unfinished(world, places->other.url);
        steps += 4;
    }
    assert_true(steps > 15);
    assert_same(world, first.url, places->other.url);

    /* And it is a store like any other: keys, numbers and the chain go on. */
    world->database = places->other;
    world_reopen(world);
    struct task_create *again =
        world_create(world, 0, "Claim 0 \xe2\x82\xac", "Claim 0 \xe2\x82\xac");
    assert_int_equal(world_send(world, again), ERR_OK);
    assert_true(again->replayed);
    assert_true(str_eq(again->answer.body, creates[0]->answer.body));
    struct task_create *next = world_create(world, 0, "Next", NULL);
    assert_int_equal(world_send(world, next), ERR_OK);
    assert_int_equal(next->task.number, RECORDS / WORLD_WORKSPACES + 1);
    world_verify(world, NULL);
    world_close(world);
    world->database = first;
}

static void a_copy_continues_in_the_middle_of_a_table(void **state)
{
    struct places *places = *state;
    struct world *world = places->world;
    struct history_report report;
    fill(world);
    stop_before = "answers";
    assert_int_equal(copy(world, world->database.url, places->other.url, 1000, &report),
                     ERR_UNAVAILABLE);
    stop_before = NULL;
    struct database source = world->database;
    world->database = places->other;
    world_sql(world, "DELETE FROM task WHERE id >"
                     " (SELECT MIN(id) + (MAX(id) - MIN(id)) / 2 FROM task)");
    world->database = source;
    copy_whole(world, world->database.url, places->other.url);
    assert_same(world, world->database.url, places->other.url);
}

static void assert_refused(struct world *world, const char *from, const char *to, enum err expected,
                           const char *words)
{
    struct history_report report;
    assert_int_equal(copy(world, from, to, 1000000, &report), expected);
    if (strstr(world->op.detail, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", world->op.detail, words);
}

static void a_store_that_is_not_empty_is_not_copied_to(void **state)
{
    struct places *places = *state;
    struct world *world = places->world;
    fill(world);
    copy_whole(world, world->database.url, places->other.url);
    assert_refused(world, world->database.url, places->other.url, ERR_CONFLICT, "not empty");
    assert_refused(world, places->other.url, world->database.url, ERR_CONFLICT, "not empty");
    assert_same(world, world->database.url, places->other.url);
}

static void a_copy_of_what_has_changed_since_is_not_gone_on_with(void **state)
{
    struct places *places = *state;
    struct world *world = places->world;
    struct history_report report;
    fill(world);
    assert_int_equal(copy(world, world->database.url, places->file, 8, &report), ERR_UNAVAILABLE);
    world_sql(world, "UPDATE account SET password_hash = 'x' WHERE id = 22");
    assert_refused(world, world->database.url, places->file, ERR_CONFLICT, "before it changed");
    assert_refused(world, places->file, places->other.url, ERR_INVALID, "unfinished");
}

static void a_broken_history_is_reported_and_stays_unfinished(void **state)
{
    struct places *places = *state;
    struct world *world = places->world;
    struct history_report report;
    fill(world);
    world_sql(world, "UPDATE event SET at = at + 1 WHERE place % 1000 = 5");
    assert_int_equal(copy(world, world->database.url, places->file, 1000000, &report), ERR_OK);
    assert_true(report.broken);
    assert_unfinished(world, places->file);
}

static void a_database_that_a_node_works_on_is_left_alone(void **state)
{
    struct places *places = *state;
    struct world *world = places->world;
    if (!database_on_postgres())
        skip(); /* there a lock of the folder says so */
    assert_refused(world, world->database.url, places->file, ERR_BUSY, "source");
    world_close(world);
    copy_whole(world, world->database.url, places->file);
    world_sql(world, "DELETE FROM account_grant; UPDATE node SET lease_until = 9000000000000000");
    assert_refused(world, places->file, world->database.url, ERR_BUSY, "target");
}

static void other_copy_run(void)
{
    struct places *places = other_copy.places;
    struct world *world = places->world;
    struct db *db;
    copy_whole(world, world->database.url, places->other.url);
    assert_int_equal(db_open(places->other.url, &world->op, &db), ERR_OK);
    assert_int_equal(
        db_run(db, &world->op, "UPDATE directory_version SET version = 77", DB_NO_ARGS), ERR_OK);
    db_close(db);
}

/* Somebody runs the same twice, and a server works on it once the first is through. */
static void a_copy_that_another_has_finished_is_not_written_to(void **state)
{
    struct places *places = *state;
    struct world *world = places->world;
    struct history_report report;
    struct db *db;
    struct db_rows rows;
    if (!database_on_postgres())
        skip(); /* the folder's lock keeps the second one out */
    fill(world);
    static const char *const before[] = {"jobs", "accounts"};
    for (size_t i = 0; i < 2; i++) {
        if (i > 0) {
            database_drop(&places->other);
            database_make(&places->other);
        }
        other_copy.places = places;
        other_copy.run = other_copy_run;
        other_copy.before = before[i];
        enum err err = copy(world, world->database.url, places->other.url, 1000000, &report);
        assert_int_equal(err, ERR_CONFLICT);
        assert_non_null(strstr(world->op.detail, "another"));
        assert_int_equal(db_open(places->other.url, &world->op, &db), ERR_OK);
        assert_int_equal(
            db_query(db, &world->op, "SELECT version FROM directory_version", DB_NO_ARGS, &rows),
            ERR_OK);
        assert_int_equal(db_get_i64(&rows, 0, 0), 77);
        db_close(db);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, places_setup, places_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_column_of_the_schema_is_copied, world_setup,
                                        world_teardown),
        TEST(a_copy_there_and_back_holds_the_same),
        TEST(a_copy_continues_where_the_first_one_stopped),
        TEST(a_copy_continues_in_the_middle_of_a_table),
        TEST(a_store_that_is_not_empty_is_not_copied_to),
        TEST(a_copy_of_what_has_changed_since_is_not_gone_on_with),
        TEST(a_broken_history_is_reported_and_stays_unfinished),
        TEST(a_database_that_a_node_works_on_is_left_alone),
        TEST(a_copy_that_another_has_finished_is_not_written_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
