#include "model/task_field.h"

const struct task_field task_fields[TASK_FIELDS] = {
#define FIELD(field, kind, member) {member, TASK_FIELD_##kind, offsetof(struct task, field)},
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
