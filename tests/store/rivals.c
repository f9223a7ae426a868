/*
 * Two processes that want the same at once, 10,000 times: a job is claimed by one of them, a number
 * is given out by one of them.
 *
 * That they can fail: the first without the second "lease_until < $2" of store_job_claim(); the
 * other with a SELECT in store_chain_take() and without the constraints on `number` and `place`,
 * which are what else keeps two nodes apart.
 */
#include "world.h"

#include "base/clock.h"
#include "core/history.h"
#include "core/node.h"
#include "store/job.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    RIVALS = 2,
    JOBS = 100,
    ROUNDS = 100, /* each job is claimed once in each */
    BATCH = 8,    /* records that are sent together */
    RECORDS = 10000,
    SECONDS_MAX = 300, /* then a rival ends by itself, whatever it waits for */
};

static const struct str KIND = STR_INIT("test");

/* In place of the C library's: SQLite makes its data durable with it, and nothing is cut off here.
 */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
    (void)fd;
    return 0;
}

/* What a rival got: a job in a round and its attempt, or only a number. */
struct prize {
    int64_t id, round, attempt;
};

/* In memory that the processes share. Each writes to its own part, and the parent reads at the end;
 * a rival that gets too much fills its part and stops. */
struct ring {
    atomic_int met;  /* how often a rival has come to where they meet */
    atomic_int left; /* records still to be sent */
    struct {
        struct prize prizes[RECORDS];
        size_t n;
        size_t lost; /* claims that came too late, though there was a job */
    } rivals[RIVALS];
};
static struct ring *ring;

/* Waits for the other one, the `times`th time. */
static void meet(int times)
{
    atomic_fetch_add(&ring->met, 1);
    while (atomic_load(&ring->met) < RIVALS * times)
        usleep(100);
}

/* Nobody need wait for this one any more. */
static void meet_no_more(void)
{
    atomic_store(&ring->met, INT_MAX / 2);
}

/* False when there is no room for more than all there is. */
static bool prize_note(int rival, struct prize prize)
{
    if (ring->rivals[rival].n == RECORDS)
        return false;
    ring->rivals[rival].prizes[ring->rivals[rival].n++] = prize;
    return true;
}

/* Has `compete` run in two processes, while this one has neither threads nor a connection. */
static void rivals_run(struct world *world, void (*compete)(const struct world *parent, int rival))
{
    pid_t pids[RIVALS];
    world_close(world);
    ring = mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(ring != MAP_FAILED);
    atomic_store(&ring->left, RECORDS);
    fflush(NULL);
    for (int i = 0; i < RIVALS; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] > 0)
            continue;
        /* A failing assertion must end this process: the rest of the test is the parent's. */
        setenv("CMOCKA_TEST_ABORT", "1", 1);
        alarm(SECONDS_MAX);
        compete(world, i);
        _exit(0);
    }
    int statuses[RIVALS];
    for (int i = 0; i < RIVALS; i++)
        assert_int_equal(waitpid(pids[i], &statuses[i], 0), pids[i]);
    for (int i = 0; i < RIVALS; i++)
        if (statuses[i] != 0)
            fail_msg("rival %d ended with the status %#x", i, (unsigned)statuses[i]);
    world_reopen(world);
}

static void rivals_finish(void)
{
    for (int i = 0; i < RIVALS; i++)
        print_message("# rival %d got %zu, and came too late for %zu\n", i, ring->rivals[i].n,
                      ring->rivals[i].lost);
    munmap(ring, sizeof *ring);
}

/* Ends a rival, with the reason where it can be read. */
static void must(enum err err, const struct op *op, const char *what)
{
    if (err == ERR_OK)
        return;
    fprintf(stderr, "# %s: %s: %s\n", what, err_name(err), op->detail);
    meet_no_more();
    _exit(1);
}

/* ---- jobs ---- */

static enum err jobs_add(struct change *change, struct batch *batch)
{
    batch_writes(batch, change);
    enum err err = ERR_OK;
    for (int64_t id = 1000; id < 1000 + JOBS && err == ERR_OK; id++)
        err = db_run(batch_db(batch), change->op,
                     "INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead)"
                     " VALUES ($1, $2, 0, 0, 0, 0, 0)",
                     DB_ARGS(db_i64(id), db_text(KIND)));
    return err;
}

static enum err claim_body(struct db *db, struct op *op, void *arg)
{
    return store_job_claim(db, op, KIND, op->now, arg);
}

/* The round is the time, and a claim's lease ends with it. So in each every job can be claimed
 * once. A rival that finds none left waits for the other: the slower one is then the first to
 * begin, so that none goes without (SQLite's lock is not a fair one). */
static void claim_jobs(const struct world *parent, int rival)
{
    struct arena arena;
    struct node node;
    struct db *db;
    arena_init(&arena, 1 << 24);
    struct op op = {.arena = &arena};
    must(db_open(parent->database.url, &op, &db), &op, "open");
    must(node_claim(&node, db, &op), &op, "node");
    meet(1);
    for (op.now = 1; op.now <= ROUNDS; arena_reset(&arena)) {
        struct job job;
        int64_t due_at;
        enum err err = db_transact(db, &op, db_begin, claim_body, &job);
        if (err == ERR_RETRY) /* SQLite's one lock: the other one was always quicker */
            continue;
        if (err == ERR_OK && !prize_note(rival, (struct prize){job.id, op.now, job.attempts}))
            break;
        if (err == ERR_OK)
            continue;
        must(err == ERR_NOT_FOUND ? ERR_OK : err, &op, "claim");
        must(store_job_next(db, &op, KIND, &due_at), &op, "next");
        if (due_at == INT64_MAX)
            meet((int)++op.now);
        else
            ring->rivals[rival].lost++;
    }
    meet_no_more();
    node_release(&node, db);
    db_close(db);
    arena_finish(&arena);
}

static void two_processes_that_want_the_same_jobs_never_both_get_one(void **state)
{
    static bool claimed[JOBS][ROUNDS];
    struct world *world = *state;
    size_t count = 0;
    assert_int_equal(world_change(world, jobs_add), ERR_OK);
    rivals_run(world, claim_jobs);
    for (int i = 0; i < RIVALS; i++) {
        for (size_t k = 0; k < ring->rivals[i].n; k++, count++) {
            struct prize prize = ring->rivals[i].prizes[k];
            size_t job = (size_t)prize.id - 1000, attempt = (size_t)prize.attempt - 1;
            if (prize.attempt != prize.round)
                fail_msg("rival %d got job %zu in round %d as attempt %d", i, job, (int)prize.round,
                         (int)prize.attempt);
            if (claimed[job][attempt])
                fail_msg("both got attempt %zu of job %zu", attempt + 1, job);
            claimed[job][attempt] = true;
        }
    }
    assert_int_equal(count, JOBS * ROUNDS);
    for (int i = 0; i < RIVALS; i++) {
        assert_true(ring->rivals[i].n > 0);
        /* On PostgreSQL both have really reached for the same one; SQLite has one lock for all. */
        if (database_on_postgres())
            assert_true(ring->rivals[i].lost > 0);
    }
    rivals_finish();
}

/* ---- numbers ---- */

/* A node of its own: a folder and a core. */
static void send_records(const struct world *parent, int rival)
{
    static struct world world;
    static struct task_create *creates[BATCH];
    struct database database = parent->database;
    snprintf(database.folder, sizeof database.folder, "%.48s/%d", parent->database.folder, rival);
    must(world_begin(&database, &world), &world.op, "open");
    for (size_t i = 0; i < BATCH; i++)
        creates[i] = world_create(&world, 0, "A record", NULL);
    meet(1);
    while (atomic_fetch_sub(&ring->left, BATCH) > 0) {
        for (size_t i = 0; i < BATCH; i++) {
            arena_reset(creates[i]->change.op->arena);
            creates[i]->change.op->now = clock_now();
        }
        world_send_all(&world, creates, BATCH);
        world_wait(&world);
        for (size_t i = 0; i < BATCH; i++) {
            must(creates[i]->change.err, creates[i]->change.op, "create");
            prize_note(rival, (struct prize){.id = creates[i]->task.number});
        }
    }
    world_end(&world);
}

/* Records as they are stored, which are looked at as well as the answers that the rivals got. */
static struct db_rows stored;

static enum err stored_read(struct core_read *read, struct db *db)
{
    return db_query(db, read->op,
                    "SELECT COUNT(*), COUNT(DISTINCT number), MIN(number), MAX(number),"
                    " (SELECT COUNT(*) FROM node),"
                    " (SELECT COUNT(*) FROM event WHERE task_id IS NOT NULL),"
                    " (SELECT COUNT(*) FROM event) FROM task",
                    DB_NO_ARGS, &stored);
}

static void two_processes_that_number_records_of_one_workspace_leave_no_gap(void **state)
{
    static bool given[RECORDS + 1];
    struct world *world = *state;
    struct core_read read = {0};
    if (!database_on_postgres())
        skip(); /* there a folder has one server */
    rivals_run(world, send_records);
    for (int i = 0; i < RIVALS; i++) {
        assert_true(ring->rivals[i].n > 0);
        for (size_t k = 0; k < ring->rivals[i].n; k++) {
            int64_t number = ring->rivals[i].prizes[k].id;
            assert_in_range(number, 1, RECORDS);
            if (given[number])
                fail_msg("number %d was given out twice", (int)number);
            given[number] = true;
        }
    }
    assert_int_equal(ring->rivals[0].n + ring->rivals[1].n, RECORDS);
    assert_int_equal(world_read(world, stored_read, &read), ERR_OK);
    static const int64_t expected[] = {RECORDS, RECORDS, 1, RECORDS, RIVALS, RECORDS};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(db_get_i64(&stored, 0, i), expected[i]);
    struct history_report report = world_verify(world, NULL);
    if (report.broken)
        fail_msg("%.*s", STR_ARG(report.fault));
    assert_int_equal(report.events, db_get_i64(&stored, 0, 6)); /* with those of administration */
    rivals_finish();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_processes_that_want_the_same_jobs_never_both_get_one),
        TEST(two_processes_that_number_records_of_one_workspace_leave_no_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
