/*
 * Rules: reminders and ladders that fire once, in time or late, whatever happens to the record, the
 * clock and the process in between.
 */
#include "rule_world.h"

#include "base/clock.h"
#include "core/history.h"
#include "core/rule.h"
#include "core/rule_pass.h"
#include "core/rule_past.h"
#include "core/task_change.h"
#include "core/task_index.h"
#include "form/form.h"
#include "store/timer.h"

#include <string.h>

/* ---- short words ---- */

/* The payload of the newest event of that action. */
static struct str said(struct world *world, const char *action)
{
    struct db_rows rows = world_query(
        world, "SELECT payload FROM event WHERE action = $1 ORDER BY place DESC LIMIT 1",
        DB_ARGS(db_text(str_of(action))));
    assert_int_equal(rows.n, 1);
    return db_get_str(&rows, 0, 0);
}

static void assert_says(struct str text, const char *wanted)
{
    if (memmem(text.p, text.n, wanted, strlen(wanted)) == NULL)
        fail_msg("%s is not in %.*s", wanted, STR_ARG(text));
}

static void assert_was_due(struct world *world, const char *action, int64_t time)
{
    struct buf buf;
    buf_init(&buf, 100);
    BUF_LIT(&buf, "\"dueAt\":\"");
    buf_time(&buf, time);
    buf_char(&buf, '"');
    struct str wanted = arena_str(&world->arena, buf_str(&buf));
    assert_says(said(world, action), wanted.p);
    buf_finish(&buf);
}

static void change(struct world *world, size_t index, int64_t number, void (*alter)(struct task *))
{
    struct task before = world_get(world, index, number);
    struct task_change change = {.op = &world->op,
                                 .directory = world->directory,
                                 .form = &form_default,
                                 .before = &before,
                                 .after = before,
                                 .actor_id = 21};
    world->op.now = clock_now();
    alter(&change.after);
    change.closes = before.status != STATUS_DONE && change.after.status == STATUS_DONE;
    change.reopens = before.status == STATUS_DONE && change.after.status != STATUS_DONE;
    if (change.closes)
        change.after.closed_by = 21;
    if (change.reopens) {
        change.after.closed_at = TIME_NONE;
        change.after.closed_by = 0;
    }
    assert_int_equal(core_task_change(world->core, &change), ERR_OK);
}

static void verify(struct world *world)
{
    clock_set(-1);
    struct history_report report = world_verify(world, NULL);
    if (report.broken)
        fail_msg("%.*s", STR_ARG(report.fault));
}

/* ---- a record's own reminder ---- */

static void a_reminder_comes_once_at_the_hour_of_the_workspace(void **state)
{
    struct world *world = *state;
    int64_t due = at(world, WOR, monday + 1, 8 * 60);
    clock_set(due - DAY);
    make(world, WOR, DATE_NONE, monday + 1);
    pass_at(world, due - 1);
    assert_int_equal(count(world, "task.reminded"), 0);
    for (int64_t i = 0; i < 100; i++)
        pass_at(world, due + i * HOUR / 7);
    assert_int_equal(count(world, "task.reminded"), 1);
    assert_was_due(world, "task.reminded", due);
    assert_says(said(world, "task.reminded"), "\"for\":[\"two@example.com\"]");
    verify(world);
}

static void urgent(struct task *task)
{
    task->priority = LEVEL_HIGH;
}

static void a_change_after_a_reminder_does_not_repeat_it(void **state)
{
    struct world *world = *state;
    int64_t due = at(world, WOR, monday, 8 * 60);
    clock_set(due - HOUR);
    make(world, WOR, DATE_NONE, monday);
    pass_at(world, due);
    change(world, WOR, 1, urgent);
    pass_at(world, due + HOUR);
    assert_int_equal(count(world, "task.reminded"), 1);
}

static void a_reminder_leaves_the_time_of_the_last_change_alone(void **state)
{
    struct world *world = *state;
    int64_t due = at(world, WOR, monday, 8 * 60);
    clock_set(due - HOUR);
    make(world, WOR, DATE_NONE, monday);
    struct task before = world_get(world, WOR, 1);
    pass_at(world, due);
    struct task after = world_get(world, WOR, 1);
    assert_int_equal(after.updated_at, before.updated_at);
    assert_int_equal(after.version, before.version + 1);
    verify(world);
}

static void a_reminder_in_the_past_at_creation_is_kept_and_never_sent(void **state)
{
    struct world *world = *state;
    int64_t due = at(world, WOR, monday, 8 * 60);
    clock_set(due + 1);
    make(world, WOR, DATE_NONE, monday);
    pass_at(world, due + 2);
    pass_at(world, due + 10 * DAY);
    assert_int_equal(count(world, "task.reminded"), 0);
    assert_int_equal(world_get(world, WOR, 1).reminder_date, monday);
}

static void a_reminder_that_nobody_was_there_for_comes_late_and_says_when_it_was_due(void **state)
{
    struct world *world = *state;
    int64_t due = at(world, WOR, monday, 8 * 60);
    clock_set(due - HOUR);
    make(world, WOR, DATE_NONE, monday);
    pass_at(world, due + 3 * DAY);
    pass_at(world, due + 4 * DAY);
    assert_int_equal(count(world, "task.reminded"), 1);
    assert_was_due(world, "task.reminded", due);
}

static void tomorrow(struct task *task)
{
    task->reminder_date = monday + 1;
}

static void on_monday(struct task *task)
{
    task->reminder_date = monday;
}

static void never(struct task *task)
{
    task->reminder_date = DATE_NONE;
}

static void
a_date_that_changes_before_its_reminder_is_reminded_of_at_the_new_time_only(void **state)
{
    struct world *world = *state;
    int64_t due = at(world, WOR, monday, 8 * 60);
    clock_set(due - HOUR);
    make(world, WOR, DATE_NONE, monday);
    pass_at(world, due - HOUR);
    change(world, WOR, 1, tomorrow);
    pass_at(world, due + HOUR);
    assert_int_equal(count(world, "task.reminded"), 0);
    pass_at(world, due + DAY);
    assert_int_equal(count(world, "task.reminded"), 1);
    assert_was_due(world, "task.reminded", due + DAY);
}

static void a_date_that_changes_at_its_reminder_or_after_it_is_another_one(void **state)
{
    struct world *world = *state;
    int64_t due = at(world, WOR, monday, 8 * 60);
    clock_set(due - HOUR);
    make(world, WOR, DATE_NONE, monday);
    make(world, WOR, DATE_NONE, monday);
    pass_at(world, due - HOUR);
    clock_set(due);
    change(world, WOR, 1, tomorrow);
    pass_at(world, due);
    assert_int_equal(count(world, "task.reminded"), 1); /* of the other record */
    change(world, WOR, 2, tomorrow);
    pass_at(world, due + DAY);
    assert_int_equal(count(world, "task.reminded"), 3);
    /* Back to a date that it was reminded of, or that has passed. */
    change(world, WOR, 2, on_monday);
    change(world, WOR, 1, on_monday);
    pass_at(world, due + DAY);
    change(world, WOR, 2, tomorrow);
    pass_at(world, due + 3 * DAY);
    assert_int_equal(count(world, "task.reminded"), 3);
    verify(world);
}

static void done(struct task *task)
{
    task->status = STATUS_DONE;
}

static void begun(struct task *task)
{
    task->status = STATUS_IN_PROGRESS;
}

static void a_closed_record_or_one_without_its_date_is_not_reminded_of(void **state)
{
    struct world *world = *state;
    int64_t due = at(world, WOR, monday, 8 * 60);
    clock_set(due - HOUR);
    for (int i = 0; i < 3; i++)
        make(world, WOR, DATE_NONE, monday);
    pass_at(world, due - HOUR);
    change(world, WOR, 1, done);
    change(world, WOR, 2, never);
    change(world, WOR, 3, done);
    change(world, WOR, 3, begun);
    assert_int_equal(
        db_get_i64(&(struct db_rows[]){world_query(
                       world, "SELECT COUNT(*) FROM record_timer WHERE due_at > 0", DB_NO_ARGS)}[0],
                   0, 0),
        0);
    pass_at(world, due + HOUR);
    assert_int_equal(count(world, "task.reminded"), 1);
    clock_set(due + 2 * HOUR);
    change(world, WOR, 1, begun); /* what was due while it was closed is over */
    pass_at(world, due + 3 * HOUR);
    assert_int_equal(count(world, "task.reminded"), 1);
    verify(world);
}

static void each_zone_is_reminded_at_its_own_hour(void **state)
{
    struct world *world = *state;
    world_close(world);
    world_sql(world, "UPDATE workspace SET zone = 'Pacific/Pago_Pago' WHERE id = 12;"
                     "UPDATE workspace SET zone = 'Pacific/Kiritimati' WHERE id = 13;"
                     "UPDATE workspace SET zone = 'America/New_York' WHERE id = 14;");
    world_reopen(world);
    for (size_t i = 0; i < WORLD_WORKSPACES; i++) {
        clock_set(at(world, OFF, monday, 0));
        make(world, i, DATE_NONE, monday);
    }
    /* UTC+14, Amsterdam, New York, UTC-11: 8 o'clock there in hours of UTC. */
    static const int64_t due[] = {8 - 14, 8 - 2, 8 + 4, 8 + 11};
    for (int64_t i = 0; i < 4; i++) {
        int64_t time = monday * DAY + due[i] * HOUR;
        pass_at(world, time - 1);
        assert_int_equal(count(world, "task.reminded"), i);
        pass_at(world, time);
        assert_int_equal(count(world, "task.reminded"), i + 1);
    }
}

/* ---- rules ---- */

static const int32_t steps[] = {-2, 0, 3};

static void a_ladder_goes_by_working_days_and_each_step_comes_once(void **state)
{
    struct world *world = *state;
    clock_set(at(world, WOR, monday, 0));
    rule_make(world, WOR, (struct rule){.kind = RULE_REMIND, .steps = steps, .step_count = 3});
    make(world, WOR, monday + 8, DATE_NONE); /* Tuesday of the week after */
    int64_t expected[12] = {[4] = 1, [8] = 2, [11] = 3};
    int64_t seen = 0;
    for (int32_t day = 0; day < 12; day++) {
        seen = expected[day] > 0 ? expected[day] : seen;
        for (int hour = 0; hour < 24; hour += 8)
            pass_at(world, at(world, WOR, monday + day, hour * 60 + 30));
        if (count(world, "task.reminded") != seen)
            fail_msg("day %d: %lld", day, (long long)count(world, "task.reminded"));
    }
    verify(world);
}

static void of_missed_steps_the_last_one_is_made_up_for(void **state)
{
    struct world *world = *state;
    clock_set(at(world, WOR, monday, 0));
    rule_make(world, WOR, (struct rule){.kind = RULE_REMIND, .steps = steps, .step_count = 3});
    make(world, WOR, monday + 8, DATE_NONE);
    pass_at(world, at(world, WOR, monday + 9, 0));
    assert_int_equal(count(world, "task.reminded"), 1);
    assert_says(said(world, "task.reminded"), "\"step\":0");
}

static void a_rule_begins_when_it_is_switched_on_unless_the_backlog_counts(void **state)
{
    struct world *world = *state;
    clock_set(at(world, WOR, monday, 0));
    make(world, WOR, monday + 1, DATE_NONE);
    pass_at(world, at(world, WOR, monday + 10, 0));
    rule_make(world, WOR, (struct rule){.kind = RULE_ESCALATE, .days = 1});
    pass_at(world, at(world, WOR, monday + 10, 1));
    assert_int_equal(count(world, "task.escalated"), 0);
    rule_make(world, WOR, (struct rule){.kind = RULE_ESCALATE, .days = 1, .backlog = true});
    pass_at(world, at(world, WOR, monday + 10, 2));
    assert_int_equal(count(world, "task.escalated"), 1);
    verify(world);
}

static void a_record_expires_after_its_days_and_the_history_names_the_rule(void **state)
{
    struct world *world = *state;
    clock_set(at(world, WOR, monday, 0));
    rule_make(world, WOR, (struct rule){.kind = RULE_EXPIRE, .days = 1});
    make(world, WOR, monday + 4, DATE_NONE); /* Friday: one working day more is Monday */
    pass_at(world, at(world, WOR, monday + 8, 0) - 1);
    assert_int_equal(world_get(world, WOR, 1).status, STATUS_IN_PROGRESS);
    pass_at(world, at(world, WOR, monday + 8, 0));
    assert_int_equal(world_get(world, WOR, 1).status, STATUS_EXPIRED);
    assert_says(said(world, "task.expired"), "\"ruleName\":[null,\"A rule\"]");
    /* Whoever takes it up again is not contradicted. */
    change(world, WOR, 1, begun);
    pass_at(world, at(world, WOR, monday + 20, 0));
    assert_int_equal(world_get(world, WOR, 1).status, STATUS_IN_PROGRESS);
    verify(world);
}

static void new_records_go_to_people_in_turn_by_the_first_rule_that_matches(void **state)
{
    static const struct str people[] = {STR_INIT("two@example.com"), STR_INIT("one@example.com")};
    static const struct str low[] = {STR_INIT("priority=Low")};
    static const struct str high[] = {STR_INIT("priority=High")};
    struct world *world = *state;
    clock_set(at(world, WOR, monday, 0));
    rule_make(world, WOR,
              (struct rule){.kind = RULE_ASSIGN, .people = {people + 1, 1}, .filter = {high, 1}});
    rule_make(world, WOR,
              (struct rule){.kind = RULE_ASSIGN, .people = {people, 2}, .filter = {low, 1}});
    for (int i = 0; i < 4; i++) {
        struct task_create *create = world_create(world, WOR, "Claim", NULL);
        create->task.assignee_id = create->task.reporter_id;
        assert_int_equal(world_send(world, create), ERR_OK);
        pass_at(world, clock_now() + 1);
    }
    for (int64_t i = 1; i <= 4; i++)
        assert_int_equal(world_get(world, WOR, i).assignee_id, i % 2 == 1 ? 22 : 21);
    assert_int_equal(count(world, "task.assigned"), 2); /* the others had their assignee already */
    verify(world);
}

/* Of a record without a date nothing is written then but the turn. */
static void the_turn_passes_on_from_a_person_who_has_the_record(void **state)
{
    static const struct str people[] = {STR_INIT("one@example.com"), STR_INIT("two@example.com")};
    struct world *world = *state;
    struct rule_pass *pass;
    clock_set(at(world, WOR, monday, 0));
    rule_make(world, WOR, (struct rule){.kind = RULE_ASSIGN, .people = {people, 2}});
    assert_int_equal(rule_pass_open(world->core, &world->op, &pass), ERR_OK);
    for (int64_t i = 1; i <= 4; i++) {
        struct task_create *create = world_create(world, WOR, "Claim", NULL);
        create->task.assignee_id = create->task.reporter_id;
        create->task.reminder_date = DATE_NONE;
        assert_int_equal(world_send(world, create), ERR_OK);
        pass_on(world, pass, clock_now() + 1);
        assert_int_equal(world_get(world, WOR, i).assignee_id, i % 2 == 1 ? 21 : 22);
    }
    rule_pass_close(pass);
    assert_int_equal(count(world, "task.assigned"), 2);
    verify(world);
}

/* ---- records that recur ---- */

static void a_record_is_made_at_each_date_with_its_due_date_and_the_rules_name(void **state)
{
    struct world *world = *state;
    clock_set(at(world, WOR, monday, 0));
    rule_make(
        world, WOR,
        recurring((struct schedule){EVERY_WEEK, 1, 1U << 3, 0, 0, 9 * 60, monday, 0}, MISSED_ONE));
    for (int32_t day = 0; day < 15; day++)
        for (int hour = 0; hour < 24; hour++)
            pass_at(world, at(world, WOR, monday + day, hour * 60));
    assert_int_equal(records(world), 2);
    struct task task = world_get(world, WOR, 1);
    assert_int_equal(zone_date(world_workspace(world, WOR)->zone, task.created_at), monday + 2);
    assert_int_equal(task.due_date, monday + 7);
    assert_int_equal(task.source_id, 21);
    assert_says(said(world, "task.created"), "\"ruleName\":[null,\"A rule\"]");
    verify(world);
}

/* What comes of ten days without a server. */
static void check_missed(struct world *world, size_t index, enum rule_missed missed,
                         int64_t expected)
{
    int64_t before = records(world);
    clock_set(at(world, index, monday, 0));
    rule_make(world, index,
              recurring((struct schedule){EVERY_DAY, 1, 0, 0, 0, 9 * 60, monday, 0}, missed));
    pass_at(world, at(world, index, monday + 9, 12 * 60));
    assert_int_equal(records(world) - before, expected);
    pass_at(world, at(world, index, monday + 10, 9 * 60));
    assert_int_equal(records(world) - before, expected + 1);
}

static void of_missed_dates_the_last_one_is_made_up_for(void **state)
{
    check_missed(*state, WOR, MISSED_ONE, 1);
    verify(*state);
}

static void missed_dates_are_left_out_if_the_rule_says_so(void **state)
{
    check_missed(*state, WOR, MISSED_NONE, 0);
    verify(*state);
}

static void each_of_the_missed_dates_is_a_record_if_the_rule_says_so(void **state)
{
    check_missed(*state, WOR, MISSED_ALL, 10);
    verify(*state);
}

static int64_t dates(struct schedule schedule, int32_t last)
{
    int64_t n = 0;
    schedule.until = DATE_NONE;
    for (int32_t date = schedule.from - 1; (date = schedule_next(&schedule, date)) <= last;)
        n++;
    return n;
}

/* Every pass is by a process that begins there; two take turns, and their clocks differ. */
static void five_years_with_10000_restarts_and_two_nodes_make_one_record_a_date(void **state)
{
    enum { YEARS = 5, DAYS = YEARS * 364 };
    struct world *world = *state;
    const int64_t restarts =
        core_is_shared(world->core) ? 1000 : 10000; /* each opens connections */
    clock_set(at(world, WOR, monday, 0));
    const struct schedule months = {EVERY_MONTH, 1, 0, 0, 31, 2 * 60 + 30, monday, 0};
    const struct schedule weeks = {EVERY_WEEK, 1, 1U << 7, 0, 0, 2 * 60 + 30, monday, 0};
    const int64_t expected = dates(months, monday + DAYS - 1) + dates(weeks, monday + DAYS - 1);
    rule_make(world, WOR, recurring(months, MISSED_ALL));
    rule_make(world, WOR, recurring(weeks, MISSED_ALL));
    int64_t begin = at(world, WOR, monday, 0), length = DAYS * DAY;
    for (int64_t i = 0; i <= restarts; i++)
        pass_at(world, begin + length / restarts * i + (i % 2 == 0 ? 90000 : 0));
    monday += DAYS;
    assert_int_equal(records(world), expected);
    struct db_rows rows = world_query(
        world,
        "SELECT COUNT(DISTINCT date), COUNT(DISTINCT task_id), COUNT(*) FROM rule_occurrence",
        DB_NO_ARGS);
    assert_int_equal(db_get_i64(&rows, 0, 1), db_get_i64(&rows, 0, 2));
    verify(world);
}

/* ---- clocks and nodes ---- */

static void two_nodes_whose_clocks_differ_remind_once(void **state)
{
    struct world *world = *state;
    int64_t due = at(world, WOR, monday, 8 * 60);
    struct rule_pass *passes[2];
    clock_set(due - HOUR);
    for (int i = 0; i < 50; i++)
        make(world, WOR, monday, monday);
    rule_make(world, WOR, (struct rule){.kind = RULE_REMIND, .steps = steps + 1, .step_count = 1});
    for (int i = 0; i < 2; i++)
        assert_int_equal(rule_pass_open(world->core, &world->op, &passes[i]), ERR_OK);
    for (int64_t now = due - 200000; now < due + 200000; now += 10000)
        for (int i = 0; i < 2; i++) {
            enum rule_pass_end end = RULE_PASS_MORE;
            while (end == RULE_PASS_MORE) {
                world->op.now = now + (i == 0 ? 90000 : 0);
                clock_set(world->op.now);
                assert_int_equal(rule_pass_step(passes[i], &world->op, &end), ERR_OK);
            }
        }
    for (int i = 0; i < 2; i++)
        rule_pass_close(passes[i]);
    assert_int_equal(count(world, "task.reminded"), 100);
    verify(world);
}

/* The first date after `date` whose day has so many hours. */
static int32_t day_of_hours(const struct zone *zone, int32_t date, int64_t hours)
{
    while (zone_time(zone, date + 1, 0) - zone_time(zone, date, 0) != hours * HOUR)
        date++;
    return date;
}

/* A rule at half past each hour, through the day on which the clocks change. */
static void each_hour_once(struct world *world, size_t index, int64_t hours)
{
    const struct zone *zone = world_workspace(world, index)->zone;
    int32_t date = day_of_hours(zone, monday, hours);
    int64_t before = records(world), begin = zone_time(zone, date, 0);
    monday = date + 2;
    clock_set(begin - 6 * HOUR);
    for (int hour = 0; hour < 24; hour++)
        rule_make(world, index,
                  recurring((struct schedule){EVERY_DAY, 1, 0, 0, 0, hour * 60 + 30, date, 0},
                            MISSED_ALL));
    /* Three times an hour, by processes that begin there, of two nodes in turn. */
    for (int64_t i = -3; i < 3 * (hours + 1); i++) {
        int64_t now = begin + i * HOUR / 3 + (i % 2 == 0 ? 90000 : 0), made = 0;
        pass_at(world, now);
        for (int hour = 0; hour < 24; hour++)
            made += zone_time(zone, date, hour * 60 + 30) <= now;
        if (i < 3 * hours && records(world) - before != made)
            fail_msg("%lld records, %lld thirds of an hour after midnight",
                     (long long)(records(world) - before), (long long)i);
    }
    struct db_rows rows = world_query(
        world,
        "SELECT COUNT(*), COUNT(DISTINCT rule_id), COUNT(DISTINCT task_id) FROM rule_occurrence"
        " WHERE date = $1",
        DB_ARGS(db_i64(date)));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(db_get_i64(&rows, 0, i), 24);
    /* They end, so that another night has rules of its own. */
    world_close(world);
    world_sql(world, "UPDATE rule SET active_at = NULL; DELETE FROM rule_next;");
    world_reopen(world);
}

static void each_local_hour_of_the_nights_when_clocks_change_comes_once(void **state)
{
    struct world *world = *state;
    world_close(world);
    world_sql(world, "UPDATE workspace SET zone = 'America/New_York' WHERE id = 14;");
    world_reopen(world);
    each_hour_once(world, WOR, 25);
    each_hour_once(world, MAIN, 25);
    each_hour_once(world, WOR, 23);
    each_hour_once(world, MAIN, 23);
}

static void the_29th_of_february_comes_in_leap_years_and_else_on_the_28th(void **state)
{
    struct world *world = *state;
    int year, month, day, leaps = 0;
    clock_set(at(world, WOR, monday, 0));
    rule_make(world, WOR,
              recurring((struct schedule){EVERY_YEAR, 1, 0, 2, 29, 9 * 60, monday, 0}, MISSED_ONE));
    date_parts(monday, &year, &month, &day);
    for (int i = 1; i <= 5; i++) {
        int32_t march = date_of_parts(year + i, 3, 1);
        for (int32_t date = march - 3; date <= march; date++)
            pass_at(world, at(world, WOR, date, 12 * 60));
        assert_int_equal(records(world), i);
        struct task task = world_get(world, WOR, i);
        assert_int_equal(zone_date(world_workspace(world, WOR)->zone, task.created_at), march - 1);
        date_parts(march - 1, &(int){0}, &month, &day);
        leaps += day == 29;
    }
    assert_in_range(leaps, 1, 2);

    /* A record that is due on that day is reminded of on it. */
    int32_t leap = date_of_parts(year + 12 - year % 4, 2, 29);
    clock_set(at(world, WOR, leap - 2, 0));
    make(world, WOR, DATE_NONE, leap);
    pass_at(world, at(world, WOR, leap, 8 * 60) - 1);
    assert_int_equal(count(world, "task.reminded"), 0);
    pass_at(world, at(world, WOR, leap, 8 * 60));
    assert_int_equal(count(world, "task.reminded"), 1);
    monday = leap + 14;
}

/* ---- what it would have done ---- */

struct past_look {
    struct core_read read;
    struct world *world;
    struct rule_past past;
};

static enum err past_run(struct core_read *read, struct db *db)
{
    static const struct str nothing[] = {STR_INIT("category=Nothing")};
    struct past_look *look = (struct past_look *)(void *)read;
    const struct rule rule = {.workspace_id = 11,
                              .kind = RULE_REMIND,
                              .steps = steps,
                              .step_count = 3,
                              .filter = {nothing, 1}};
    return rule_past(db, read->op, core_task_index(look->world->core), look->world->directory,
                     world_workspace(look->world, WOR), &rule, &look->past);
}

static void a_dry_run_ends_when_it_looks_in_vain(void **state)
{
    struct world *world = *state;
    struct past_look look = {.world = world};
    clock_set(at(world, WOR, monday, 0));
    make(world, WOR, monday + 1, DATE_NONE);
    world_close(world);
    world_sql(
        world,
        "INSERT INTO task (id, workspace_id, number, version, last_seq, created_at, updated_at,"
        " type, status, impact, likelihood, priority, reporter_id, assignee_id, source_id,"
        " due_date, category, sub_category, order_id, tags, form, form_version, title,"
        " description, extra)"
        " WITH RECURSIVE one (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM one WHERE i < 70000)"
        " SELECT id + i, workspace_id, number + i, version, last_seq, created_at, updated_at,"
        " type, status, impact, likelihood, priority, reporter_id, assignee_id, source_id,"
        " due_date, category, sub_category, order_id, tags, form, form_version, title,"
        " description, extra FROM task, one WHERE number = 1;");
    world_reopen(world);
    world->op.now = clock_now();
    assert_int_equal(world_read(world, past_run, &look.read), ERR_OK);
    assert_int_equal(look.past.count, 0);
    assert_true(look.past.more);
}

static int rule_setup(void **state)
{
    monday += YEAR;
    int result = world_setup(state);
    world_reopen(*state); /* its history gets to know what is there */
    return result;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rule_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_reminder_comes_once_at_the_hour_of_the_workspace),
        TEST(a_change_after_a_reminder_does_not_repeat_it),
        TEST(a_reminder_leaves_the_time_of_the_last_change_alone),
        TEST(a_reminder_in_the_past_at_creation_is_kept_and_never_sent),
        TEST(a_reminder_that_nobody_was_there_for_comes_late_and_says_when_it_was_due),
        TEST(a_date_that_changes_before_its_reminder_is_reminded_of_at_the_new_time_only),
        TEST(a_date_that_changes_at_its_reminder_or_after_it_is_another_one),
        TEST(a_closed_record_or_one_without_its_date_is_not_reminded_of),
        TEST(each_zone_is_reminded_at_its_own_hour),
        TEST(a_ladder_goes_by_working_days_and_each_step_comes_once),
        TEST(of_missed_steps_the_last_one_is_made_up_for),
        TEST(a_rule_begins_when_it_is_switched_on_unless_the_backlog_counts),
        TEST(a_record_expires_after_its_days_and_the_history_names_the_rule),
        TEST(new_records_go_to_people_in_turn_by_the_first_rule_that_matches),
        TEST(the_turn_passes_on_from_a_person_who_has_the_record),
        TEST(a_record_is_made_at_each_date_with_its_due_date_and_the_rules_name),
        TEST(of_missed_dates_the_last_one_is_made_up_for),
        TEST(missed_dates_are_left_out_if_the_rule_says_so),
        TEST(each_of_the_missed_dates_is_a_record_if_the_rule_says_so),
        TEST(five_years_with_10000_restarts_and_two_nodes_make_one_record_a_date),
        TEST(two_nodes_whose_clocks_differ_remind_once),
        TEST(each_local_hour_of_the_nights_when_clocks_change_comes_once),
        TEST(the_29th_of_february_comes_in_leap_years_and_else_on_the_28th),
        TEST(a_dry_run_ends_when_it_looks_in_vain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
