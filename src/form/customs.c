#include "form/customs.h"

enum { LRN_MAX = 22, MRN_LENGTH = 18, OFFICE_LENGTH = 8 };

bool lrn_well_formed(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= ' ' || text.p[i] > '~')
            return false;
    return text.n > 0 && text.n <= LRN_MAX;
}

static bool upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* 'A' is 10, 'B' is 12, and so on: multiples of 11 are left out (ISO 6346, 3.2). */
static unsigned letter_value(char c)
{
    unsigned value = 10 + (unsigned)(c - 'A');
    return value + (value > 10) + (value > 20) + (value > 30);
}

static char check_digit(struct str text)
{
    unsigned sum = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        sum += (upper(c) ? letter_value(c) : (unsigned)(c - '0')) << i;
    }
    return (char)('0' + sum % 11 % 10);
}

static bool capitals_or_digits(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!upper(text.p[i]) && !ascii_digit(text.p[i]))
            return false;
    return true;
}

bool mrn_well_formed(struct str text)
{
    return text.n == MRN_LENGTH && ascii_digit(text.p[0]) && ascii_digit(text.p[1]) &&
           upper(text.p[2]) && upper(text.p[3]) && capitals_or_digits(text) &&
           text.p[MRN_LENGTH - 1] == check_digit(str_sub(text, 0, MRN_LENGTH - 1));
}

bool office_well_formed(struct str text)
{
    return text.n == OFFICE_LENGTH && upper(text.p[0]) && upper(text.p[1]) &&
           capitals_or_digits(text);
}
