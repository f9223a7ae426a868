#include "form/form.h"

#include "model/email.h"

enum { TITLE_MAX = 255, LONG_TEXT_MAX = 65536, SHORT_TEXT_MAX = 255, ITEMS_MAX = DRAFT_ITEMS_MAX };

const struct form form_default =
    {
        .name = STR_INIT("default"),
        .version = 1,
        .fields =
            {
                [MEMBER_TODO_TYPE] = {.kind = KIND_TYPE, .types = FOR_BOTH, .required = true},
                /* The judge itself demands one of the two spellings of the place. */
                [MEMBER_DOMAIN_WORKSPACE] = {.kind = KIND_PLACE, .types = FOR_BOTH},
                [MEMBER_DOMAIN] = {.kind = KIND_PLACE, .types = FOR_BOTH},
                [MEMBER_WORKSPACE] = {.kind = KIND_PLACE, .types = FOR_BOTH},
                [MEMBER_TITLE] = {.kind = KIND_TEXT,
                                  .types = FOR_BOTH,
                                  .required = true,
                                  .length_max = TITLE_MAX},
                [MEMBER_DESCRIPTION] = {.kind = KIND_TEXT,
                                        .types = FOR_BOTH,
                                        .required = true,
                                        .length_max = LONG_TEXT_MAX},
                [MEMBER_RESULT] = {.kind = KIND_TEXT,
                                   .types = FOR_TASK,
                                   .length_max = LONG_TEXT_MAX},
                [MEMBER_FINANCIAL_IMPACT] = {.kind = KIND_MONEY, .types = FOR_INCIDENT},
                [MEMBER_IMPACT] = {.kind = KIND_LEVEL, .types = FOR_INCIDENT},
                [MEMBER_LIKELIHOOD] = {.kind = KIND_LEVEL, .types = FOR_INCIDENT},
                [MEMBER_STATUS] = {.kind = KIND_STATUS,
                                   .types = FOR_BOTH,
                                   .required = true,
                                   .preset = {.kind = DRAFT_TEXT, .text = STR_INIT("In Progress")}},
                [MEMBER_PRIORITY] = {.kind = KIND_LEVEL, .types = FOR_BOTH},
                [MEMBER_REPORTER] = {.kind = KIND_PERSON, .types = FOR_BOTH, .required = true},
                [MEMBER_ASSIGNEE] = {.kind = KIND_PERSON,
                                     .types = FOR_BOTH,
                                     .required = true,
                                     .like_reporter = true},
                [MEMBER_CATEGORY] = {.kind = KIND_TEXTS,
                                     .types = FOR_BOTH,
                                     .length_max = SHORT_TEXT_MAX,
                                     .items_max = ITEMS_MAX},
                [MEMBER_SUB_CATEGORY] = {.kind = KIND_TEXTS,
                                         .types = FOR_BOTH,
                                         .length_max = SHORT_TEXT_MAX,
                                         .items_max = ITEMS_MAX},
                [MEMBER_ORDER_ID] = {.kind = KIND_TEXTS,
                                     .types = FOR_BOTH,
                                     .required = true,
                                     .tag = true,
                                     .identifier = true,
                                     .length_max = SHORT_TEXT_MAX,
                                     .items_max = ITEMS_MAX},
                [MEMBER_LRN] = {.kind = KIND_TEXT,
                                .types = FOR_BOTH,
                                .tag = true,
                                .identifier = true,
                                .length_max = SHORT_TEXT_MAX},
                [MEMBER_TAGS] = {.kind = KIND_TEXTS,
                                 .types = FOR_BOTH,
                                 .tag = true,
                                 .identifier = true,
                                 .length_max = SHORT_TEXT_MAX,
                                 .items_max = ITEMS_MAX},
                [MEMBER_DUE_DATE] = {.kind = KIND_DATE, .types = FOR_BOTH},
                [MEMBER_REMINDER_DATE] = {.kind = KIND_DATE, .types = FOR_BOTH},
                [MEMBER_OCCURRED_AT] = {.kind = KIND_TIME, .types = FOR_BOTH},
            },
};

/* FNV-1a. Forms have few fields for so many slots, and somebody who may write a form can only slow
 * it down for its own reports. */
size_t form_slot(const struct form *form, struct str name)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < name.n; i++)
        hash = (hash ^ (unsigned char)ascii_lower(name.p[i])) * 16777619U;
    size_t slot = hash % FORM_NAME_SLOTS;
    while (form->slots[slot] != 0 && !str_eq_case(form->customs[form->slots[slot] - 1].name, name))
        slot = (slot + 1) % FORM_NAME_SLOTS;
    return slot;
}

const struct form_custom *form_custom(const struct form *form, struct str name)
{
    uint8_t found = form->slots == NULL ? 0 : form->slots[form_slot(form, name)];
    return found == 0 ? NULL : &form->customs[found - 1];
}

const struct form_caption *form_caption(const struct form *form, size_t place)
{
    static const struct form_caption none;
    return form->captions == NULL ? &none : &form->captions[place];
}

bool form_serves(const struct form *form, struct str account)
{
    for (size_t i = 0; i < form->accounts.n; i++)
        if (email_same(form->accounts.items[i], account))
            return true;
    return form->accounts.n == 0;
}
