/*
 * Reading one value of a report, or of a form's defaults, into what a record holds: one reader per
 * kind (form/form.h). Each reports everything that is wrong with its value. Pure, like the judge
 * that calls it (form/judge.h).
 */
#ifndef BZCTRL_FORM_VALUE_H
#define BZCTRL_FORM_VALUE_H

#include "base/op.h"
#include "form/form.h"
#include "model/directory.h"
#include "model/faults.h"

/* The greatest number that an identifier may be sent as, 2^53: a text of as many digits is exact.
 */
#define IDENTIFIER_NUMBER_MAX INT64_C(9007199254740992)

struct reading {
    struct op *op; /* its arena, and the moment */
    const struct directory *directory;
    const struct workspace *workspace; /* NULL while unknown; people are then not checked */
    struct faults *faults;
    struct faults *warnings; /* NULL: not wanted */
    struct str invited;      /* the person who must be added to the domain first; absent: nobody */
    /* Of the value that is read: */
    const struct form_field *field;
    struct str name;             /* for sentences */
    struct str sent;             /* as it was spelled, for the pointer */
    const struct form *inviting; /* the form that may invite an unknown person; NULL: none */
    bool preset;                 /* it is the form's own: a date may be relative, as "+14d" */
    bool costly;                 /* a pattern took too long: no other is tried for this report */
};

/* What the kinds are read into. */
union value {
    enum task_type type;
    enum task_status status;
    enum level level;
    struct str text;       /* KIND_TEXT, KIND_EMAIL; KIND_NUMBER: as JSON spells it */
    struct str_list texts; /* KIND_TEXTS */
    int64_t cents;         /* KIND_MONEY */
    int64_t account_id;    /* KIND_PERSON */
    int32_t date;          /* KIND_DATE */
    int64_t time;          /* KIND_TIME */
    bool truth;            /* KIND_BOOL */
};

/* null counts as absent, and so does a text in which nothing can be seen, and a list of such. */
bool value_absent(const struct draft_value *value, enum kind kind);

/* Reads a value that is not absent into `ret_value`, the member of union value that its kind says.
 * After a fault that is untouched. Not for KIND_PLACE. */
void value_read(struct reading *reading, const struct draft_value *value, void *ret_value);

/* The day of a time in the workspace's zone; in UTC while the workspace is unknown. */
int32_t value_local_date(const struct reading *reading, int64_t time);

/* The right texts of a field: its options, or those of its kind; empty: any text. */
struct str_list value_options(const struct form_field *field);

/* The first option that is not invisible, which a report cannot send; or absent. */
struct str value_shown_option(struct str_list options);

/* The option that equals `text` ignoring case, as the form spells it; or absent. */
struct str value_option(struct str_list options, struct str text);

/* Adds a fault about the value that is read, or about an element of it, whose sentence begins with
 * the member's name. */
#define VALUE_FAULT_AT(reading, index, code, allowed, detail, ...)                                 \
    fault_add((reading)->faults, (reading)->sent, (index), FAULT_##code, (allowed),                \
              "%.*s " detail, STR_ARG((reading)->name), ##__VA_ARGS__)
#define VALUE_FAULT(reading, code, ...)                                                            \
    VALUE_FAULT_AT((reading), FAULT_WHOLE, code, NO_OPTIONS, __VA_ARGS__)

#endif
