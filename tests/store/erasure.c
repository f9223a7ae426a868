/* core/erasure: step by step, and on after each step as if the process had died there. */
#include "world.h"

#include "base/clock.h"
#include "core/erasure.h"
#include "core/history.h"
#include "db/db.h"
#include "store/erasure.h"

#include <stdio.h>
#include <string.h>

enum { RECORDS = 600, OF_OTHERS = 3, STEPS_MAX = 50 };

/* The first one reported all but a few. */
enum { FIRST = 21, SECOND = 22 };

static struct db *reader_open(struct world *world)
{
    struct db *db;
    assert_int_equal(core_open_reader(world->core, &world->op, &db), ERR_OK);
    return db;
}

static int64_t count(struct world *world, const char *sql)
{
    struct db *db = reader_open(world);
    struct db_rows rows;
    assert_int_equal(db_query(db, &world->op, sql, DB_NO_ARGS, &rows), ERR_OK);
    int64_t n = db_get_i64(&rows, 0, 0);
    db_close(db);
    return n;
}

static int64_t erased_events(struct world *world)
{
    return count(world, "SELECT COUNT(*) FROM event WHERE payload IS NULL");
}

static void person_erase(struct world *world, int64_t id)
{
    struct person_save save = {.op = &world->op, .directory = world->directory};
    save.before = directory_account_by_id(world->directory, id);
    assert_int_equal(erasure_prepare(&save), ERR_OK);
    assert_int_equal(person_save(world->core, &save), ERR_OK);
}

static void records_make(struct world *world)
{
    world_reopen(world); /* so that history knows whom there is */
    struct task_create *creates[RECORDS];
    for (size_t i = 0; i < RECORDS; i++) {
        creates[i] = world_create(world, i % WORLD_WORKSPACES, "Title", NULL);
        if (i < OF_OTHERS)
            creates[i]->task.reporter_id = creates[i]->task.source_id = 22;
    }
    world_send_all(world, creates, RECORDS);
    world_wait(world);
}

static void each_step_is_small_and_continues_where_the_last_one_ended(void **state)
{
    struct world *world = *state;
    records_make(world);
    clock_set(clock_now()); /* so that no wait is over by itself */
    person_erase(world, FIRST);
    assert_int_equal(erased_events(world), 0);
    int steps = 0;
    int64_t wait_ms = 0;
    bool waited = false;
    while (wait_ms != ERASURE_NONE) {
        int64_t before = erased_events(world);
        struct db *db = reader_open(world);
        assert_int_equal(erasure_step(world->core, db, &world->op, &wait_ms), ERR_OK);
        db_close(db);
        /* Once, for what the log of requests has not yet written. */
        if (wait_ms > 0) {
            assert_false(waited);
            waited = true;
            clock_set(clock_now() + wait_ms);
        }
        assert_true(erased_events(world) - before <= 32);
        assert_true(++steps < STEPS_MAX);
        world_reopen(world);
    }
    clock_set(-1);
    assert_true(waited);
    assert_true(steps >= RECORDS / 32); /* as everybody who reports waits for a step */
    /* And one that says what the account was. */
    assert_int_equal(erased_events(world), RECORDS - OF_OTHERS + 1);
    assert_int_equal(count(world, "SELECT COUNT(*) FROM erasure"), 0);
    struct history_report report = world_verify(world, NULL);
    if (report.broken)
        fail_msg("%s", report.fault.p);
    assert_int_equal(report.erased, RECORDS - OF_OTHERS + 1);
}

/* Of each record a step reads every event, and everybody who reports waits for it. */
static void a_step_of_large_records_does_few_of_them(void **state)
{
    enum { LARGE = 20, BYTES = 1024 * 1024, FEW = 9 };
    struct world *world = *state;
    struct task_create *creates[LARGE];
    world_reopen(world);
    char *text = arena_alloc(&world->arena, BYTES);
    memset(text, 'x', BYTES);
    for (size_t i = 0; i < LARGE; i++) {
        creates[i] = world_create(world, i % WORLD_WORKSPACES, "Title", NULL);
        creates[i]->task.description = (struct str){text, BYTES};
    }
    for (size_t i = 0; i < LARGE; i++)
        assert_int_equal(world_send(world, creates[i]), ERR_OK);
    person_erase(world, FIRST);
    struct db *db = reader_open(world);
    int64_t wait_ms = 0;
    while (erased_events(world) < LARGE) {
        int64_t before = erased_events(world);
        assert_int_equal(erasure_step(world->core, db, &world->op, &wait_ms), ERR_OK);
        assert_int_equal(wait_ms, 0);
        assert_in_range(erased_events(world) - before, 0, FEW);
    }
    db_close(db);
}

static void events_and_records_erase(struct world *world)
{
    struct db *db = reader_open(world);
    int64_t wait_ms;
    while (count(world, "SELECT COUNT(*) FROM erasure WHERE stage < 2") > 0)
        assert_int_equal(erasure_step(world->core, db, &world->op, &wait_ms), ERR_OK);
    db_close(db);
}

static void what_is_done_again_changes_nothing(void **state)
{
    struct world *world = *state;
    records_make(world);
    person_erase(world, FIRST);
    events_and_records_erase(world);
    int64_t erased = erased_events(world);
    assert_int_equal(erased, RECORDS - OF_OTHERS + 1);
    world_close(world);
    world_sql(world, "UPDATE erasure SET stage = 0, after = 0");
    world_reopen(world);
    events_and_records_erase(world);
    assert_int_equal(erased_events(world), erased);
    assert_false(world_verify(world, NULL).broken);
}

static void one_that_fails_holds_up_no_other(void **state)
{
    struct world *world = *state;
    int64_t wait_ms = 0;
    enum err err = ERR_OK;
    world_reopen(world);
    struct task_create *create = world_create(world, 0, "Title", NULL);
    create->task.assignee_id = create->task.reporter_id; /* it names the first one alone */
    assert_int_equal(world_send(world, create), ERR_OK);
    world_close(world);
    /* One more admin, since one has to stay. */
    world_sql(world, "INSERT INTO account (id, kind, email, password_grant, admin, disabled,"
                     " created_at) VALUES (23, 1, 'three@example.com', 1, 1, 0, 0);"
                     "UPDATE task SET extra = '{';");
    world_reopen(world);
    clock_set(clock_now());
    person_erase(world, FIRST);
    world_reopen(world);
    person_erase(world, SECOND);
    struct db *db = reader_open(world);
    for (int i = 0; i < STEPS_MAX && count(world, "SELECT COUNT(*) FROM erasure") > 1; i++) {
        op_forget(&world->op);
        err = erasure_step(world->core, db, &world->op, &wait_ms);
        clock_set(clock_now() + 60000); /* the other one has to wait for the log of requests */
    }
    assert_int_equal(err, ERR_OK);
    err = erasure_step(world->core, db, &world->op, &wait_ms);
    db_close(db);
    clock_set(-1);
    /* Nothing else is left to be done, so that is said. */
    assert_int_not_equal(err, ERR_OK);
    assert_true(world->op.detail[0] != 0);
    assert_int_equal(count(world, "SELECT account_id FROM erasure"), FIRST);
    assert_int_equal(count(world, "SELECT COUNT(*) FROM erasure"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_step_is_small_and_continues_where_the_last_one_ended),
        TEST(a_step_of_large_records_does_few_of_them),
        TEST(what_is_done_again_changes_nothing),
        TEST(one_that_fails_holds_up_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
