/* api/idempotency_key: what is a key, and what is not. */
#include "tests.h"

#include "api/idempotency_key.h"

static struct arena arena;

static struct str read_key(const char *value)
{
    struct op op = {.arena = &arena};
    struct str key = STR_NONE;
    enum err err = idempotency_key_read(&op, str_of(value), &key);
    assert_int_equal(err, key.p == NULL ? ERR_SYNTAX : ERR_OK);
    assert_int_equal(op.detail[0] == '\0', err == ERR_OK);
    return key;
}

static void quoted_and_bare_are_the_same_key(void **state)
{
    (void)state;
    assert_str(read_key("\"8e03978e-40d5\""), "8e03978e-40d5");
    assert_str(read_key("8e03978e-40d5"), "8e03978e-40d5");
    assert_str(read_key("\"a \\\"b\\\" \\\\ c\""), "a \"b\" \\ c");
    assert_str(read_key("\"a, b; c\""), "a, b; c");
}

static void everything_else_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",          "\"\"", "\"",     "\"a",          "a\"",      "\"a\"b",
        "\"a\";x=1", "a b",  "a,b",    "a;b",          "\"\\a\"",  "\"a\\",
        "\"a\\\"",   "\x7F", "\"\t\"", "\"\xC3\xA9\"", "\xC3\xA9", "\"a\", \"b\""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_null(read_key(bad[i]).p);
}

static void length_is_bounded(void **state)
{
    (void)state;
    char text[400];
    memset(text, 'k', sizeof text);
    text[256] = '\0';
    assert_null(read_key(text).p);
    text[255] = '\0';
    assert_int_equal(read_key(text).n, 255);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quoted_and_bare_are_the_same_key),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(length_is_bounded),
    };
    arena_init(&arena, 100000);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_finish(&arena);
    return failed;
}
