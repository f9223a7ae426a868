/* api/trace: what W3C Trace Context takes as a traceparent, and nothing else. */
#include "api/trace.h"
#include "tests.h"

#define ID     "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"

static void a_valid_one_is_read(void **state)
{
    static const char *const values[] = {
        "00-" ID "-" PARENT "-01",
        "00-" ID "-" PARENT "-ff", /* flags that nobody knows yet */
        "01-" ID "-" PARENT "-01", /* a later version */
        "cc-" ID "-" PARENT "-01-what-the-future-holds",
        "cc-" ID "-" PARENT "-01-",
    };
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct trace trace = trace_read(str_of(values[i]));
        assert_true(str_eq(trace.id, STR(ID)));
        assert_true(str_eq(trace.parent, STR(PARENT)));
    }
}

static void all_else_is_ignored(void **state)
{
    static const char *const values[] = {
        "",
        "00",
        "00-" ID "-" PARENT "-0",
        "00-" ID "-" PARENT "-01-",
        "00-" ID "-" PARENT "-01-more",
        "00-" ID "-" PARENT "-011",
        "cc-" ID "-" PARENT "-01.more",
        "ff-" ID "-" PARENT "-01",
        "0-" ID "-" PARENT "-001",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01",
        "00-" ID "-00F067AA0BA902B7-01",
        "00-" ID "-" PARENT "-0X",
        "0x-" ID "-" PARENT "-01",
        "00-00000000000000000000000000000000-" PARENT "-01",
        "00-" ID "-0000000000000000-01",
        "00_" ID "-" PARENT "-01",
        "00-" ID "_" PARENT "-01",
        "00-" ID "-" PARENT "_01",
        " 00-" ID "-" PARENT "-01",
        "00-" ID "-" PARENT "-01 ",
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
    };
    (void)state;
    assert_null(trace_read(STR_NONE).id.p);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_null(trace_read(str_of(values[i])).id.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_valid_one_is_read),
        cmocka_unit_test(all_else_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
