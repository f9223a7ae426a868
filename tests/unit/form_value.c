/* model/value: what of a value is kept, and what counts as absent. */
#include "judged.h"

static void blanks_around_an_identifier_are_removed(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        {"\"orderID\":\"1893348   \"", "\"orderID\":[\"1893348\"]"},
        {"\"orderID\":\"1893348   \"", "\"tags\":[\"1893348\"]"},
        {"\"orderID\":[\"\\u00a0A\\u200b\",\"A\"]", "\"tags\":[\"A\"]"},
        {"\"LRN\":\"\\ufeff725462 \"", "\"LRN\":\"725462\""},
        {"\"tags\":\" a b \"", "\"tags\":[\"ORDER 1\",\"a b\"]"},
        {"\"category\":[\" Customs \"]", "\"category\":[\"Customs\"]"},
        {"\"reporter\":\" Example@Example.com \"", "\"reporter\":\"example@example.com\""},
        {"\"dueDate\":\"2028-02-29 \"", "\"dueDate\":\"2028-02-29\""},
        /* Free text is as it was written. */
        {"\"title\":\" T \"", "\"title\":\" T \""},
    };
    TAKEN(taken);
}

static void a_text_of_which_nothing_is_seen_is_absent(void **state)
{
    (void)state;
    static const char *const texts[] = {"",        " \\t\\r\\n",     "\\u200b", "\\u00a0",
                                        "\\ufeff", "\\u202e\\u2066", "\\u2800", "\\u3164",
                                        "\\u0007", "\\udb40\\udc41"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char members[512];
        snprintf(members, sizeof members,
                 "\"title\":\"%s\",\"description\":\"%s\",\"orderID\":[\"%s\"],\"reporter\":\"%s\"",
                 texts[i], texts[i], texts[i], texts[i]);
        assert_string_equal(faults_of(members), "/title required; /description required; /reporter "
                                                "required; /orderID required");
        snprintf(
            members, sizeof members,
            "\"financialImpact\":\"%s\",\"impact\":\"%s\",\"status\":\"%s\",\"dueDate\":\"%s\","
            "\"occurredAt\":\"%s\",\"LRN\":\"%s\"",
            texts[i], texts[i], texts[i], texts[i], texts[i], texts[i]);
        assert_non_null(strstr(report_record(&r, members), "\"LRN\":null"));
    }
    assert_string_equal(faults_of("\"title\":\"\\u200b\\u0301\""), "");
    assert_string_equal(faults_of("\"title\":\"\\ud83d\\udea2\""), "");
}

static void an_identifier_may_be_a_number(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        {"\"orderID\":777,\"LRN\":725462,\"tags\":[0,\"x\"]",
         "\"tags\":[\"777\",\"725462\",\"0\",\"x\"]"},
        {"\"orderID\":[1,2]", "\"orderID\":[\"1\",\"2\"]"},
        {"\"LRN\":9007199254740992", "\"LRN\":\"9007199254740992\""},
    };
    static const struct refused refused[] = {
        {"\"orderID\":1.5", "/orderID wrong_type"},
        {"\"orderID\":1.0", "/orderID wrong_type"},
        {"\"orderID\":[1,1e3]", "/orderID/1 wrong_type"},
        {"\"LRN\":-1", "/LRN wrong_type"},
        {"\"tags\":9007199254740993", "/tags wrong_type"},
        {"\"orderID\":true", "/orderID wrong_type"},
        {"\"title\":5,\"category\":5", "/title wrong_type; /category wrong_type"},
    };
    TAKEN(taken);
    REFUSED(refused);
    faults_of("\"LRN\":1e3");
    assert_non_null(strstr(r.faults.items[0].detail.p, "Put it in quotes."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(blanks_around_an_identifier_are_removed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_text_of_which_nothing_is_seen_is_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(an_identifier_may_be_a_number, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
