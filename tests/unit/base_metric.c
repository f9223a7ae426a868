/* base/metric: what is counted comes out in the text format, escaped and added up. */
#include "base/clock.h"
#include "base/metric.h"
#include "tests.h"

static bool page_has(const char *line)
{
    static metric_sample_fn *const none[METRICS];
    struct buf out;
    buf_init(&out, 1024 * 1024);
    metrics_write(&out, none, NULL);
    buf_char(&out, '\0');
    assert_int_equal(buf_err(&out), ERR_OK);
    bool found = strstr(out.p, line) != NULL;
    buf_finish(&out);
    return found;
}

static void a_counter_counts_each_pair_of_labels_apart(void **state)
{
    (void)state;
    assert_true(page_has("bzctrl_reports_total{via=\"add-tasks\",outcome=\"refused\"} 0\n"));
    metric_add(METRIC_REPORTS, VIA_ADD_TASKS, REPORT_REFUSED, 2);
    metric_add(METRIC_REPORTS, VIA_ADD_TASKS, REPORT_REFUSED, 3);
    metric_add(METRIC_REPORTS, VIA_ADD_TASK, REPORT_REFUSED, 1);
    assert_true(page_has("bzctrl_reports_total{via=\"add-tasks\",outcome=\"refused\"} 5\n"));
    assert_true(page_has("bzctrl_reports_total{via=\"add-task\",outcome=\"refused\"} 1\n"));
    assert_true(page_has("bzctrl_reports_total{via=\"add-tasks\",outcome=\"created\"} 0\n"));
}

static void a_histogram_has_its_bounds_in_the_bucket_below(void **state)
{
    (void)state;
    const int64_t sizes[] = {1, 4, 5, 1024, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        metric_observe(METRIC_BATCH_SIZE, 0, sizes[i]);
    assert_true(page_has("bzctrl_batch_changes_bucket{le=\"1\"} 1\n"));
    assert_true(page_has("bzctrl_batch_changes_bucket{le=\"4\"} 2\n"));
    assert_true(page_has("bzctrl_batch_changes_bucket{le=\"16\"} 3\n"));
    assert_true(page_has("bzctrl_batch_changes_bucket{le=\"1024\"} 4\n"));
    assert_true(page_has("bzctrl_batch_changes_bucket{le=\"+Inf\"} 5\n"));
    assert_true(page_has("bzctrl_batch_changes_sum 6034\nbzctrl_batch_changes_count 5\n"));
    metric_observe(METRIC_LANE_WAIT, LANE_WRITE, 1500);
    assert_true(page_has("_wait_duration_seconds_bucket{lane=\"write\",le=\"0.001000\"} 0\n"));
    assert_true(page_has("_wait_duration_seconds_bucket{lane=\"write\",le=\"0.005000\"} 1\n"));
    assert_true(page_has("_wait_duration_seconds_sum{lane=\"write\"} 0.001500\n"));
}

static void a_moment_is_shown_as_the_time_since(void **state)
{
    (void)state;
    assert_false(page_has("bzctrl_follower_lag_seconds"));
    metric_set(METRIC_FOLLOWER_LAG, FOLLOWER_INDEX, clock_micros() - 90000000);
    assert_true(page_has("bzctrl_follower_lag_seconds{follower=\"index\"} 9"));
    metric_set(METRIC_FOLLOWER_LAG, FOLLOWER_INDEX, 0);
    assert_false(page_has("bzctrl_follower_lag_seconds"));
}

static void put_odd(const struct metric_page *page, void *arg)
{
    (void)arg;
    const struct metric_label odd[] = {{"kind", STR("a \"b\" \\ \n c")}, {"other", STR("")}};
    metric_put(page, odd, 2, -1250);
}

static void a_label_from_the_store_is_escaped(void **state)
{
    static metric_sample_fn *const samples[METRICS] = {[METRIC_JOB_AGE] = put_odd};
    struct buf out;
    (void)state;
    buf_init(&out, 1024 * 1024);
    metrics_write(&out, samples, NULL);
    buf_char(&out, '\0');
    assert_non_null(strstr(out.p, "# TYPE bzctrl_job_queue_age_seconds gauge\n"
                                  "bzctrl_job_queue_age_seconds{kind=\"a \\\"b\\\" \\\\ \\n c\","
                                  "other=\"\"} -1.250\n"));
    assert_null(strstr(out.p, "bzctrl_job_queue_due_jobs"));
    buf_finish(&out);
}

static void a_status_that_the_table_lacks_is_another_one(void **state)
{
    (void)state;
    assert_int_equal(metric_code(201), CODE_201);
    assert_int_equal(metric_code(503), CODE_503);
    assert_int_equal(metric_code(505), CODE_505);
    assert_int_equal(metric_code(418), CODE_OTHER);
    assert_int_equal(metric_code(0), CODE_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_counter_counts_each_pair_of_labels_apart),
        cmocka_unit_test(a_histogram_has_its_bounds_in_the_bucket_below),
        cmocka_unit_test(a_moment_is_shown_as_the_time_since),
        cmocka_unit_test(a_label_from_the_store_is_escaped),
        cmocka_unit_test(a_status_that_the_table_lacks_is_another_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
