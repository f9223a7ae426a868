/*
 * Rules, and what of them, their records and their forms cannot be read: it stops nothing but itself, and is
 * made up for.
 */
#include "rule_world.h"

#include "base/clock.h"

/* After an upgrade that reads forms more strictly, or by damage: other workspaces do not notice. */
static void a_form_that_cannot_be_read_holds_up_the_rules_of_its_workspace_only(void **state)
{
    static const size_t places[] = {WOR, MAIN};
    struct world *world = *state;
    clock_set(at(world, WOR, monday, 0));
    for (size_t i = 0; i < 2; i++) {
        make(world, places[i], monday + 1, DATE_NONE);
        rule_make(world, places[i], (struct rule){.kind = RULE_EXPIRE, .days = 1});
        rule_make(world, places[i],
                  recurring((struct schedule){EVERY_WEEK, 1, 1U << 3, 0, 0, 9 * 60, monday, 0},
                            MISSED_ONE));
    }
    pass_at(world, at(world, WOR, monday, 1));
    world_close(world);
    world_sql(world,
              "INSERT INTO form (id, workspace_id, name, version, is_default, disabled, changed)"
              " VALUES (901, 11, 'claim', 1, 1, 0, 1);"
              "INSERT INTO form_version (form_id, version, at, document) VALUES (901, 1, 1, '{');"
              "UPDATE task SET form = 'claim', form_version = 1 WHERE workspace_id = 11;");
    world_reopen(world);
    int64_t time = at(world, WOR, monday + 3, 12 * 60);
    pass_at(world, time);
    pass_at(world, time + HOUR);
    assert_int_equal(world_get(world, MAIN, 1).status, STATUS_EXPIRED);
    assert_int_equal(world_get(world, WOR, 1).status, STATUS_IN_PROGRESS);
    assert_int_equal(world_get(world, MAIN, 2).type, TASK_TASK);
    assert_int_equal(records(world), 3);

    /* Once it can be read, what was put off is made up for. */
    world_close(world);
    world_sql(world, "UPDATE form_version SET document = '{\"fields\":[]}' WHERE form_id = 901;");
    world_reopen(world);
    pass_at(world, time + 2 * HOUR - 1);
    assert_int_equal(world_get(world, WOR, 1).status, STATUS_IN_PROGRESS);
    pass_at(world, time + 2 * HOUR);
    assert_int_equal(world_get(world, WOR, 1).status, STATUS_EXPIRED);
    assert_int_equal(records(world), 4);
}

/* Who is assigned must be somebody other than who reports: a rule chooses only then. */
static void make_unassigned(struct world *world, size_t index)
{
    struct task_create *create = world_create(world, index, "Claim", NULL);
    create->change.op->now = clock_now();
    create->task.due_date = monday + 1;
    create->task.reminder_date = DATE_NONE;
    create->task.assignee_id = create->task.reporter_id;
    assert_int_equal(world_send(world, create), ERR_OK);
}

static void an_assignment_that_waits_for_a_form_is_made_up_for(void **state)
{
    static const struct str two[] = {STR_INIT("two@example.com")};
    struct world *world = *state;
    int64_t time = at(world, WOR, monday, 9 * 60);
    clock_set(time);
    rule_make(world, WOR, (struct rule){.kind = RULE_ASSIGN, .people = {two, 1}});
    make_unassigned(world, WOR);
    world_close(world);
    world_sql(world,
              "INSERT INTO form (id, workspace_id, name, version, is_default, disabled, changed)"
              " VALUES (901, 11, 'claim', 1, 1, 0, 1);"
              "INSERT INTO form_version (form_id, version, at, document) VALUES (901, 1, 1, '{');"
              "UPDATE task SET form = 'claim', form_version = 1, due_date = NULL;");
    world_reopen(world);
    pass_at(world, time);
    assert_int_equal(world_get(world, WOR, 1).assignee_id, 21);
    world_close(world);
    world_sql(world, "UPDATE form_version SET document = '{\"fields\":[]}' WHERE form_id = 901;");
    world_reopen(world);
    pass_at(world, time + HOUR - 1);
    assert_int_equal(world_get(world, WOR, 1).assignee_id, 21);
    pass_at(world, time + HOUR);
    assert_int_equal(world_get(world, WOR, 1).assignee_id, 22);
    pass_at(world, time + 2 * HOUR);
    assert_int_equal(count(world, "task.assigned"), 1);
    struct db_rows timers = world_query(world, "SELECT COUNT(*) FROM record_timer", DB_NO_ARGS);
    assert_int_equal(db_get_i64(&timers, 0, 0), 0);
}

/* By damage: each stops what it is about, and nothing else of its workspace or of others. */
static void a_rule_or_a_record_that_cannot_be_read_stops_itself_only(void **state)
{
    static const struct str two[] = {STR_INIT("two@example.com")};
    struct world *world = *state;
    int64_t time = at(world, WOR, monday, 9 * 60);
    clock_set(time);
    struct rule bad = rule_make(world, WOR, (struct rule){.kind = RULE_EXPIRE, .days = 2});
    struct rule late = rule_make(
        world, LAB,
        recurring((struct schedule){EVERY_WEEK, 1, 1U << 3, 0, 0, 9 * 60, monday, 0}, MISSED_ONE));
    for (size_t i = WOR; i <= LAB; i++) {
        rule_make(world, i, (struct rule){.kind = RULE_EXPIRE, .days = 1});
        rule_make(world, i, (struct rule){.kind = RULE_ASSIGN, .people = {two, 1}});
    }
    for (size_t i = WOR; i <= LAB; i++)
        for (int k = 0; k < 2; k++)
            make_unassigned(world, i);
    world_close(world);
    struct str sql = arena_printf(&world->arena,
                                  "UPDATE rule SET document = '{' WHERE id IN (%lld, %lld);"
                                  "UPDATE task SET tags = '{}' WHERE number = 1;",
                                  (long long)bad.id, (long long)late.id);
    world_sql(world, sql.p);
    world_reopen(world);
    pass_at(world, time);
    assert_int_equal(count(world, "task.assigned"), 2);
    int64_t later = at(world, WOR, monday + 3, 12 * 60);
    pass_at(world, later);
    for (size_t i = WOR; i <= LAB; i++) {
        struct task task = world_get(world, i, 2);
        assert_int_equal(task.assignee_id, 22);
        assert_int_equal(task.status, STATUS_EXPIRED);
    }

    /* Once they can be read, what was put off is made up for. */
    world_close(world);
    world_sql(world, "UPDATE task SET tags = '[]' WHERE number = 1;");
    world_reopen(world);
    pass_at(world, later + 2 * HOUR);
    pass_at(world, later + 2 * HOUR);
    for (size_t i = WOR; i <= LAB; i++) {
        struct task task = world_get(world, i, 1);
        assert_int_equal(task.assignee_id, 22);
        assert_int_equal(task.status, STATUS_EXPIRED);
    }
    assert_int_equal(records(world), 4);
}

static void working_days_that_cannot_be_read_stop_their_workspace_only(void **state)
{
    struct world *world = *state;
    int64_t time = at(world, WOR, monday, 9 * 60);
    clock_set(time);
    for (size_t i = WOR; i <= LAB; i++) {
        rule_make(world, i, (struct rule){.kind = RULE_EXPIRE, .days = 1});
        make(world, i, monday + 1, DATE_NONE);
    }
    world_close(world);
    world_sql(world, "INSERT INTO workdays (workspace_id, weekdays, remind_at, holidays, version)"
                     " VALUES (11, 62, 480, '{}', 1);");
    world_reopen(world);
    int64_t later = at(world, WOR, monday + 3, 12 * 60);
    pass_at(world, later);
    assert_int_equal(world_get(world, WOR, 1).status, STATUS_IN_PROGRESS);
    assert_int_equal(world_get(world, LAB, 1).status, STATUS_EXPIRED);
    world_close(world);
    world_sql(world, "UPDATE workdays SET holidays = '[]';");
    world_reopen(world);
    pass_at(world, later + HOUR);
    assert_int_equal(world_get(world, WOR, 1).status, STATUS_EXPIRED);
}

static int damage_setup(void **state)
{
    monday += YEAR;
    int result = world_setup(state);
    world_reopen(*state); /* its history gets to know what is there */
    return result;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, damage_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_form_that_cannot_be_read_holds_up_the_rules_of_its_workspace_only),
        TEST(an_assignment_that_waits_for_a_form_is_made_up_for),
        TEST(a_rule_or_a_record_that_cannot_be_read_stops_itself_only),
        TEST(working_days_that_cannot_be_read_stop_their_workspace_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
