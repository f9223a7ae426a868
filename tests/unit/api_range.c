#include "api/range.h"
#include "tests.h"

static void expect(const char *value, enum range_kind kind, int64_t from, int64_t end)
{
    int64_t got_from = 0, got_end = 0;
    assert_int_equal(range_read(str_of(value), 100, &got_from, &got_end), kind);
    if (kind == RANGE_PART) {
        assert_int_equal(got_from, from);
        assert_int_equal(got_end, end);
    }
}

static void one_range_of_bytes(void **state)
{
    (void)state;
    expect("bytes=0-0", RANGE_PART, 0, 1);
    expect("Bytes=10-19", RANGE_PART, 10, 20);
    expect("bytes=99-", RANGE_PART, 99, 100);
    expect("bytes=0-", RANGE_PART, 0, 100);
    expect("bytes=50-9223372036854775806", RANGE_PART, 50, 100);
    expect("bytes=-1", RANGE_PART, 99, 100);
    expect("bytes=-1000", RANGE_PART, 0, 100);
}

static void none_of_what_is_there(void **state)
{
    (void)state;
    expect("bytes=100-", RANGE_BEYOND, 0, 0);
    expect("bytes=100-200", RANGE_BEYOND, 0, 0);
    expect("bytes=-0", RANGE_BEYOND, 0, 0);
}

static void what_may_be_ignored(void **state)
{
    static const char *const values[] = {"",
                                         "bytes",
                                         "bytes=",
                                         "bytes=-",
                                         "bytes=5-4",
                                         "bytes=a-b",
                                         "bytes=0-1,",
                                         "bytes=0-1,2",
                                         "items=0-1",
                                         "bytes=+0-1",
                                         "bytes=0--1",
                                         "bytes=0x0-1",
                                         "bytes=9223372036854775808-",
                                         "bytes=0-9223372036854775807"};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        expect(values[i], RANGE_WHOLE, 0, 0);
    expect(NULL, RANGE_WHOLE, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_range_of_bytes),
        cmocka_unit_test(none_of_what_is_there),
        cmocka_unit_test(what_may_be_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
