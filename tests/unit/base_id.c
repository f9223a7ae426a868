/* base/id: identifiers rise, also above those of other nodes. */
#include "tests.h"

#include "base/clock.h"
#include "base/id.h"

static void they_rise_whatever_the_clock_does(void **state)
{
    (void)state;
    int64_t last = 0, now = INT64_C(1800000000000);
    for (int i = 0; i < 10000; i++) {
        clock_set(now + (i % 7 - 3) * 100000);
        int64_t id = id_next();
        assert_true(id > last);
        last = id;
    }
}

static void a_clock_before_their_beginning_does_no_harm(void **state)
{
    (void)state;
    clock_set(0);
    int64_t first = id_next();
    assert_true(first > 0);
    assert_true(id_next() > first);
    id_seen(id_at(0) - 1);
    assert_true(id_next() > first);
}

static void they_rise_above_those_of_any_node(void **state)
{
    (void)state;
    static const unsigned nodes[] = {0, 1, 500, 1022, 1023};
    clock_set(INT64_C(1900000000000));
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 5; k++) {
            id_set_node(nodes[i]);
            int64_t other = id_next();
            id_set_node(nodes[k]);
            id_seen(other);
            assert_true(id_next() > other);
        }
    int64_t at = INT64_C(1900000100000);
    id_set_node(3);
    id_seen(id_at(at + 1) - 1); /* the greatest of a millisecond */
    assert_true(id_time(id_next()) > at);
    id_set_node(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_rise_whatever_the_clock_does),
        cmocka_unit_test(a_clock_before_their_beginning_does_no_harm),
        cmocka_unit_test(they_rise_above_those_of_any_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
