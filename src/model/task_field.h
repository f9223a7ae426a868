/*
 * Iterates over the fields of a record (model/task.def), for code that treats them all alike.
 */
#ifndef BZCTRL_MODEL_TASK_FIELD_H
#define BZCTRL_MODEL_TASK_FIELD_H

#include "base/arena.h"
#include "model/task.h"

#include <stddef.h>

enum task_field_kind {
    TASK_FIELD_NUMBER,    /* int64_t */
    TASK_FIELD_TYPE,      /* enum task_type */
    TASK_FIELD_STATUS,    /* enum task_status */
    TASK_FIELD_LEVEL,     /* enum level */
    TASK_FIELD_WORKSPACE, /* int64_t, an id */
    TASK_FIELD_ACCOUNT,   /* int64_t, an id; 0: nobody */
    TASK_FIELD_RECORD,    /* int64_t, an id; 0: none */
    TASK_FIELD_MONEY,     /* int64_t, or CENTS_NONE */
    TASK_FIELD_DATE,      /* int32_t, or DATE_NONE */
    TASK_FIELD_TIME,      /* int64_t, or TIME_NONE */
    TASK_FIELD_NAME,      /* struct str that nobody types, such as a form's */
    TASK_FIELD_TEXT,      /* struct str, maybe absent: what somebody has written */
    TASK_FIELD_OBJECT,    /* struct str: one JSON object of what somebody has sent */
    TASK_FIELD_TEXTS,     /* struct str_list of what somebody has written */
};

struct task_field {
    const char *member; /* in JSON; NULL: not among the members that are made by this table */
    const char *name;   /* of the column */
    enum task_field_kind kind;
    size_t offset; /* in struct task */
};

enum {
#define FIELD(field, kind, member) TASK_FIELD_AT_##field,
#include "model/task.def"
#undef FIELD
    TASK_FIELDS
};

/* The first so many are those that a create sets. */
enum {
#define FIELD(field, kind, member) TASK_FIELD_CREATED_##field,
#define LATER(field, kind, member)
#include "model/task.def" /* NOLINT(readability-duplicate-include) */
#undef FIELD
    TASK_FIELDS_CREATED
};

extern const struct task_field task_fields[TASK_FIELDS];

/* Where a record has the field; its type is that of the kind. */
static inline const void *task_field_get(const struct task *task, const struct task_field *field)
{
    return (const char *)task + field->offset;
}
static inline void *task_field_of(struct task *task, const struct task_field *field)
{
    return (char *)task + field->offset;
}

/* The field with that name in JSON, exactly; NULL: none of the table has it. */
const struct task_field *task_field_named(struct str member);

/* Does a record have a value in it? What is always there has one. */
bool task_field_has(const struct task *task, const struct task_field *field);

/* Do two records have the same value in it? Texts are compared by their bytes. */
bool task_field_same(const struct task *a, const struct task *b, const struct task_field *field);

/* Gives a record the value that another one has in it; its texts are borrowed. */
void task_field_take(struct task *task, const struct task *from, const struct task_field *field);

/* A copy of a record whose texts, lists and followers are in the arena. ERR_MEMORY. */
enum err task_copy(struct arena *arena, const struct task *task, struct task *ret_copy) MUST_CHECK;

/* How many bytes of text a record has. */
size_t task_text_size(const struct task *task);

#endif
