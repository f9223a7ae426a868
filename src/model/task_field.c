#include "model/task_field.h"

const struct task_field task_fields[TASK_FIELDS] = {
#define FIELD(field, kind, member)                                                                 \
    {member, #field, TASK_FIELD_##kind, offsetof(struct task, field)},
#include "model/task.def"
#undef FIELD
};

size_t task_text_size(const struct task *task)
{
    size_t sum = 0;
    for (size_t i = 0; i < TASK_FIELDS; i++) {
        const void *field = task_field_get(task, &task_fields[i]);
        enum task_field_kind kind = task_fields[i].kind;
        const struct str_list *list = field;
        if (kind == TASK_FIELD_TEXT || kind == TASK_FIELD_OBJECT)
            sum += ((const struct str *)field)->n;
        for (size_t k = 0; kind == TASK_FIELD_TEXTS && k < list->n; k++)
            sum += list->items[k].n;
    }
    return sum;
}

const struct task_field *task_field_named(struct str member)
{
    for (size_t i = 0; i < TASK_FIELDS; i++)
        if (task_fields[i].member != NULL && str_eq(str_of(task_fields[i].member), member))
            return &task_fields[i];
    return NULL;
}

bool task_field_has(const struct task *task, const struct task_field *field)
{
    const void *value = task_field_get(task, field);
    switch (field->kind) {
    case TASK_FIELD_LEVEL:
        return *(const enum level *)value != LEVEL_NONE;
    case TASK_FIELD_ACCOUNT:
    case TASK_FIELD_RECORD:
        return *(const int64_t *)value != 0;
    case TASK_FIELD_MONEY:
        return *(const int64_t *)value != CENTS_NONE;
    case TASK_FIELD_DATE:
        return *(const int32_t *)value != DATE_NONE;
    case TASK_FIELD_TIME:
        return *(const int64_t *)value != TIME_NONE;
    case TASK_FIELD_NAME:
    case TASK_FIELD_TEXT:
    case TASK_FIELD_OBJECT:
        return ((const struct str *)value)->p != NULL;
    case TASK_FIELD_TEXTS:
        return ((const struct str_list *)value)->n > 0;
    case TASK_FIELD_NUMBER:
    case TASK_FIELD_TYPE:
    case TASK_FIELD_STATUS:
    case TASK_FIELD_WORKSPACE:
        break;
    }
    return true;
}

static bool text_same(struct str a, struct str b)
{
    return (a.p == NULL) == (b.p == NULL) && str_eq(a, b);
}

static bool texts_same(const struct str_list *a, const struct str_list *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; i < a->n && same; i++)
        same = str_eq(a->items[i], b->items[i]);
    return same;
}

bool task_field_same(const struct task *a, const struct task *b, const struct task_field *field)
{
    const void *left = task_field_get(a, field), *right = task_field_get(b, field);
    switch (field->kind) {
    case TASK_FIELD_TYPE:
        return *(const enum task_type *)left == *(const enum task_type *)right;
    case TASK_FIELD_STATUS:
        return *(const enum task_status *)left == *(const enum task_status *)right;
    case TASK_FIELD_LEVEL:
        return *(const enum level *)left == *(const enum level *)right;
    case TASK_FIELD_DATE:
        return *(const int32_t *)left == *(const int32_t *)right;
    case TASK_FIELD_NUMBER:
    case TASK_FIELD_WORKSPACE:
    case TASK_FIELD_ACCOUNT:
    case TASK_FIELD_RECORD:
    case TASK_FIELD_MONEY:
    case TASK_FIELD_TIME:
        return *(const int64_t *)left == *(const int64_t *)right;
    case TASK_FIELD_NAME:
    case TASK_FIELD_TEXT:
    case TASK_FIELD_OBJECT:
        return text_same(*(const struct str *)left, *(const struct str *)right);
    case TASK_FIELD_TEXTS:
        return texts_same(left, right);
    }
    return false;
}
