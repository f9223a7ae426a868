#include "model/form.h"

enum { TITLE_MAX = 255, LONG_TEXT_MAX = 65536, SHORT_TEXT_MAX = 255, ITEMS_MAX = DRAFT_ITEMS_MAX };

const struct form form_default = {
    .name = {"default", 7},
    .version = 1,
    .fields =
        {
            [MEMBER_TODO_TYPE] = {.types = FOR_BOTH, .required = true},
            /* The judge itself demands one of the two spellings of the place. */
            [MEMBER_DOMAIN_WORKSPACE] = {.types = FOR_BOTH},
            [MEMBER_DOMAIN] = {.types = FOR_BOTH},
            [MEMBER_WORKSPACE] = {.types = FOR_BOTH},
            [MEMBER_TITLE] = {.types = FOR_BOTH, .required = true, .length_max = TITLE_MAX},
            [MEMBER_DESCRIPTION] = {.types = FOR_BOTH,
                                    .required = true,
                                    .length_max = LONG_TEXT_MAX},
            [MEMBER_RESULT] = {.types = FOR_TASK, .length_max = LONG_TEXT_MAX},
            [MEMBER_FINANCIAL_IMPACT] = {.types = FOR_INCIDENT},
            [MEMBER_IMPACT] = {.types = FOR_INCIDENT},
            [MEMBER_LIKELIHOOD] = {.types = FOR_INCIDENT},
            [MEMBER_STATUS] = {.types = FOR_BOTH, .required = true, .preset = {"In Progress", 11}},
            [MEMBER_PRIORITY] = {.types = FOR_BOTH},
            [MEMBER_REPORTER] = {.types = FOR_BOTH, .required = true},
            [MEMBER_ASSIGNEE] = {.types = FOR_BOTH, .required = true, .like_reporter = true},
            [MEMBER_CATEGORY] = {.types = FOR_BOTH,
                                 .length_max = SHORT_TEXT_MAX,
                                 .items_max = ITEMS_MAX},
            [MEMBER_SUB_CATEGORY] = {.types = FOR_BOTH,
                                     .length_max = SHORT_TEXT_MAX,
                                     .items_max = ITEMS_MAX},
            [MEMBER_ORDER_ID] = {.types = FOR_BOTH,
                                 .required = true,
                                 .tag = true,
                                 .length_max = SHORT_TEXT_MAX,
                                 .items_max = ITEMS_MAX},
            [MEMBER_LRN] = {.types = FOR_BOTH, .tag = true, .length_max = SHORT_TEXT_MAX},
            [MEMBER_TAGS] = {.types = FOR_BOTH,
                             .tag = true,
                             .length_max = SHORT_TEXT_MAX,
                             .items_max = ITEMS_MAX},
            [MEMBER_DUE_DATE] = {.types = FOR_BOTH},
            [MEMBER_REMINDER_DATE] = {.types = FOR_BOTH},
            [MEMBER_OCCURRED_AT] = {.types = FOR_BOTH},
        },
};
