#include "model/money.h"

#include "model/task.h"

enum { CENTS = 100 };

static bool refuse(enum fault_code fault, enum fault_code *ret_fault)
{
    *ret_fault = fault;
    return false;
}

static size_t digits(struct str text)
{
    size_t n = 0;
    while (n < text.n && ascii_digit(text.p[n]))
        n++;
    return n;
}

bool money_read(struct str text, int64_t *ret_cents, enum fault_code *ret_fault)
{
    bool minus = str_starts(text, STR("-"));
    struct str rest = str_from(text, minus ? 1 : 0);
    struct str whole = str_sub(rest, 0, digits(rest));
    rest = str_from(rest, whole.n);
    struct str decimals = STR("");
    if (str_starts(rest, STR("."))) {
        decimals = str_sub(rest, 1, digits(str_from(rest, 1)));
        rest = str_from(rest, 1 + decimals.n);
        if (decimals.n == 0)
            return refuse(FAULT_NOT_A_NUMBER, ret_fault);
    }
    if (whole.n == 0 || rest.n > 0)
        return refuse(FAULT_NOT_A_NUMBER, ret_fault);
    if (minus)
        return refuse(FAULT_NEGATIVE, ret_fault);
    if (decimals.n > 2)
        return refuse(FAULT_TOO_PRECISE, ret_fault);

    uint64_t euros = 0;
    if (!str_to_u64(whole, (uint64_t)CENTS_MAX / CENTS, &euros))
        return refuse(FAULT_TOO_LARGE, ret_fault);
    int64_t cents = (int64_t)euros * CENTS;
    for (size_t i = 0; i < decimals.n; i++)
        cents += INT64_C(1) * (decimals.p[i] - '0') * (i == 0 ? 10 : 1);
    if (cents > CENTS_MAX)
        return refuse(FAULT_TOO_LARGE, ret_fault);
    *ret_cents = cents;
    return true;
}

bool money_of_number(double euros, int64_t *ret_cents, enum fault_code *ret_fault)
{
    if (euros < 0)
        return refuse(FAULT_NEGATIVE, ret_fault);
    if (!(euros <= (double)(CENTS_MAX / CENTS)))
        return refuse(FAULT_TOO_LARGE, ret_fault);
    int64_t cents = (int64_t)(euros * (double)CENTS + 0.5);
    if ((double)cents / (double)CENTS != euros)
        return refuse(FAULT_TOO_PRECISE, ret_fault);
    *ret_cents = cents;
    return true;
}

void buf_money(struct buf *buf, int64_t cents)
{
    buf_i64(buf, cents / CENTS);
    buf_char(buf, '.');
    buf_char(buf, (char)('0' + cents / 10 % 10));
    buf_char(buf, (char)('0' + cents % 10));
}
