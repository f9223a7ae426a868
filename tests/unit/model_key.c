/* model/key: names of domains, workspaces and records. */
#include "tests.h"

#include "model/key.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static void keys_are_read_in_any_case(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"EXA", "EXA"},
        {"exa-Con-BUS-wor", "EXA-CON-BUS-WOR"},
        {"0-9", "0-9"},
        {"ABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOP"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str key;
        assert_int_equal(key_read(&arena, str_of(cases[i][0]), &key), ERR_OK);
        assert_str(key, cases[i][1]);
    }
}

static void other_texts_are_refused_as_keys(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "-",
                                        "A-",
                                        "-A",
                                        "A--B",
                                        " A",
                                        "A ",
                                        "A_B",
                                        "A.B",
                                        "A/B",
                                        "\xC3\x84",
                                        "A\nB",
                                        "ABCDEFGHIJKLMNOPQ",
                                        "A-ABCDEFGHIJKLMNOPQ"};
    struct str key = STR("untouched");
    char long_key[300];
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(key_read(&arena, str_of(texts[i]), &key), ERR_SYNTAX);
    for (size_t i = 0; i < sizeof long_key; i++)
        long_key[i] = i % 2 == 0 ? 'A' : '-';
    assert_int_equal(key_read(&arena, (struct str){long_key, 255}, &key), ERR_OK);
    assert_int_equal(key_read(&arena, (struct str){long_key, 257}, &key), ERR_SYNTAX);
    assert_int_equal(key.n, 255);
}

static void a_domain_covers_itself_and_all_below(void **state)
{
    (void)state;
    assert_true(key_covers(STR("EXA"), STR("EXA")));
    assert_true(key_covers(STR("EXA"), STR("EXA-CON")));
    assert_true(key_covers(STR("EXA"), STR("EXA-CON-BUS")));
    assert_false(key_covers(STR("EXA"), STR("EXAM")));
    assert_false(key_covers(STR("EXA-CON"), STR("EXA")));
    assert_false(key_covers(STR("EXA-CON"), STR("EXA-CONS")));
    assert_false(key_covers(STR("CON"), STR("EXA-CON")));
}

static void a_key_splits_at_its_last_dash(void **state)
{
    (void)state;
    struct str domain, segment;
    assert_true(key_split(STR("EXA-CON-BUS-WOR"), &domain, &segment));
    assert_str(domain, "EXA-CON-BUS");
    assert_str(segment, "WOR");
    assert_false(key_split(STR("EXA"), &domain, &segment));
    assert_false(key_split(STR(""), &domain, &segment));
}

static void records_have_a_number_with_two_digits_or_more(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"EXA-CON-BUS-WOR-03", "EXA-CON-BUS-WOR-03"},
        {"exa-con-bus-wor-3", "EXA-CON-BUS-WOR-03"},
        {"A-B-000010", "A-B-10"},
        {"A-B-100", "A-B-100"},
        {"A-1-1", "A-1-01"},
        {"A-B-9223372036854775807", "A-B-9223372036854775807"},
    };
    static const char *const refused[] = {
        "",       "A-B", "A-B-0", "A-B-00", "A-B-", "A-B-x",  "A-B-1x", "A-B-+1",
        "A-B- 1", "A-1", "-1",    "1",      "A--1", "A-B--1", "A_-B-1", "A-B-9223372036854775808"};
    struct buf buf;
    struct str workspace;
    int64_t number;
    buf_init(&buf, 1000);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(key_read_record(&arena, str_of(cases[i].text), &workspace, &number),
                         ERR_OK);
        buf_clear(&buf);
        buf_record_key(&buf, workspace, number);
        assert_str(buf_str(&buf), cases[i].shown);
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (key_read_record(&arena, str_of(refused[i]), &workspace, &number) != ERR_SYNTAX)
            fail_msg("\"%s\" is accepted", refused[i]);
    buf_finish(&buf);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(keys_are_read_in_any_case),
        TEST(other_texts_are_refused_as_keys),
        TEST(a_domain_covers_itself_and_all_below),
        TEST(a_key_splits_at_its_last_dash),
        TEST(records_have_a_number_with_two_digits_or_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
