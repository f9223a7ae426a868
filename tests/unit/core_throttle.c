/* core/throttle: guessing is slowed, people are not. Time is passed in, so it is ours to set. */
#include "tests.h"

#include "core/throttle.h"

#include <stdio.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static struct throttle *throttle;
static int64_t now;

static int set_up(void **state)
{
    (void)state;
    now = 1000 * MINUTE;
    return throttle_create(&throttle) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    throttle_destroy(throttle);
    return 0;
}

static struct throttle_key key_from(const char *email, const char *from)
{
    struct address address;
    bool known = address_read(str_of(from), &address);
    return throttle_key(throttle, str_of(email), known ? &address : NULL);
}

/* One attempt with its verdict; 0 if it was admitted, otherwise how long the refusal asks to
 * wait. */
static int64_t attempt(const char *email, const char *from, enum throttle_verdict verdict)
{
    struct throttle_key key = key_from(email, from);
    struct throttle_ticket ticket;
    int64_t wait = 0;
    enum throttle_answer answer = throttle_ask(throttle, &key, now, &ticket, &wait);
    assert_int_not_equal(answer, THROTTLE_WAIT);
    if (answer == THROTTLE_REFUSE) {
        assert_true(wait > 0);
        return wait;
    }
    throttle_verdict(throttle, &ticket, now, verdict);
    return 0;
}

static void five_failures_in_a_quarter_of_an_hour_delay_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG), 0);
    assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_RIGHT), 0);
}

static void each_further_failure_doubles_the_delay_up_to_a_minute(void **state)
{
    static const int64_t delays[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    (void)state;
    for (int i = 0; i < 6; i++)
        assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG), 0);
    for (size_t i = 0; i < sizeof delays / sizeof delays[0]; i++) {
        assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG), delays[i] * SECOND);
        now += delays[i] * SECOND - 1;
        assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG), 1); /* not yet */
        now += 1;
        assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG), 0);
    }
}

static void a_refused_attempt_is_not_counted(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++)
        assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG), 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG), SECOND);
    now += SECOND;
    assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_RIGHT), 0);
}

/* Five in any quarter of an hour are free for ever, however they fall in it. */
static void a_steady_fumbler_is_never_delayed(void **state)
{
    (void)state;
    for (int quarter = 0; quarter < 50; quarter++) {
        for (int i = 0; i < 5; i++)
            assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG), 0);
        now += 15 * MINUTE;
    }
}

static void a_success_resets_the_count(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 5; i++)
            assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG), 0);
        assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_RIGHT), 0);
    }
}

static void an_undecided_attempt_counts_as_none(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_UNDECIDED), 0);
}

static void accounts_do_not_share_a_counter(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++)
        assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG), 0);
    assert_true(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG) > 0);
    assert_int_equal(attempt("other@b.c", "192.0.2.1", THROTTLE_WRONG), 0);
}

static void failures_elsewhere_do_not_keep_the_person_out_of_a_known_network(void **state)
{
    (void)state;
    assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_RIGHT), 0);
    for (int i = 0; i < 100; i++) {
        char from[32];
        snprintf(from, sizeof from, "198.51.%d.7", i);
        attempt("a@b.c", from, THROTTLE_WRONG);
        now += 61 * SECOND;
    }
    attempt("a@b.c", "198.51.100.8", THROTTLE_WRONG);
    assert_true(attempt("a@b.c", "198.51.100.9", THROTTLE_WRONG) > 0);
    assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_RIGHT), 0);
    /* What the attacker did still counts where he is. */
    assert_true(attempt("a@b.c", "198.51.100.9", THROTTLE_WRONG) > 0);
}

static void guessing_from_a_known_network_is_slowed_too(void **state)
{
    (void)state;
    assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_RIGHT), 0);
    for (int i = 0; i < 6; i++)
        assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG), 0);
    assert_int_equal(attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG), SECOND);
}

static void a_network_that_tries_many_accounts_is_slowed(void **state)
{
    (void)state;
    char email[32];
    int admitted = 0;
    assert_int_equal(attempt("known@b.c", "192.0.2.1", THROTTLE_RIGHT), 0);
    for (int i = 0; i < 1000; i++) {
        snprintf(email, sizeof email, "%d@b.c", i);
        admitted += attempt(email, "192.0.2.1", THROTTLE_WRONG) == 0;
    }
    assert_int_equal(admitted, 51);
    assert_true(attempt("another@b.c", "192.0.2.1", THROTTLE_WRONG) >= 2 * SECOND);
    /* Neither the neighbour nor who is known there has to wait for that. */
    assert_int_equal(attempt("another@b.c", "192.0.2.2", THROTTLE_WRONG), 0);
    assert_int_equal(attempt("known@b.c", "192.0.2.1", THROTTLE_RIGHT), 0);
    now += 16 * MINUTE;
    assert_int_equal(attempt("another@b.c", "192.0.2.1", THROTTLE_WRONG), 0);
}

static void a_whole_range_of_addresses_is_slowed(void **state)
{
    (void)state;
    char email[32], v4[32], v6[64];
    int admitted = 0, admitted6 = 0;
    for (int i = 0; i < 5000; i++) {
        snprintf(email, sizeof email, "%d@b.c", i);
        snprintf(v4, sizeof v4, "192.0.2.%d", i % 256);
        snprintf(v6, sizeof v6, "2001:db8:1:%x::1", (unsigned)i);
        admitted += attempt(email, v4, THROTTLE_WRONG) == 0;
        admitted6 += attempt(email, v6, THROTTLE_WRONG) == 0;
    }
    assert_int_equal(admitted, 501);
    assert_int_equal(admitted6, 501);
}

static void addresses_of_one_v6_network_count_as_one(void **state)
{
    (void)state;
    char email[32], v6[64];
    int admitted = 0;
    for (int i = 0; i < 1000; i++) {
        snprintf(email, sizeof email, "%d@b.c", i);
        snprintf(v6, sizeof v6, "2001:db8:1:2::%x", (unsigned)i);
        admitted += attempt(email, v6, THROTTLE_WRONG) == 0;
    }
    assert_int_equal(admitted, 51);
}

/* As core/login.c does it: what must wait is asked again after each verdict. */
static void any_number_of_right_passwords_at_once_get_in(void **state)
{
    enum { ATTEMPTS = 256 };
    (void)state;
    struct throttle_key key = key_from("a@b.c", "192.0.2.1");
    struct throttle_ticket tickets[ATTEMPTS];
    size_t begun = 0, judged = 0;
    int64_t wait = 0;
    while (judged < ATTEMPTS) {
        while (begun < ATTEMPTS) {
            enum throttle_answer answer = throttle_ask(throttle, &key, now, &tickets[begun], &wait);
            assert_int_not_equal(answer, THROTTLE_REFUSE);
            if (answer == THROTTLE_WAIT)
                break;
            begun++;
        }
        assert_true(begun > judged);
        /* The quota of the account, and once the network is known its own: not all hash at once. */
        assert_true(begun - judged <= 12);
        throttle_verdict(throttle, &tickets[judged++], now, THROTTLE_RIGHT);
    }
}

static void wrong_ones_at_once_gain_nothing(void **state)
{
    (void)state;
    struct throttle_key key = key_from("a@b.c", "192.0.2.1");
    struct throttle_ticket tickets[10];
    size_t begun = 0;
    int64_t wait = 0;
    while (throttle_ask(throttle, &key, now, &tickets[begun], &wait) == THROTTLE_GO)
        begun++;
    assert_int_equal(begun, 6);
    assert_int_equal(throttle_ask(throttle, &key, now, &tickets[begun], &wait), THROTTLE_WAIT);
    for (size_t i = 0; i < begun; i++)
        throttle_verdict(throttle, &tickets[i], now, THROTTLE_WRONG);
    assert_int_equal(throttle_ask(throttle, &key, now, &tickets[0], &wait), THROTTLE_REFUSE);
    assert_int_equal(wait, SECOND);
    /* After the delay one at a time, not all that have waited for it. */
    now += SECOND;
    assert_int_equal(throttle_ask(throttle, &key, now, &tickets[0], &wait), THROTTLE_GO);
    assert_int_equal(throttle_ask(throttle, &key, now, &tickets[1], &wait), THROTTLE_WAIT);
}

static void a_flood_of_names_does_not_wash_out_a_delayed_account(void **state)
{
    (void)state;
    char email[32], from[32];
    for (int i = 0; i < 12; i++) {
        attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG);
        now += 61 * SECOND;
    }
    attempt("a@b.c", "192.0.2.1", THROTTLE_WRONG);
    for (int i = 0; i < 60000; i++) {
        snprintf(email, sizeof email, "%d@flood", i);
        snprintf(from, sizeof from, "%d.%d.%d.1", 1 + i % 200, i / 200 % 200, i / 40000);
        attempt(email, from, THROTTLE_WRONG);
    }
    assert_true(attempt("a@b.c", "203.0.113.77", THROTTLE_WRONG) > 0);
}

static void without_an_address_only_the_account_counts(void **state)
{
    (void)state;
    char email[32];
    for (int i = 0; i < 1000; i++) {
        snprintf(email, sizeof email, "%d@b.c", i);
        assert_int_equal(attempt(email, "", THROTTLE_WRONG), 0);
    }
    for (int i = 0; i < 6; i++)
        assert_int_equal(attempt("a@b.c", "", THROTTLE_WRONG), 0);
    assert_int_equal(attempt("a@b.c", "", THROTTLE_WRONG), SECOND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(five_failures_in_a_quarter_of_an_hour_delay_nothing),
        TEST(each_further_failure_doubles_the_delay_up_to_a_minute),
        TEST(a_refused_attempt_is_not_counted),
        TEST(a_steady_fumbler_is_never_delayed),
        TEST(a_success_resets_the_count),
        TEST(an_undecided_attempt_counts_as_none),
        TEST(accounts_do_not_share_a_counter),
        TEST(failures_elsewhere_do_not_keep_the_person_out_of_a_known_network),
        TEST(guessing_from_a_known_network_is_slowed_too),
        TEST(a_network_that_tries_many_accounts_is_slowed),
        TEST(a_whole_range_of_addresses_is_slowed),
        TEST(addresses_of_one_v6_network_count_as_one),
        TEST(any_number_of_right_passwords_at_once_get_in),
        TEST(wrong_ones_at_once_gain_nothing),
        TEST(a_flood_of_names_does_not_wash_out_a_delayed_account),
        TEST(without_an_address_only_the_account_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
