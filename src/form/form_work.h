/*
 * A form's document on its way into a struct form (form/form_json.h): shared by the files that
 * read it. Each reader adds a fault for what is wrong and continues, so that one answer reports
 * everything.
 */
#ifndef BZCTRL_FORM_FORM_WORK_H
#define BZCTRL_FORM_FORM_WORK_H

#include "form/form_json.h"
#include "form/value.h"
#include "json/read.h"

struct work {
    struct op *op;
    struct arena *arena; /* of the form */
    const struct form_place *place;
    struct faults *faults;
    struct form *form;
    struct form_custom *customs;   /* room for as many as there are fields */
    struct form_caption *captions; /* the same, after those of the members */
    uint8_t *slots;                /* of the form */
    bool listed[MEMBER_COUNT];     /* the source's members that the form says something of */
    int64_t given_work;            /* what its defaults and examples may still take to match */
};

enum { WORK_SHORT_MAX = 255, WORK_LONG_MAX = 65536 }; /* characters of a text */

/* Adds a fault about the document's member `name`. */
#define WRONG(work, name, code, ...)                                                               \
    fault_add((work)->faults, (name), FAULT_WHOLE, FAULT_##code, NO_OPTIONS, __VA_ARGS__)

/* Notes it among the faults; false. */
bool work_no_memory(struct work *work);

/* Values, each a member of the document; false after a fault. Texts are copied. */
bool work_truth(struct work *work, const struct json *json, bool *ret_truth);
bool work_text(struct work *work, const struct json *json, size_t max, struct str *ret_text);

/* The place of one of a few words, which outlive the faults. */
bool work_word(struct work *work, const struct json *json, struct str_list words,
               size_t *ret_place);

/* Reads each member of an object by the `n` rows of a table; a member without a row is a fault, which
 * names `where` it is: "a form". */
struct work_member {
    struct str name;
    void (*read)(struct work *work, const struct json *json);
};
void work_members(struct work *work, const struct json *object, const char *where,
                  const struct work_member *members, size_t n);

/* A list of texts that is not empty, without duplicates, ignoring case. With `ret_labels` each
 * may also be an object of "value" and "label"; *ret_labels becomes NULL when no element has a
 * label. */
bool work_texts(struct work *work, const struct json *json, size_t max, struct str_list *ret_texts,
                const struct label **ret_labels);

/* A text for people: one text, or one for each language. */
void work_label(struct work *work, const struct json *json, struct label *ret_label);

/* "dedup", once all fields are read. */
void work_dedup(struct work *work, const struct json *json);

/* "needToClose", once all fields are read, and "confirmClose". */
void work_need_to_close(struct work *work, const struct json *json);
void work_confirm_close(struct work *work, const struct json *json);

/* One element of "fields". */
void work_field(struct work *work, const struct json *json);

#endif
