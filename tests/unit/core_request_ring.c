/* core/request_ring: bounded, the newest wins, and a noisy account pushes out nobody else's. */
#include "tests.h"

#include "core/request_ring.h"

#include <stdlib.h>

static struct request_ring ring;

static void add(int64_t account_id, int64_t number)
{
    struct logged_request request = {.account_id = account_id,
                                     .at = number,
                                     .method = STR("POST"),
                                     .path = STR("/"),
                                     .body = STR("")};
    request_ring_add(&ring, &request);
    assert_in_range(ring.n, 1, REQUEST_RING_MAX);
}

/* How many of an account are in a list that is `first`, whose oldest is which, and are they in
 * order? */
static size_t count(const struct ring_entry *first, int64_t account_id, int64_t *ret_oldest)
{
    size_t n = 0;
    int64_t last = -1;
    for (; first != NULL; first = first->next) {
        if (first->request.account_id != account_id)
            continue;
        assert_true(first->request.at > last);
        last = first->request.at;
        if (n++ == 0)
            *ret_oldest = last;
    }
    return n;
}

static void what_was_put_in_comes_out_whole(void **state)
{
    char body[] = "{\"a\":1}";
    struct logged_request request = {.account_id = 7,
                                     .workspace_id = 8,
                                     .at = 9,
                                     .duration_ms = 10,
                                     .status = 422,
                                     .dry_run = true,
                                     .replayed = true,
                                     .method = STR("POST"),
                                     .path = STR("/p"),
                                     .idempotency_key = STR("k"),
                                     .key = STR("W-01"),
                                     .problem = STR(""),
                                     .body = str_of(body)};
    (void)state;
    request_ring_add(&ring, &request);
    body[0] = 'x'; /* it holds a copy */
    struct ring_entry *entry = request_ring_take(&ring);
    assert_non_null(entry);
    assert_null(entry->next);
    const struct logged_request *got = &entry->request;
    assert_int_equal(got->account_id, 7);
    assert_int_equal(got->workspace_id, 8);
    assert_int_equal(got->at, 9);
    assert_int_equal(got->duration_ms, 10);
    assert_int_equal(got->status, 422);
    assert_true(got->dry_run && got->replayed);
    assert_str(got->method, "POST");
    assert_str(got->path, "/p");
    assert_null(got->form.p);
    assert_str(got->idempotency_key, "k");
    assert_str(got->key, "W-01");
    assert_str(got->problem, "");
    assert_str(got->body, "{\"a\":1}");
    ring_entries_free(entry);
    assert_null(request_ring_take(&ring));
}

static void of_one_account_the_newest_stay(void **state)
{
    int64_t oldest;
    (void)state;
    for (int64_t i = 0; i < 100000; i++)
        add(1, i);
    struct ring_entry *all = request_ring_take(&ring);
    assert_int_equal(count(all, 1, &oldest), REQUEST_RING_MAX);
    assert_int_equal(oldest, 100000 - REQUEST_RING_MAX);
    ring_entries_free(all);
}

static void a_noisy_account_pushes_out_none_but_its_own(void **state)
{
    int64_t oldest;
    (void)state;
    add(2, 0);
    add(3, 1);
    for (int64_t i = 0; i < 10000; i++) {
        add(1, i);
        if (i % 200 == 0)
            add(2, 100 + i);
    }
    struct ring_entry *all = request_ring_take(&ring);
    assert_int_equal(count(all, 2, &oldest), 51);
    assert_int_equal(oldest, 0);
    assert_int_equal(count(all, 3, &oldest), 1);
    assert_int_equal(count(all, 1, &oldest), REQUEST_RING_MAX - 52);
    ring_entries_free(all);
}

static void two_noisy_ones_share_what_there_is(void **state)
{
    int64_t oldest;
    (void)state;
    for (int64_t i = 0; i < 1000; i++)
        add(1, i);
    for (int64_t i = 0; i < 1000; i++)
        add(2, i);
    struct ring_entry *all = request_ring_take(&ring);
    assert_in_range(count(all, 1, &oldest), REQUEST_RING_MAX / 2 - 1, REQUEST_RING_MAX / 2 + 1);
    assert_in_range(count(all, 2, &oldest), REQUEST_RING_MAX / 2 - 1, REQUEST_RING_MAX / 2 + 1);
    ring_entries_free(all);
}

static void of_more_accounts_than_fit_those_who_came_last_stay(void **state)
{
    int64_t oldest;
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int64_t i = 1; i <= 3 * REQUEST_RING_MAX; i++)
            add(i, i);
        struct ring_entry *all = request_ring_take(&ring);
        for (int64_t i = 1; i <= 3 * REQUEST_RING_MAX; i++)
            assert_int_equal(count(all, i, &oldest), i > 2 * REQUEST_RING_MAX);
        ring_entries_free(all);
    }
}

static void one_that_is_too_large_is_left_out(void **state)
{
    char *large = calloc(1, REQUEST_RING_TEXT_MAX + 1);
    struct logged_request request = {.account_id = 1, .body = {large, REQUEST_RING_TEXT_MAX + 1}};
    (void)state;
    assert_non_null(large);
    request_ring_add(&ring, &request);
    assert_int_equal(ring.n, 0);
    request.body.n--;
    request_ring_add(&ring, &request);
    assert_int_equal(ring.n, 1);
    request_ring_finish(&ring);
    assert_int_equal(ring.n, 0);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_in_comes_out_whole),
        cmocka_unit_test(of_one_account_the_newest_stay),
        cmocka_unit_test(a_noisy_account_pushes_out_none_but_its_own),
        cmocka_unit_test(two_noisy_ones_share_what_there_is),
        cmocka_unit_test(of_more_accounts_than_fit_those_who_came_last_stay),
        cmocka_unit_test(one_that_is_too_large_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
