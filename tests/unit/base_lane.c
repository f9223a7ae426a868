/* base/lane: everything submitted is run once and comes back once, in order for one thread. */
#include "tests.h"

#include "base/lane.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_comes_back_once),
        cmocka_unit_test(a_lane_that_cannot_start_says_so),
        cmocka_unit_test(a_full_queue_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
