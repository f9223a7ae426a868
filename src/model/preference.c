#include "model/preference.h"

static void list_judge(struct str name, struct str_list texts, struct faults *faults)
{
    if (texts.n > PREFERENCE_ITEMS_MAX)
        fault_add(faults, name, FAULT_WHOLE, FAULT_TOO_MANY, NO_OPTIONS,
                  "%.*s has %zu texts; at most %d are possible.", STR_ARG(name), texts.n,
                  PREFERENCE_ITEMS_MAX);
    for (size_t i = 0; i < texts.n && i < PREFERENCE_ITEMS_MAX; i++)
        if (texts.items[i].n == 0 || texts.items[i].n > PREFERENCE_TEXT_MAX)
            fault_add(faults, name, i, texts.items[i].n == 0 ? FAULT_REQUIRED : FAULT_TOO_LONG,
                      NO_OPTIONS, "Each text must have 1 to %d bytes.", PREFERENCE_TEXT_MAX);
}

enum err preference_judge(const struct preference *sent, struct faults *faults)
{
    list_judge(STR("pins"), sent->pins, faults);
    list_judge(STR("seen"), sent->seen, faults);
    if (faults->err != ERR_OK)
        return faults->err;
    return faults->n > 0 ? ERR_INVALID : ERR_OK;
}
