#include "form/suggest.h"

#include "base/near.h"

struct str form_suggest(const struct form *form, struct str name)
{
    struct near near = {.name = name};
    for (size_t i = 0; i < MEMBER_COUNT + form->custom_count; i++)
        near_look(&near, i < MEMBER_COUNT ? member_name((enum member)i)
                                          : form->customs[i - MEMBER_COUNT].name);
    return near.best;
}

struct str draft_suggest(const struct task_draft *draft, const struct form *form, struct str name,
                         size_t *budget)
{
    struct str best = STR_NONE;
    size_t best_slips = SIZE_MAX;
    for (size_t i = 0; i < draft->other_count && *budget > 0; i++, --*budget) {
        struct str sent = draft->others[i].value.name;
        struct near near = {.name = sent};
        near_look(&near, name);
        if (near.best.p != NULL && near.slips < best_slips && form_custom(form, sent) == NULL) {
            best = sent;
            best_slips = near.slips;
        }
    }
    return best;
}
