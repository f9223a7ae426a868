/* model/money: every cent from 0 to the bound is one amount, in each of its spellings. */
#include "tests.h"

#include "base/random.h"
#include "model/money.h"
#include "model/task.h"

#include <stdio.h>
#include <stdlib.h>

static void the_spellings_of_the_contract_are_accepted(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t cents;
    } cases[] = {
        {"0", 0},
        {"00", 0},
        {"0.0", 0},
        {"0.00", 0},
        {"0.01", 1},
        {"0.1", 10},
        {"0.10", 10},
        {"007.5", 750},
        {"123577", 12357700},
        {"123577.5", 12357750},
        {"123577.50", 12357750},
        {"10000000000000", CENTS_MAX},
        {"10000000000000.00", CENTS_MAX},
        {"0000000000000000000000000000001", 100},
        {"9999999999999.99", CENTS_MAX - 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t cents = -7;
        enum fault_code fault;
        assert_true(money_read(str_of(cases[i].text), &cents, &fault));
        assert_int_equal(cents, cases[i].cents);
    }
}

static void people_separate_thousands_as_they_like(void **state)
{
    static const struct {
        const char *text;
        int64_t cents;
    } cases[] = {
        {"10000", 1000000},
        {"10.000", 1000000},
        {"10,000", 1000000},
        {"10.000,50", 1000050},
        {"10,000.50", 1000050},
        {"10000,5", 1000050},
        {"10000.50", 1000050},
        {"1.000.000", 100000000},
        {"1,000,000", 100000000},
        {"1.000.000,5", 100000050},
        {"999.999", 99999900},
        {"0,5", 50},
        {"0", 0},
    };
    static const char *const refused[] = {
        "",
        ".",
        ",",
        "1.",
        "1,",
        ",5",
        ".500",
        "0.500",
        "0,500",
        "01.000",
        "000",
        "1.0000",
        "1000.000",
        "10.00.000",
        "10.000.0",
        "10,000,50",
        "10.000,",
        "1.2.3",
        "1.000,000",
        "-1.000",
        "1 000",
        "1..000",
        "1.,000",
        "10.00,50",
        "1.000.00,5",
        "10k",
        "+1",
        "1e3",
        "1.000.000.000.000.000.000.000.000.000.000,5",
    };
    (void)state;
    int64_t cents;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (!money_read_typed(str_of(cases[i].text), &cents) || cents != cases[i].cents)
            fail_msg("%s", cases[i].text);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (money_read_typed(str_of(refused[i]), &cents))
            fail_msg("%s", refused[i]);
}

static void other_texts_are_refused_for_the_right_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum fault_code fault;
    } cases[] = {
        {"", FAULT_NOT_A_NUMBER},
        {".", FAULT_NOT_A_NUMBER},
        {"1.", FAULT_NOT_A_NUMBER},
        {".5", FAULT_NOT_A_NUMBER},
        {"+1", FAULT_NOT_A_NUMBER},
        {"-", FAULT_NOT_A_NUMBER},
        {"--1", FAULT_NOT_A_NUMBER},
        {"1-", FAULT_NOT_A_NUMBER},
        {" 1", FAULT_NOT_A_NUMBER},
        {"1 ", FAULT_NOT_A_NUMBER},
        {"1 000", FAULT_NOT_A_NUMBER},
        {"1,000", FAULT_NOT_A_NUMBER},
        {"1.000,00", FAULT_NOT_A_NUMBER},
        {"1_000", FAULT_NOT_A_NUMBER},
        {"1'000", FAULT_NOT_A_NUMBER},
        {"1e3", FAULT_NOT_A_NUMBER},
        {"1E3", FAULT_NOT_A_NUMBER},
        {"0x10", FAULT_NOT_A_NUMBER},
        {"EUR 5", FAULT_NOT_A_NUMBER},
        {"5 EUR", FAULT_NOT_A_NUMBER},
        {"NaN", FAULT_NOT_A_NUMBER},
        {"Infinity", FAULT_NOT_A_NUMBER},
        {"1.2.3", FAULT_NOT_A_NUMBER},
        {"\xD9\xA1", FAULT_NOT_A_NUMBER},
        {"-1", FAULT_NEGATIVE},
        {"-0.01", FAULT_NEGATIVE},
        {"12.345", FAULT_TOO_PRECISE},
        {"1.000", FAULT_TOO_PRECISE},
        {"10000000000000.01", FAULT_TOO_LARGE},
        {"10000000000001", FAULT_TOO_LARGE},
        {"99999999999999999999999999", FAULT_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t cents = -7;
        enum fault_code fault = FAULT_REQUIRED;
        if (money_read(str_of(cases[i].text), &cents, &fault))
            fail_msg("\"%s\" is accepted", cases[i].text);
        assert_int_equal(fault, cases[i].fault);
        assert_int_equal(cents, -7);
    }
}

static void other_numbers_are_refused_for_the_right_reason(void **state)
{
    (void)state;
    static const struct {
        double euros;
        enum fault_code fault;
    } cases[] = {
        {-0.01, FAULT_NEGATIVE},
        {-1, FAULT_NEGATIVE},
        {-1e300, FAULT_NEGATIVE},
        {12.345, FAULT_TOO_PRECISE},
        {0.001, FAULT_TOO_PRECISE},
        {0.005, FAULT_TOO_PRECISE},
        {5e-324, FAULT_TOO_PRECISE},
        {0.29999, FAULT_TOO_PRECISE},
        {123456789.1234, FAULT_TOO_PRECISE},
        {10000000000000.01, FAULT_TOO_LARGE},
        {1e14, FAULT_TOO_LARGE},
        {1e300, FAULT_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t cents = -7;
        enum fault_code fault = FAULT_REQUIRED;
        if (money_of_number(cases[i].euros, &cents, &fault))
            fail_msg("%.17g is accepted", cases[i].euros);
        assert_int_equal(fault, cases[i].fault);
        assert_int_equal(cents, -7);
    }
}

static const char *money_text(struct buf *buf, int64_t cents)
{
    buf_clear(buf);
    buf_money(buf, cents);
    buf_char(buf, '\0');
    assert_int_equal(buf_err(buf), ERR_OK);
    return buf->p;
}

/* Text, number and cents of one amount all lead to each other. */
static void check_cent(struct buf *buf, int64_t cents)
{
    char expected[32];
    int64_t again = -1;
    enum fault_code fault;
    const char *text = money_text(buf, cents);
    snprintf(expected, sizeof expected, "%lld.%02d", (long long)(cents / 100), (int)(cents % 100));
    assert_string_equal(text, expected);
    assert_true(money_read(str_of(text), &again, &fault));
    assert_int_equal(again, cents);
    if (!money_of_number(strtod(text, NULL), &again, &fault) || again != cents)
        fail_msg("the number %s is read as %lld cents", text, (long long)again);
    if (cents % 100 == 0) {
        snprintf(expected, sizeof expected, "%lld", (long long)(cents / 100));
        assert_true(money_read(str_of(expected), &again, &fault) && again == cents);
        assert_true(money_of_number((double)(cents / 100), &again, &fault) && again == cents);
    }
}

static void every_cent_around_the_powers_of_ten_is_itself(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    for (int64_t power = 1; power <= CENTS_MAX; power *= 10)
        for (int64_t cents = power - 2000; cents <= power + 2000; cents++)
            if (cents >= 0 && cents <= CENTS_MAX)
                check_cent(&buf, cents);
    buf_finish(&buf);
}

static void random_cents_are_themselves(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    for (int i = 0; i < 300000; i++) {
        uint64_t random;
        random_bytes(&random, sizeof random);
        check_cent(&buf, (int64_t)(random % (uint64_t)(CENTS_MAX + 1)) >> (i % 40));
    }
    buf_finish(&buf);
}

/* The double next to one that is a cent is refused: 0.1 + 0.2 is not 0.30. */
static void a_number_beside_a_cent_is_refused(void **state)
{
    (void)state;
    static const double euros[] = {0.01, 0.29, 0.3, 1.1, 123577.5, 99999999.99};
    for (size_t i = 0; i < sizeof euros / sizeof euros[0]; i++) {
        union {
            double value;
            uint64_t bits;
        } beside = {.value = euros[i]};
        int64_t cents;
        enum fault_code fault;
        assert_true(money_of_number(euros[i], &cents, &fault));
        beside.bits++;
        assert_false(money_of_number(beside.value, &cents, &fault));
        beside.bits -= 2;
        assert_false(money_of_number(beside.value, &cents, &fault));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_spellings_of_the_contract_are_accepted),
        cmocka_unit_test(people_separate_thousands_as_they_like),
        cmocka_unit_test(other_texts_are_refused_for_the_right_reason),
        cmocka_unit_test(other_numbers_are_refused_for_the_right_reason),
        cmocka_unit_test(every_cent_around_the_powers_of_ten_is_itself),
        cmocka_unit_test(random_cents_are_themselves),
        cmocka_unit_test(a_number_beside_a_cent_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
