#include "model/task.h"

#include "model/word.h"

/* By value; the first of each is not a name. */
static const struct str type_names[] = {
    [TASK_INCIDENT] = STR_INIT("INCIDENT"),
    [TASK_TASK] = STR_INIT("TASK"),
};

static const struct str status_names[] = {
    [STATUS_TODO] = STR_INIT("To do"),
    [STATUS_IN_PROGRESS] = STR_INIT("In Progress"),
    [STATUS_DONE] = STR_INIT("Done"),
    [STATUS_EXPIRED] = STR_INIT("Expired"),
};

static const struct str levels[] = {
    [LEVEL_NONE] = {NULL, 0},
    [LEVEL_HIGH] = STR_INIT("High"),
    [LEVEL_MEDIUM] = STR_INIT("Medium"),
    [LEVEL_LOW] = STR_INIT("Low"),
};

enum {
    TYPE_NAMES = sizeof type_names / sizeof type_names[0],
    STATUS_NAMES = sizeof status_names / sizeof status_names[0],
    LEVEL_NAMES = sizeof levels / sizeof levels[0],
};

struct str task_type_name(enum task_type type)
{
    return (size_t)type < TYPE_NAMES ? type_names[type] : STR_NONE;
}

struct str task_status_name(enum task_status status)
{
    return (size_t)status < STATUS_NAMES ? status_names[status] : STR_NONE;
}

struct str level_name(enum level level)
{
    return (size_t)level < LEVEL_NAMES ? levels[level] : STR_NONE;
}

struct str_list task_type_names(void)
{
    return (struct str_list){type_names + 1, TYPE_NAMES - 1};
}

struct str_list task_status_names(void)
{
    return (struct str_list){status_names + 1, STATUS_NAMES - 1};
}

struct str_list level_names(void)
{
    return (struct str_list){levels + 1, LEVEL_NAMES - 1};
}

/* The place of a text among `names`; 0 if it is not among them. */
static size_t find_name(const struct str *names, size_t n, struct str text,
                        bool (*equal)(struct str text, struct str name))
{
    for (size_t i = 1; i < n; i++)
        if (equal(text, names[i]))
            return i;
    return 0;
}

bool task_type_read(struct str text, enum task_type *ret_type)
{
    size_t found = find_name(type_names, TYPE_NAMES, text, str_eq_case);
    if (found == 0)
        return false;
    *ret_type = (enum task_type)found;
    return true;
}

bool task_status_read(struct str text, enum task_status *ret_status)
{
    size_t found = find_name(status_names, STATUS_NAMES, text, words_same);
    if (found == 0)
        return false;
    *ret_status = (enum task_status)found;
    return true;
}

bool level_read(struct str text, enum level *ret_level)
{
    size_t found = find_name(levels, LEVEL_NAMES, text, str_eq_case);
    if (found == 0)
        return false;
    *ret_level = (enum level)found;
    return true;
}
