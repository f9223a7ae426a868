/* The one timer of all connections: who expires when. */
#include "tests.h"

#include "http/deadline.h"

enum { ENTRIES = 50 };

static struct deadlines deadlines;
static struct deadline entries[ENTRIES];
static size_t expired_count;
static struct deadline *expired_order[ENTRIES];
static int64_t expired_early;

static void note_expired(struct deadline *entry)
{
    int64_t early = entry->at - (int64_t)uv_now(deadlines.timer.loop);
    if (early > expired_early)
        expired_early = early;
    expired_order[expired_count++] = entry;
    deadline_leave(&deadlines, entry);
}

static int start(void **state)
{
    static uv_loop_t loop;
    if (uv_loop_init(&loop) != 0)
        return -1;
    deadlines_init(&deadlines, &loop, note_expired);
    deadlines_scale(&deadlines, 1);
    for (size_t i = 0; i < ENTRIES; i++)
        entries[i] = (struct deadline){.state = HTTP_CLOSED};
    expired_count = 0;
    expired_early = 0;
    *state = &loop;
    return 0;
}

static int stop(void **state)
{
    uv_close((uv_handle_t *)&deadlines.timer, NULL);
    uv_run(*state, UV_RUN_DEFAULT);
    return uv_loop_close(*state);
}

static void entries_expire_in_order_and_never_early(void **state)
{
    deadline_enter(&deadlines, &entries[0], HTTP_IDLE); /* the longest time */
    for (size_t i = 1; i < ENTRIES; i++)
        deadline_enter(&deadlines, &entries[i], i % 2 == 0 ? HTTP_HEAD : HTTP_LINGERING);
    uv_run(*state, UV_RUN_DEFAULT);
    assert_int_equal(expired_count, ENTRIES);
    assert_int_equal(expired_early, 0);
    assert_ptr_equal(expired_order[0], &entries[1]);
    assert_ptr_equal(expired_order[ENTRIES - 1], &entries[0]);
}

static void who_moves_on_in_time_does_not_expire(void **state)
{
    deadline_enter(&deadlines, &entries[0], HTTP_HEAD);
    deadline_enter(&deadlines, &entries[1], HTTP_HEAD);
    deadline_enter(&deadlines, &entries[0], HTTP_HANDLING); /* which has no deadline */
    uv_run(*state, UV_RUN_DEFAULT);
    assert_int_equal(expired_count, 1);
    assert_ptr_equal(expired_order[0], &entries[1]);
    assert_int_equal(entries[0].state, HTTP_HANDLING);
}

static void the_oldest_is_the_first_that_came(void **state)
{
    (void)state;
    assert_null(deadline_oldest(&deadlines, HTTP_IDLE));
    for (size_t i = 0; i < 3; i++)
        deadline_enter(&deadlines, &entries[i], HTTP_IDLE);
    assert_ptr_equal(deadline_oldest(&deadlines, HTTP_IDLE), &entries[0]);
    deadline_enter(&deadlines, &entries[0], HTTP_IDLE);
    assert_ptr_equal(deadline_oldest(&deadlines, HTTP_IDLE), &entries[1]);
    deadline_leave(&deadlines, &entries[1]);
    deadline_leave(&deadlines, &entries[1]);
    assert_ptr_equal(deadline_oldest(&deadlines, HTTP_IDLE), &entries[2]);
    deadline_leave(&deadlines, &entries[2]);
    deadline_leave(&deadlines, &entries[0]);
    assert_null(deadline_oldest(&deadlines, HTTP_IDLE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(entries_expire_in_order_and_never_early, start, stop),
        cmocka_unit_test_setup_teardown(who_moves_on_in_time_does_not_expire, start, stop),
        cmocka_unit_test_setup_teardown(the_oldest_is_the_first_that_came, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
