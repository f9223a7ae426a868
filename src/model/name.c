#include "model/name.h"

/* U+0080 to U+009F; U+2028 to U+202E, U+2066 to U+2069. */
static bool unseen(const unsigned char *p, size_t n)
{
    if (n >= 2 && p[0] == 0xC2)
        return p[1] < 0xA0;
    if (n < 3 || p[0] != 0xE2)
        return false;
    return (p[1] == 0x80 && p[2] >= 0xA8 && p[2] <= 0xAE) ||
           (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9);
}

/* True if it is UTF-8 without control characters (the C1 ones of terminals too), line or paragraph
 * separators, and marks that turn the direction of what stands behind them. */
static bool name_plain(struct str name)
{
    const unsigned char *p = (const unsigned char *)name.p;
    if (!utf8_valid(name))
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (p[i] < ' ' || p[i] == 0x7f || unseen(p + i, name.n - i))
            return false;
    return true;
}

void name_judge(struct faults *faults, struct str member, const char *meaning, struct str sent,
                struct str *ret_name)
{
    struct str name = utf8_trim(sent);
    if (!utf8_visible(name))
        fault_add(faults, member, FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS, "%.*s is required: %s.",
                  STR_ARG(member), meaning);
    else if (!name_plain(name))
        fault_add(faults, member, FAULT_WHOLE, FAULT_WRONG_TYPE, NO_OPTIONS,
                  "%.*s must be a text without control characters.", STR_ARG(member));
    else if (utf8_length(name) > NAME_MAX_CHARACTERS)
        fault_add(faults, member, FAULT_WHOLE, FAULT_TOO_LONG, NO_OPTIONS,
                  "%.*s has %zu characters; at most %d are allowed.", STR_ARG(member),
                  utf8_length(name), NAME_MAX_CHARACTERS);
    else
        *ret_name = name;
}
