#include "api/accept_language.h"

#include "api/call.h"

/* In thousandths: "q=0.8"; 1000 without it, and 0 of what is not a weight. */
static unsigned weight_read(struct str parameter)
{
    if (parameter.n == 0)
        return 1000;
    if (!str_starts(parameter, STR("q=")) && !str_starts(parameter, STR("Q=")))
        return 0;
    unsigned weight = 0, unit = 1000;
    for (size_t i = 2; i < parameter.n && unit > 0; i++) {
        if (i == 3 && parameter.p[i] == '.')
            continue;
        if (!ascii_digit(parameter.p[i]))
            return 0;
        weight += (unsigned)(parameter.p[i] - '0') * unit;
        unit /= 10;
    }
    return weight;
}

static bool is_dutch_preferred(struct str header)
{
    unsigned best = 0;
    bool dutch = false;
    while (header.n > 0) {
        struct str parameter = str_cut(&header, ',');
        struct str range = str_trim(str_cut(&parameter, ';'));
        struct str language = str_cut(&range, '-');
        bool is_dutch = str_eq_case(language, STR("nl"));
        unsigned weight = weight_read(str_trim(parameter));
        if (weight > best && (is_dutch || str_eq_case(language, STR("en")))) {
            best = weight;
            dutch = is_dutch;
        }
    }
    return dutch;
}

void call_language(struct call *call)
{
    call->op.dutch = is_dutch_preferred(http_header_get(call->request, STR("accept-language")));
}
