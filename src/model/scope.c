#include "model/scope.h"

static const struct str names[] = {
    STR_INIT("task:create"),
    STR_INIT("task:read"),
    STR_INIT("task:write"),
};

enum { NAMES = sizeof names / sizeof names[0] };

bool scope_read(struct str word, unsigned *ret_scope)
{
    for (unsigned i = 0; i < NAMES; i++)
        if (str_eq(names[i], word)) {
            *ret_scope = 1U << i;
            return true;
        }
    return false;
}

bool scopes_read(struct str list, unsigned *ret_scopes)
{
    unsigned scopes = 0;
    while (list.p != NULL) {
        unsigned one;
        if (!scope_read(str_cut(&list, ' '), &one))
            return false;
        scopes |= one;
    }
    if (scopes == 0)
        return false;
    *ret_scopes = scopes;
    return true;
}

void buf_scopes(struct buf *buf, unsigned scopes)
{
    bool first = true;
    for (unsigned i = 0; i < NAMES; i++) {
        if ((scopes & 1U << i) == 0)
            continue;
        if (!first)
            buf_char(buf, ' ');
        first = false;
        buf_add(buf, names[i]);
    }
}

struct str_list scope_names(void)
{
    return (struct str_list){names, NAMES};
}
