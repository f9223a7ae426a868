/*
 * A form: the rules that a report is judged by. The built-in one, form_default, is the table of the
 * source document as data; those that people make (form/form_json.h) are the same struct and go
 * through the same judge (form/judge.h).
 */
#ifndef BZCTRL_FORM_FORM_H
#define BZCTRL_FORM_FORM_H

#include "form/form_rule.h"
#include "model/draft.h"
#include "model/label.h"
#include "model/task.h"

/* Which todoTypes a field is for; bits. */
enum {
    FOR_INCIDENT = 1 << TASK_INCIDENT,
    FOR_TASK = 1 << TASK_TASK,
    FOR_BOTH = FOR_INCIDENT | FOR_TASK
};

/* How a value is read (form/value.h). KIND_NUMBER and later ones are only for fields that a form
 * adds. */
enum kind {
    KIND_TYPE,
    KIND_PLACE,
    KIND_TEXT,
    KIND_TEXTS,
    KIND_MONEY,
    KIND_LEVEL,
    KIND_STATUS,
    KIND_PERSON,
    KIND_DATE,
    KIND_TIME,
    KIND_NUMBER,
    KIND_EMAIL,
    KIND_BOOL,
};

/* References of customs procedures, whose form is known (form/customs.h). */
enum reference { REFERENCE_NONE, REFERENCE_LRN, REFERENCE_MRN, REFERENCE_OFFICE };

struct pattern;

struct form_field {
    enum kind kind;
    unsigned types;            /* FOR_… */
    bool required;             /* by those types */
    bool locked;               /* only the form fills it in */
    bool hidden;               /* not shown with the form; a caller may still send it */
    bool tag;                  /* its texts become tags */
    bool identifier;           /* a number is accepted too, as its digits */
    bool like_reporter;        /* an absent member counts as the reporter */
    size_t length_max;         /* characters of a text, or of each text of a list */
    size_t items_max;          /* of a list, at most DRAFT_ITEMS_MAX; 0: the member is not a list */
    struct draft_value preset; /* what an absent member counts as; DRAFT_ABSENT: nothing */
    struct str_list options;   /* what a text, or each of a list, can be; empty: anything */
    const struct pattern *pattern; /* what each text must look like; NULL: anything */
    enum reference reference;
    bool reference_warns; /* one that is not well-formed is accepted with a warning */
};

/* A field that a form adds to those of the source; its value goes into the record's `extra`. */
struct form_custom {
    struct str name;
    struct form_field field;
};

enum { FORM_CUSTOM_MAX = 100, FORM_NAME_SLOTS = 256, FORM_DEDUP_MAX = 20 };

/* What a field shows to people. It is kept apart from the rules, so that the data that the judge
 * walks through stays small. */
struct form_caption {
    struct label label, help;
    const struct label *options; /* one for each option; NULL: none has any */
    struct draft_value example;  /* DRAFT_ABSENT: none */
};

struct form {
    struct str name;
    int64_t version;
    bool is_default;          /* for reports that do not name a form */
    bool disabled;            /* it no longer accepts reports */
    bool refuses_unknown;     /* unknown members are a fault; otherwise they are kept */
    bool refuses_other_type;  /* what belongs to incidents is a fault in a task, and so on */
    struct str_list invites;  /* mail domains (form/invite.h); empty: nobody is invited */
    struct str_list accounts; /* e-mails and client ids of those who may use it; empty: all */
    struct form_field fields[MEMBER_COUNT];
    const struct form_custom *customs; /* in the order in which they are shown */
    size_t custom_count;
    struct form_dedup dedup;
    struct str_list need_to_close; /* members and fields without which no record is closed */
    struct form_confirm confirm;
    const uint8_t
        *slots; /* FORM_NAME_SLOTS: 1 + the place of a custom, by its name; NULL: no customs */
    struct label title, help;
    const struct form_caption *captions; /* by member, then by custom; NULL: no captions */
};

/* The table of the source document. */
extern const struct form form_default;

/* The field that the form adds under that name, ignoring case; NULL when it has no such field. */
const struct form_custom *form_custom(const struct form *form, struct str name);

/* The slot that has a name, in any case, or would have it. */
size_t form_slot(const struct form *form, struct str name);

/* Of a member, or of custom i as MEMBER_COUNT + i; empty when it has no caption. */
const struct form_caption *form_caption(const struct form *form, size_t place);

/* True if the account may report by it. */
bool form_serves(const struct form *form, struct str account);

#endif
