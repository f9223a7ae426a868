#include "model/draft.h"

static const struct str names[] = {
#define MEMBER(name, text, field, title, description) [MEMBER_##name] = STR_INIT(text),
#include "model/member.def"
#undef MEMBER
};

struct str member_name(enum member member)
{
    return names[member];
}

bool member_read(struct str name, enum member *ret_member)
{
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if (name.n == names[i].n && name.n > 0 &&
            ascii_lower(name.p[0]) == ascii_lower(names[i].p[0]) && str_eq_case(name, names[i])) {
            *ret_member = (enum member)i;
            return true;
        }
    return false;
}
