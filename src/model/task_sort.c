#include "model/task_sort.h"

enum err task_sort_read(struct op *op, struct str text, enum task_sort *ret_sort,
                        bool *ret_descending)
{
    static const struct {
        struct str name;
        enum task_sort sort;
    } sorts[] = {
        {STR_INIT("created"), SORT_CREATED},
        {STR_INIT("createdAt"), SORT_CREATED},
        {STR_INIT("updated"), SORT_UPDATED},
        {STR_INIT("updatedAt"), SORT_UPDATED},
        {STR_INIT("dueDate"), SORT_DUE},
        {STR_INIT("priority"), SORT_PRIORITY},
        {STR_INIT("financialImpact"), SORT_AMOUNT},
    };
    bool descending = str_starts(text, STR("-"));
    for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++)
        if (str_eq(str_from(text, descending), sorts[i].name)) {
            *ret_sort = sorts[i].sort;
            *ret_descending = descending;
            return ERR_OK;
        }
    return op_fail(op, ERR_SYNTAX,
                   "sort must be one of created, updated, dueDate, priority, financialImpact, "
                   "with - before it for descending order, not \"%.*s\".",
                   STR_ARG(utf8_cut(text, 60)));
}
