#include "model/task_filter.h"

#include "base/sorted.h"
#include "model/task_state.h"
#include "model/task_text.h"

#include <stddef.h>

const struct filter_info filter_infos[FILTER_FIELDS] = {
#define FILTER(name, word, kind, field) {word, FILTER_KIND_##kind, offsetof(struct task, field)},
#include "model/task_filter.def"
#undef FILTER
};

const struct filter_workspace *filter_workspace(const struct task_filter *filter, int64_t id)
{
    return SORTED_FIND(filter->workspaces, filter->workspace_count, struct filter_workspace, id,
                       id);
}

static const void *field_of(const struct task *task, enum filter_field field)
{
    return (const char *)task + filter_infos[field].offset;
}

bool filter_number(const struct task *task, enum filter_field field, int64_t *ret_number)
{
    const void *value = field_of(task, field);
    int64_t number = 0, none = 0;
    enum filter_kind kind = filter_infos[field].kind;
    if (field == FILTER_CLOSED) {
        number = task_closed_at(task);
        none = TIME_NONE;
    } else if (kind == FILTER_KIND_COUNT) {
        number = *(const int64_t *)value;
        none = INT64_MIN;
    } else if (kind == FILTER_KIND_DATE) {
        number = *(const int32_t *)value;
        none = DATE_NONE;
    } else if (kind == FILTER_KIND_TIME || kind == FILTER_KIND_MONEY) {
        number = *(const int64_t *)value;
        none = kind == FILTER_KIND_TIME ? TIME_NONE : CENTS_NONE;
    } else {
        return false;
    }
    *ret_number = number;
    return number != none;
}

static bool ordered_matches(const struct filter_value *value, enum filter_field field,
                            const struct task *task)
{
    int64_t number;
    if (!filter_number(task, field, &number))
        return value->op == FILTER_NONE;
    switch (value->op) {
    case FILTER_EQUAL:
        return number == value->number;
    case FILTER_WITHIN:
        return number >= value->number && number <= value->last;
    case FILTER_LESS:
        return number < value->number;
    case FILTER_GREATER:
        return number > value->number;
    case FILTER_NONE:
        break;
    }
    return false;
}

static bool list_has(const struct str_list *list, const struct filter_value *value)
{
    bool has = value->op == FILTER_NONE && list->n == 0;
    for (size_t i = 0; i < list->n && !has; i++)
        has = value->op == FILTER_EQUAL && str_eq(list->items[i], value->text);
    return has;
}

static bool is_followed(const struct task *task, int64_t account_id)
{
    bool followed = false;
    for (int64_t i = 0; i < task->follower_count && !followed; i++)
        followed = task->followers[i] == account_id;
    return followed;
}

static bool value_matches(const struct filter_clause *clause, const struct filter_value *value,
                          const struct task *task, const struct filter_workspace *workspace,
                          const struct task_text *text)
{
    const void *field = field_of(task, clause->field);
    const struct str *one;
    switch (filter_infos[clause->field].kind) {
    case FILTER_KIND_WORKSPACE:
    case FILTER_KIND_DOMAIN:
    case FILTER_KIND_DOMAIN_ONLY:
        return true;
    case FILTER_KIND_TYPE:
        return *(const enum task_type *)field == value->number;
    case FILTER_KIND_STATUS:
        return *(const enum task_status *)field == value->number;
    case FILTER_KIND_LEVEL:
        return *(const enum level *)field == value->number;
    case FILTER_KIND_ACCOUNT:
    case FILTER_KIND_PARENT:
        return *(const int64_t *)field == value->number;
    case FILTER_KIND_FOLLOWER:
        return is_followed(task, value->number);
    case FILTER_KIND_TEXT:
        one = field;
        return value->op == FILTER_NONE ? one->p == NULL
                                        : one->p != NULL && str_eq(*one, value->text);
    case FILTER_KIND_TEXTS:
        return list_has(field, value);
    case FILTER_KIND_DATE:
    case FILTER_KIND_TIME:
    case FILTER_KIND_MONEY:
    case FILTER_KIND_COUNT:
        return ordered_matches(value, clause->field, task);
    case FILTER_KIND_OPEN:
        return status_is_open(task->status);
    case FILTER_KIND_OVERDUE:
        return task_is_overdue(task->status, task->due_date, workspace->today);
    case FILTER_KIND_ATTACHED:
        return task->attachment_count > 0;
    case FILTER_KIND_WORDS:
        return task_text_matches(text, workspace->key, task->number, value->text);
    case FILTER_KIND_PHRASE:
        return task_text_has(text, value->text);
    }
    return false;
}

bool task_matches(const struct task_filter *filter, const struct task *task,
                  const struct task_text *text)
{
    const struct filter_workspace *workspace = filter_workspace(filter, task->workspace_id);
    if (workspace == NULL || (workspace->own && task->source_id != filter->caller_id))
        return false;
    for (size_t i = 0; i < filter->clause_count; i++) {
        const struct filter_clause *clause = &filter->clauses[i];
        bool any = false;
        for (size_t j = 0; j < clause->n && !any; j++)
            any = value_matches(clause, &clause->values[j], task, workspace, text);
        if (any == clause->negated)
            return false;
    }
    return filter->inbox == NULL ||
           inbox_shows(filter->inbox, task, filter_inbox_reasons(filter, task));
}

unsigned filter_inbox_reasons(const struct task_filter *filter, const struct task *task)
{
    const struct filter_workspace *workspace = filter_workspace(filter, task->workspace_id);
    return workspace == NULL ? 0
                             : inbox_reasons(filter->inbox, task,
                                             filter->inbox->rights[workspace - filter->workspaces],
                                             workspace->today);
}

bool filter_reads_text(const struct task_filter *filter)
{
    for (size_t i = 0; i < filter->clause_count; i++) {
        enum filter_kind kind = filter_infos[filter->clauses[i].field].kind;
        if (kind == FILTER_KIND_WORDS || kind == FILTER_KIND_PHRASE)
            return true;
    }
    return false;
}

bool filter_is_light(const struct task_filter *filter)
{
    static const bool light[FILTER_FIELDS] = {
        [FILTER_TYPE] = true,     [FILTER_STATUS] = true, [FILTER_PRIORITY] = true,
        [FILTER_ASSIGNEE] = true, [FILTER_SOURCE] = true, [FILTER_REPORTER] = true,
        [FILTER_DUE] = true,      [FILTER_OPEN] = true,   [FILTER_OVERDUE] = true,
        [FILTER_CREATED] = true,
    };
    bool all = filter->inbox == NULL;
    for (size_t i = 0; i < filter->clause_count; i++)
        all = all && light[filter->clauses[i].field];
    return all;
}

bool filter_clause_is_figured(const struct filter_clause *clause)
{
    static const bool figured[FILTER_FIELDS] = {
        [FILTER_TYPE] = true,     [FILTER_STATUS] = true,     [FILTER_PRIORITY] = true,
        [FILTER_IMPACT] = true,   [FILTER_LIKELIHOOD] = true, [FILTER_ASSIGNEE] = true,
        [FILTER_REPORTER] = true, [FILTER_SOURCE] = true,     [FILTER_DUE] = true,
        [FILTER_CREATED] = true,  [FILTER_UPDATED] = true,    [FILTER_CLOSED] = true,
        [FILTER_MOVED] = true,    [FILTER_AMOUNT] = true,     [FILTER_OPEN] = true,
        [FILTER_OVERDUE] = true,
    };
    return figured[clause->field];
}
