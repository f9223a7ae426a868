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

void task_field_take(struct task *task, const struct task *from, const struct task_field *field)
{
    void *to = task_field_of(task, field);
    const void *value = task_field_get(from, field);
    switch (field->kind) {
    case TASK_FIELD_TYPE:
        *(enum task_type *)to = *(const enum task_type *)value;
        break;
    case TASK_FIELD_STATUS:
        *(enum task_status *)to = *(const enum task_status *)value;
        break;
    case TASK_FIELD_LEVEL:
        *(enum level *)to = *(const enum level *)value;
        break;
    case TASK_FIELD_DATE:
        *(int32_t *)to = *(const int32_t *)value;
        break;
    case TASK_FIELD_NUMBER:
    case TASK_FIELD_WORKSPACE:
    case TASK_FIELD_ACCOUNT:
    case TASK_FIELD_RECORD:
    case TASK_FIELD_MONEY:
    case TASK_FIELD_TIME:
        *(int64_t *)to = *(const int64_t *)value;
        break;
    case TASK_FIELD_NAME:
    case TASK_FIELD_TEXT:
    case TASK_FIELD_OBJECT:
        *(struct str *)to = *(const struct str *)value;
        break;
    case TASK_FIELD_TEXTS:
        *(struct str_list *)to = *(const struct str_list *)value;
        break;
    }
}

static enum err text_copy(struct arena *arena, struct str *text)
{
    return text->p == NULL ? ERR_OK : arena_copy(arena, *text, text);
}

static enum err texts_copy(struct arena *arena, struct str_list *list)
{
    struct str *items = ARENA_ARRAY(arena, struct str, list->n);
    enum err err = items == NULL ? ERR_MEMORY : ERR_OK;
    for (size_t i = 0; i < list->n && err == ERR_OK; i++)
        err = arena_copy(arena, list->items[i], &items[i]);
    list->items = list->n == 0 ? list->items : items;
    return err;
}

enum err task_copy(struct arena *arena, const struct task *task, struct task *ret_copy)
{
    struct task copy = *task;
    size_t followers = task->followers == NULL ? 0 : (size_t)task->follower_count;
    int64_t *ids = ARENA_ARRAY(arena, int64_t, followers);
    enum err err = ids == NULL ? ERR_MEMORY : ERR_OK;
    for (size_t i = 0; i < TASK_FIELDS && err == ERR_OK; i++) {
        enum task_field_kind kind = task_fields[i].kind;
        void *field = task_field_of(&copy, &task_fields[i]);
        if (kind == TASK_FIELD_NAME || kind == TASK_FIELD_TEXT || kind == TASK_FIELD_OBJECT)
            err = text_copy(arena, field);
        else if (kind == TASK_FIELD_TEXTS)
            err = texts_copy(arena, field);
    }
    for (size_t i = 0; i < followers && err == ERR_OK; i++)
        ids[i] = task->followers[i];
    copy.followers = task->followers == NULL ? NULL : ids;
    if (err == ERR_OK)
        *ret_copy = copy;
    return err;
}
