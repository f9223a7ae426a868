/*
 * The rules of a form that look beyond a single report (form/form.h): what becomes of a second one of
 * the same matter, and which records are not closed by one person alone.
 */
#ifndef BZCTRL_FORM_FORM_RULE_H
#define BZCTRL_FORM_FORM_RULE_H

#include "base/str.h"

/* What happens to a second report of a record that is still open (form/dedup.h). */
enum dedup_then { DEDUP_NONE, DEDUP_ANSWER, DEDUP_OCCURRENCE, DEDUP_REFUSE };

struct form_dedup {
    enum dedup_then then; /* DEDUP_NONE: the form does not have one */
    struct str_list by;   /* names of members and fields whose values are compared */
    bool across_sources;
};

/* Which records a second person must confirm before they are closed; zeroed: none. */
struct form_confirm {
    bool always;
    bool by_amount;
    int64_t amount;      /* EUR cents: of records with as much or more */
    unsigned priorities; /* bits by enum level: of records with one of them */
};

#endif
