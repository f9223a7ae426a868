#include "base/str.h"

struct str str_of(const char *zero_terminated)
{
    if (zero_terminated == NULL)
        return STR_NONE;
    return (struct str){zero_terminated, strlen(zero_terminated)};
}

struct str str_from(struct str s, size_t offset)
{
    return str_sub(s, offset, s.n);
}

struct str str_sub(struct str s, size_t offset, size_t n)
{
    if (s.p == NULL)
        return s;
    if (offset > s.n)
        offset = s.n;
    if (n > s.n - offset)
        n = s.n - offset;
    return (struct str){s.p + offset, n};
}

bool str_eq_case(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (a.p[i] != b.p[i] && ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
            return false;
    return true;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
    if (order != 0)
        return order;
    return (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq(str_sub(s, 0, prefix.n), prefix);
}

struct str str_trim(struct str s)
{
    while (s.n > 0 && ascii_blank(s.p[0]))
        s = str_from(s, 1);
    while (s.n > 0 && ascii_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct str str_cut(struct str *rest, char separator)
{
    size_t at = str_find(*rest, separator);
    struct str first = str_sub(*rest, 0, at);
    *rest = at < rest->n ? str_from(*rest, at + 1) : STR_NONE;
    return first;
}

size_t str_find(struct str s, char byte)
{
    if (s.n == 0)
        return 0;
    const char *at = memchr(s.p, byte, s.n);
    return at == NULL ? s.n : (size_t)(at - s.p);
}

static bool plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* Each byte of the result has its highest bit set if that byte of `word`, or one below it, is not
 * plain: a borrow only ever comes from a byte that is not. */
static uint64_t not_plain(uint64_t word)
{
    const uint64_t ones = UINT64_MAX / 255, high = ones * 0x80;
    uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\', del = word ^ ones * 0x7F;
    return (word | (word - ones * 0x20) | (quote - ones) | (slash - ones) | (del - ones)) & high;
}

/* Eight bytes at a time. */
size_t str_plain(struct str s)
{
    size_t n = 0;
    uint64_t word;
    for (; s.n - n >= sizeof word; n += sizeof word) {
        memcpy(&word, s.p + n, sizeof word);
        if (not_plain(word) != 0)
            break;
    }
    while (n < s.n && plain((unsigned char)s.p[n]))
        n++;
    return n;
}

bool str_to_u64(struct str s, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!ascii_digit(s.p[i]))
            return false;
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (value > (max - digit) / 10 || digit > max)
            return false;
        value = value * 10 + digit;
    }
    *ret = value;
    return true;
}

size_t utf8_step(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    static const struct {
        unsigned char first, last; /* of the lead byte */
        unsigned char low, high;   /* of the second byte; later bytes are 80..BF */
        size_t length;
    } forms[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    if (p[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (p[0] < forms[i].first || p[0] > forms[i].last)
            continue;
        if (s.n < forms[i].length || p[1] < forms[i].low || p[1] > forms[i].high)
            return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if ((p[k] & 0xC0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

bool utf8_valid(struct str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t step = utf8_step(str_from(s, i));
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

uint32_t utf8_first(struct str s)
{
    size_t n = utf8_step(s);
    unsigned char lead = (unsigned char)s.p[0];
    if (n <= 1)
        return n == 0 ? 0xFFFD : lead;
    uint32_t c = lead & (0x7FU >> n);
    for (size_t i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)s.p[i] & 0x3FU);
    return c;
}

struct range {
    uint32_t first, last;
};

static bool in_ranges(uint32_t c, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c <= ranges[i].last)
            return c >= ranges[i].first;
    return false;
}

static bool char_blank(uint32_t c)
{
    static const struct range blanks[] = {
        {0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
        {0x1680, 0x1680}, {0x2000, 0x200B}, {0x2028, 0x2029}, {0x202F, 0x202F},
        {0x205F, 0x2060}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF},
    };
    return in_ranges(c, blanks, sizeof blanks / sizeof blanks[0]);
}

/* src/form/form_schema.c has the same ranges as a regular expression. */
bool char_invisible(uint32_t c)
{
    static const struct range invisible[] = {
        {0x00, 0x20},       {0x7F, 0xA0},       {0xAD, 0xAD},     {0x034F, 0x034F},
        {0x061C, 0x061C},   {0x115F, 0x1160},   {0x1680, 0x1680}, {0x17B4, 0x17B5},
        {0x180B, 0x180F},   {0x2000, 0x200F},   {0x2028, 0x202F}, {0x205F, 0x206F},
        {0x2800, 0x2800},   {0x3000, 0x3000},   {0x3164, 0x3164}, {0xFE00, 0xFE0F},
        {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3},
        {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    };
    return in_ranges(c, invisible, sizeof invisible / sizeof invisible[0]);
}

struct str utf8_trim(struct str s)
{
    while (s.n > 0 && char_blank(utf8_first(s)))
        s = str_from(s, utf8_step(s));
    while (s.n > 0) {
        size_t last = s.n - 1;
        while (last > 0 && ((unsigned char)s.p[last] & 0xC0) == 0x80)
            last--;
        if (!char_blank(utf8_first(str_from(s, last))))
            break;
        s.n = last;
    }
    return s;
}

bool utf8_visible(struct str s)
{
    while (s.n > 0 && char_invisible(utf8_first(s)))
        s = str_from(s, utf8_step(s));
    return s.n > 0;
}

size_t utf8_length(struct str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++)
        count += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return count;
}

struct str utf8_cut(struct str s, size_t max)
{
    while (max < s.n && max > 0 && ((unsigned char)s.p[max] & 0xC0) == 0x80)
        max--;
    return str_sub(s, 0, max);
}
