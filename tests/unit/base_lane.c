/* base/lane: everything submitted is run once and comes back once, in order for one thread. */
#include "tests.h"

#include "base/lane.h"

#include <semaphore.h>

enum { JOBS = 10000 };

struct count_job {
    struct lane_job job;
    int number;
    int runs;
};

static int delivered, last_number;
static bool in_order = true;

static void count_run(struct lane_job *job, void *worker)
{
    (void)worker;
    ((struct count_job *)job)->runs++;
}

static void count_done(struct lane_job *job)
{
    int number = ((struct count_job *)job)->number;
    in_order = in_order && number == last_number + 1;
    last_number = number;
    delivered++;
}

static void every_job_comes_back_once(void **state)
{
    (void)state;
    static struct count_job jobs[JOBS];
    struct mailbox *mailbox;
    struct lane *lane;
    assert_int_equal(mailbox_create(NULL, NULL, &mailbox), ERR_OK);
    struct lane_options options = {
        .name = "test", .threads = 1, .queue_max = JOBS, .mailbox = mailbox};
    assert_int_equal(lane_create(&options, &lane), ERR_OK);
    delivered = 0;
    last_number = -1;
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct count_job){.job = {.run = count_run, .done = count_done}, .number = i};
        assert_int_equal(lane_submit(lane, &jobs[i].job), ERR_OK);
        if (i % 100 == 0)
            mailbox_deliver(mailbox);
    }
    lane_flush(lane);
    lane_destroy(lane);
    mailbox_deliver(mailbox);
    assert_int_equal(delivered, JOBS);
    assert_true(in_order);
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(jobs[i].runs, 1);
    mailbox_destroy(mailbox);
}

static enum err start_fails(void *arg, void **ret_worker)
{
    (void)arg;
    (void)ret_worker;
    return ERR_IO;
}

static void a_lane_that_cannot_start_says_so(void **state)
{
    (void)state;
    struct mailbox *mailbox;
    struct lane *lane = NULL;
    assert_int_equal(mailbox_create(NULL, NULL, &mailbox), ERR_OK);
    struct lane_options options = {
        .name = "test", .threads = 2, .queue_max = 1, .mailbox = mailbox, .start = start_fails};
    assert_int_equal(lane_create(&options, &lane), ERR_IO);
    assert_null(lane);
    mailbox_destroy(mailbox);
}

static void a_full_queue_refuses(void **state)
{
    (void)state;
    struct mailbox *mailbox;
    struct lane *lane;
    struct count_job job = {.job = {.run = count_run, .done = count_done}};
    assert_int_equal(mailbox_create(NULL, NULL, &mailbox), ERR_OK);
    struct lane_options options = {
        .name = "test", .threads = 1, .queue_max = 0, .mailbox = mailbox};
    assert_int_equal(lane_create(&options, &lane), ERR_OK);
    assert_int_equal(lane_submit(lane, &job.job), ERR_BUSY);
    lane_destroy(lane);
    assert_int_equal(job.runs, 0);
    mailbox_destroy(mailbox);
}

/* ---- joining ---- */

enum { QUEUED = 10 };

static struct count_job queued[QUEUED];
static sem_t taken, filled; /* the lane has its first job; the others are queued */
static struct {
    int numbers[QUEUED + 1];
    size_t n;
} batches[3];
static size_t batch_count;

static bool is_even(struct lane_job *job, void *arg)
{
    (void)arg;
    return ((struct count_job *)job)->number % 2 == 0;
}

static void join_even(struct lane *lane, void *worker, struct lane_job *first)
{
    (void)worker;
    struct lane_job *last = first;
    while (last->next != NULL)
        last = last->next;
    if (batch_count == 0) {
        sem_post(&taken);
        sem_wait(&filled);
        assert_ptr_equal(lane_join(lane, last, 3, is_even, NULL), &queued[0].job);
    }
    for (struct lane_job *job = first; job != NULL; job = job->next)
        batches[batch_count].numbers[batches[batch_count].n++] = ((struct count_job *)job)->number;
    batch_count++;
}

static void what_is_wanted_joins_a_batch_and_the_rest_keeps_its_order(void **state)
{
    (void)state;
    struct mailbox *mailbox;
    struct lane *lane;
    struct count_job first = {.job = {.done = count_done}, .number = -1};
    sem_init(&taken, 0, 0);
    sem_init(&filled, 0, 0);
    assert_int_equal(mailbox_create(NULL, NULL, &mailbox), ERR_OK);
    struct lane_options options = {.name = "test",
                                   .threads = 1,
                                   .queue_max = QUEUED,
                                   .batch_max = 100,
                                   .mailbox = mailbox,
                                   .run_batch = join_even};
    assert_int_equal(lane_create(&options, &lane), ERR_OK);
    assert_int_equal(lane_submit(lane, &first.job), ERR_OK);
    sem_wait(&taken);
    for (int i = 0; i < QUEUED; i++) {
        queued[i] = (struct count_job){.job = {.done = count_done}, .number = i};
        assert_int_equal(lane_submit(lane, &queued[i].job), ERR_OK);
    }
    assert_int_equal(lane_submit(lane, &first.job), ERR_BUSY);
    delivered = 0;
    sem_post(&filled);
    lane_flush(lane);
    mailbox_deliver(mailbox);
    lane_destroy(lane);
    mailbox_destroy(mailbox);
    assert_int_equal(delivered, QUEUED + 1);
    static const int joined[] = {-1, 0, 2, 4}, left[] = {1, 3, 5, 6, 7, 8, 9};
    assert_int_equal(batch_count, 2);
    assert_int_equal(batches[0].n, 4);
    assert_memory_equal(batches[0].numbers, joined, sizeof joined);
    assert_int_equal(batches[1].n, 7);
    assert_memory_equal(batches[1].numbers, left, sizeof left);
}

static void nothing_joins_where_there_is_no_lane(void **state)
{
    (void)state;
    struct lane_job last = {0};
    assert_null(lane_join(NULL, &last, 1, is_even, NULL));
    assert_null(last.next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_comes_back_once),
        cmocka_unit_test(a_lane_that_cannot_start_says_so),
        cmocka_unit_test(a_full_queue_refuses),
        cmocka_unit_test(what_is_wanted_joins_a_batch_and_the_rest_keeps_its_order),
        cmocka_unit_test(nothing_joins_where_there_is_no_lane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
