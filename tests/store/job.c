/* Jobs: claimed once at a time, tried again, put off until they are due again. */
#include "query.h"

#include "base/clock.h"
#include "jobs/runner.h"

#include <pthread.h>
#include <unistd.h>

#define SECOND INT64_C(1000)
#define LEASE  (60 * SECOND)

enum { FIRST_ID = 1000 }; /* beyond those of the migrations */

static const struct str KIND = STR_INIT("test");
static const int64_t retries[] = {10 * SECOND, 100 * SECOND};
static const struct job_schedule standing = {
    .period_ms = 1000 * SECOND, .retries_ms = retries, .retry_count = 2};

/* ---- short words ---- */

/* As a migration does it. */
static enum err add_apply(struct change *change, struct batch *batch)
{
    batch_writes(batch, change);
    return db_run(batch_db(batch), change->op,
                  "INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead)"
                  " VALUES ((SELECT CAST($3 AS BIGINT) + COUNT(*) FROM job WHERE kind = $1), $1, "
                  "0, $2, 0, 0, 0)",
                  DB_ARGS(db_text(KIND), db_i64(change->op->now), db_i64(FIRST_ID)));
}

static void add(struct world *world)
{
    world->op.now = clock_now();
    assert_int_equal(world_change(world, add_apply), ERR_OK);
}

static enum err claim(struct world *world, struct job *ret_job)
{
    return core_job_claim(world->core, &world->op, KIND, LEASE, ret_job);
}

static void end(struct world *world, const struct job *job, const struct job_schedule *schedule,
                enum err outcome)
{
    assert_int_equal(
        core_job_end(world->core, &world->op, job, schedule, outcome, STR("no mail server")),
        ERR_OK);
}

static int64_t number(struct world *world, const char *sql)
{
    struct db_rows rows = world_query(world, sql, DB_NO_ARGS);
    return db_get_i64(&rows, 0, 0);
}

/* How many are not done yet; what is done is due in eleven days. */
static int64_t jobs_open(struct world *world)
{
    struct db_rows rows =
        world_query(world, "SELECT COUNT(*) FROM job WHERE kind = 'test' AND due_at < $1",
                    DB_ARGS(db_i64(clock_now() + 1000 * 1000 * SECOND / 2)));
    return db_get_i64(&rows, 0, 0);
}

/* ---- tests ---- */

static void
a_job_whose_node_died_is_claimed_again_and_the_dead_ones_end_counts_no_more(void **state)
{
    struct world *world = *state;
    struct job first, second;
    int64_t start = clock_now();
    clock_set(start);
    add(world);
    assert_int_equal(claim(world, &first), ERR_OK);
    clock_set(start + LEASE);
    assert_int_equal(claim(world, &second), ERR_NOT_FOUND);
    clock_set(start + LEASE + 1);
    assert_int_equal(claim(world, &second), ERR_OK);
    assert_int_equal(second.id, first.id);
    assert_int_equal(core_job_end(world->core, &world->op, &first, &standing, ERR_OK, STR_NONE),
                     ERR_NOT_FOUND);
    assert_int_equal(claim(world, &first), ERR_NOT_FOUND);
    end(world, &second, &standing, ERR_OK);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM job WHERE kind = 'test' AND attempts = 0"),
                     1);
}

/* After a success attempts are counted from one again, so the late one's number is that of the claim at work. */
static void a_dead_ones_end_does_not_free_a_job_that_is_claimed_once_more(void **state)
{
    struct world *world = *state;
    struct job first, second, third;
    int64_t now = clock_now();
    clock_set(now);
    add(world);
    assert_int_equal(claim(world, &first), ERR_OK);
    clock_set(now += LEASE + 1);
    assert_int_equal(claim(world, &second), ERR_OK);
    end(world, &second, &standing, ERR_OK);
    clock_set(now += standing.period_ms);
    assert_int_equal(claim(world, &third), ERR_OK);
    assert_int_equal(third.attempts, first.attempts);
    assert_int_equal(core_job_end(world->core, &world->op, &first, &standing, ERR_OK, STR_NONE),
                     ERR_NOT_FOUND);
    end(world, &third, &standing, ERR_OK);
}

static void a_job_that_fails_waits_longer_each_time_and_says_why(void **state)
{
    struct world *world = *state;
    struct job job;
    int64_t now = clock_now();
    clock_set(now);
    add(world);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(claim(world, &job), ERR_OK);
        assert_int_equal(job.attempts, i + 1);
        end(world, &job, &standing, ERR_UNAVAILABLE);
        clock_set(now += retries[i] * 4 / 5 - 1);
        assert_int_equal(claim(world, &job), ERR_NOT_FOUND);
        clock_set(now += retries[i] * 2 / 5 + 2);
    }
    assert_int_equal(claim(world, &job), ERR_OK);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM job WHERE kind = 'test'"
                                   " AND reason = 'no mail server'"),
                     1);
}

static void a_job_comes_back_after_its_period_and_is_never_given_up(void **state)
{
    struct world *world = *state;
    struct job job;
    int64_t now = clock_now();
    clock_set(now);
    add(world);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(claim(world, &job), ERR_OK);
        end(world, &job, &standing, ERR_UNAVAILABLE);
        clock_set(now += 121 * SECOND);
    }
    assert_int_equal(claim(world, &job), ERR_OK);
    assert_int_equal(job.attempts, 6);
    end(world, &job, &standing, ERR_OK);
    clock_set(now += standing.period_ms - 1);
    assert_int_equal(claim(world, &job), ERR_NOT_FOUND);
    clock_set(now += 1);
    assert_int_equal(claim(world, &job), ERR_OK);
    assert_int_equal(job.attempts, 1);
}

static enum err wake_apply(struct change *change, struct batch *batch)
{
    batch_writes(batch, change);
    return store_job_wake(batch_db(batch), change->op, KIND);
}

static void a_job_that_is_woken_while_it_is_at_work_is_done_again_at_once(void **state)
{
    struct world *world = *state;
    struct job job;
    clock_set(clock_now());
    add(world);
    for (int fails = 0; fails < 2; fails++) {
        assert_int_equal(claim(world, &job), ERR_OK);
        assert_int_equal(world_change(world, wake_apply), ERR_OK);
        end(world, &job, &standing, fails == 0 ? ERR_OK : ERR_UNAVAILABLE);
    }
    assert_int_equal(claim(world, &job), ERR_OK);
    end(world, &job, &standing, ERR_OK);
    assert_int_equal(claim(world, &job), ERR_NOT_FOUND);
}

static int64_t hasten_to;

static enum err hasten_apply(struct change *change, struct batch *batch)
{
    batch_writes(batch, change);
    return store_job_hasten(batch_db(batch), change->op, KIND, hasten_to);
}

/* What it is hastened for came after it had looked for what is next. */
static void a_job_that_is_hastened_while_it_is_at_work_does_not_miss_that(void **state)
{
    struct world *world = *state;
    struct job job;
    int64_t now = clock_now();
    clock_set(now);
    add(world);
    assert_int_equal(claim(world, &job), ERR_OK);
    hasten_to = now + 2 * SECOND;
    assert_int_equal(world_change(world, hasten_apply), ERR_OK);
    clock_set(now + SECOND);
    end(world, &job, &standing, ERR_OK);
    clock_set(hasten_to);
    assert_int_equal(claim(world, &job), ERR_OK);
}

/* ---- the runner ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int runs[100];
static int failures_left;

static enum err run_and_note(struct core *core, struct op *op, struct job_attempt *attempt)
{
    (void)core;
    pthread_mutex_lock(&lock);
    runs[attempt->job->id - FIRST_ID]++;
    bool fail = failures_left > 0 && failures_left-- > 0;
    pthread_mutex_unlock(&lock);
    return fail ? op_fail(op, ERR_UNAVAILABLE, "not now") : ERR_OK;
}

static const int64_t at_once[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const struct job_kind kinds[] = {
    {STR_INIT("test"), {1000000 * SECOND, at_once, 10}, LEASE, run_and_note},
};

static void several_runners_do_each_job_once_and_failed_ones_again(void **state)
{
    struct world *world = *state;
    struct runner *runners[3];
    struct runner_options options = {
        .core = world->core, .kinds = kinds, .kind_count = 1, .poll_ms = 1};
    failures_left = 10;
    for (int64_t i = 0; i < 50; i++)
        add(world);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(runner_create(&options, &world->op, &runners[i]), ERR_OK);
    for (int64_t i = 50; i < 100; i++)
        add(world);
    for (int i = 0; i < 24000 && jobs_open(world) > 0; i++)
        usleep(5000);
    for (size_t i = 0; i < 3; i++)
        runner_destroy(runners[i]);
    int total = 0;
    for (size_t i = 0; i < 100; i++) {
        assert_in_range(runs[i], 1, 11);
        total += runs[i];
    }
    assert_int_equal(jobs_open(world), 0);
    assert_int_equal(total, 110);
}

static atomic_bool pauses;

static enum err run_and_pause(struct core *core, struct op *op, struct job_attempt *attempt)
{
    (void)core, (void)op;
    assert_false(*attempt->stop);
    pauses = true;
    job_pause(attempt, 24 * 3600 * 1000);
    assert_true(*attempt->stop);
    return ERR_OK;
}

static void a_runner_that_stops_ends_the_pause_of_an_attempt(void **state)
{
    static const struct job_kind pausing = {
        STR_INIT("test"), {1000000 * SECOND, at_once, 10}, LEASE, run_and_pause};
    struct world *world = *state;
    struct runner *runner;
    struct runner_options options = {
        .core = world->core, .kinds = &pausing, .kind_count = 1, .poll_ms = 1};
    add(world);
    assert_int_equal(runner_create(&options, &world->op, &runner), ERR_OK);
    for (int i = 0; i < 24000 && !pauses; i++)
        usleep(5000);
    assert_true(pauses);
    runner_destroy(runner);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_job_whose_node_died_is_claimed_again_and_the_dead_ones_end_counts_no_more),
        TEST(a_dead_ones_end_does_not_free_a_job_that_is_claimed_once_more),
        TEST(a_job_that_fails_waits_longer_each_time_and_says_why),
        TEST(a_job_comes_back_after_its_period_and_is_never_given_up),
        TEST(a_job_that_is_woken_while_it_is_at_work_is_done_again_at_once),
        TEST(a_job_that_is_hastened_while_it_is_at_work_does_not_miss_that),
        TEST(several_runners_do_each_job_once_and_failed_ones_again),
        TEST(a_runner_that_stops_ends_the_pause_of_an_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
