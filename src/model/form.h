/*
 * A form: the rules that a report is judged by. The built-in one, form_default, is the table of the
 * source document as data; forms that people make will be the same struct and go through the same
 * judge (model/judge.h).
 */
#ifndef BZCTRL_MODEL_FORM_H
#define BZCTRL_MODEL_FORM_H

#include "model/draft.h"
#include "model/task.h"

/* Which todoTypes a field is for; bits. */
enum {
    FOR_INCIDENT = 1 << TASK_INCIDENT,
    FOR_TASK = 1 << TASK_TASK,
    FOR_BOTH = FOR_INCIDENT | FOR_TASK
};

struct form_field {
    unsigned types;     /* FOR_… */
    bool required;      /* by those types */
    bool tag;           /* its texts become tags */
    size_t length_max;  /* characters of a text, or of each text of a list; 0: the kind decides */
    size_t items_max;   /* of a list, at most DRAFT_ITEMS_MAX; 0: the member is no list */
    struct str preset;  /* what an absent member counts as, in any spelling that could be sent */
    bool like_reporter; /* an absent member counts as the reporter */
};

struct form {
    struct str name;
    int64_t version;
    struct form_field fields[MEMBER_COUNT];
};

/* The table of the source document. */
extern const struct form form_default;

#endif
