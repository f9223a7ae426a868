#include "model/money.h"

#include "base/buf.h"
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

/* "1.000.000": a first group of up to three digits that is not 0, then groups of three. Appends them. */
static bool thousands_read(struct str text, char separator, struct buf *digits)
{
    struct str group = str_cut(&text, separator);
    bool grouped = group.n > 0 && group.n <= 3 && group.p[0] != '0';
    buf_add(digits, group);
    while (grouped && text.p != NULL) {
        group = str_cut(&text, separator);
        grouped = group.n == 3;
        buf_add(digits, group);
    }
    return grouped;
}

/* Appends the amount as money_read() wants it. */
static bool typed_write(struct str text, struct buf *amount)
{
    size_t decimal = text.n;
    while (decimal > 0 && text.p[decimal - 1] != '.' && text.p[decimal - 1] != ',')
        decimal--;
    struct str whole = str_sub(text, 0, decimal == 0 ? text.n : decimal - 1);
    struct str decimals = str_from(text, decimal);
    if (decimal > 0 && decimals.n == 3) /* no decimals, but a group */
        return thousands_read(text, text.p[decimal - 1], amount);
    char other = decimal > 0 && text.p[decimal - 1] == '.' ? ',' : '.';
    if (str_find(whole, other) == whole.n)
        buf_add(amount, whole);
    else if (!thousands_read(whole, other, amount))
        return false;
    if (decimal > 0) {
        buf_char(amount, '.');
        buf_add(amount, decimals);
    }
    return true;
}

bool money_read_typed(struct str text, int64_t *ret_cents)
{
    enum { TYPED_MAX = 40 };
    enum fault_code fault;
    struct buf amount;
    if (text.n > 1 && text.p[0] == '0' && ascii_digit(text.p[1]))
        return false;
    buf_init(&amount, TYPED_MAX);
    bool read = typed_write(text, &amount) && buf_err(&amount) == ERR_OK &&
                money_read(buf_str(&amount), ret_cents, &fault);
    buf_finish(&amount);
    return read;
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
