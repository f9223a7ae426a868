/* core/rate_limit gives each account its quota a minute. Time is passed in, so it is ours to set.
 */
#include "tests.h"

#include "core/rate_limit.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static struct rate_limit *limit;
static struct rate_state state_now;

static void limit_of(int64_t quota)
{
    rate_limit_destroy(limit);
    limit = NULL;
    assert_int_equal(rate_limit_create(quota, &limit), ERR_OK);
}

static int tear_down(void **state)
{
    (void)state;
    rate_limit_destroy(limit);
    return 0;
}

static bool take(int64_t account, int64_t cost, int64_t now)
{
    return rate_limit_take(limit, account, cost, now, &state_now);
}

static void a_quota_at_once_and_then_steadily(void **state)
{
    (void)state;
    limit_of(6);
    for (int64_t i = 0; i < 6; i++) {
        assert_true(take(1, 1, MINUTE));
        assert_int_equal(state_now.left, 5 - i);
        assert_int_equal(state_now.full_after, 10 * (i + 1));
    }
    assert_int_equal(state_now.retry_after, 10);
    assert_false(take(1, 1, MINUTE));
    assert_int_equal(state_now.left, 0);
    assert_int_equal(state_now.retry_after, 10);
    assert_false(take(1, 1, MINUTE + 10 * SECOND - 1));
    assert_int_equal(state_now.retry_after, 1);
    assert_true(take(1, 1, MINUTE + 10 * SECOND));
    assert_false(take(1, 1, MINUTE + 10 * SECOND));
    assert_true(take(1, 1, 3 * MINUTE));
    assert_int_equal(state_now.left, 5);
}

static void a_refusal_costs_nothing(void **state)
{
    (void)state;
    limit_of(2);
    assert_true(take(1, 1, 0));
    assert_true(take(1, 1, 0));
    for (int i = 0; i < 100; i++)
        assert_false(take(1, 1, 0));
    assert_true(take(1, 1, 30 * SECOND));
}

static void accounts_have_buckets_of_their_own(void **state)
{
    (void)state;
    limit_of(1);
    for (int64_t account = 1; account <= 1000; account++) {
        assert_true(take(account * 4096, 1, 0));
        assert_false(take(account * 4096, 1, 0));
    }
}

static void requests_beyond_the_limit_are_owed(void **state)
{
    (void)state;
    limit_of(60);
    assert_true(take(1, 180, 0));
    assert_int_equal(state_now.left, 0);
    assert_int_equal(state_now.full_after, 180);
    assert_int_equal(state_now.retry_after, 121);
    assert_false(take(1, 1, 120 * SECOND));
    assert_true(take(1, 1, 121 * SECOND));
    assert_true(take(1, 60, 300 * SECOND));
    assert_false(take(1, 1, 300 * SECOND));
}

static void in_the_long_run_no_more_than_the_quota(void **state)
{
    (void)state;
    limit_of(7);
    int64_t given = 0;
    for (int64_t now = 0; now < 100 * MINUTE; now += 100)
        given += take(1, 1, now);
    assert_in_range(given, 7 * 100, 7 * 101);
    limit_of(RATE_LIMIT_MAX);
    for (int64_t i = 0; i < RATE_LIMIT_MAX; i++)
        assert_true(take(1, 1, 0));
    assert_false(take(1, 1, 0));
}

/* More accounts than there is room for cost memory of nobody, and who is limited stays so. */
static void many_accounts(void **state)
{
    (void)state;
    limit_of(10);
    assert_true(take(1, 1000, 0));
    for (int64_t account = 2; account < 10 * RATE_LIMIT_ACCOUNTS; account++)
        assert_true(take(account, 1, 0));
    assert_false(take(1, 1, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quota_at_once_and_then_steadily),
        cmocka_unit_test(a_refusal_costs_nothing),
        cmocka_unit_test(accounts_have_buckets_of_their_own),
        cmocka_unit_test(requests_beyond_the_limit_are_owed),
        cmocka_unit_test(in_the_long_run_no_more_than_the_quota),
        cmocka_unit_test(many_accounts),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
