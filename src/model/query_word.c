#include "model/query_word.h"

#include "base/near.h"
#include "model/word.h"

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

struct field_name {
    const char *name;
    enum filter_field field;
};

/* Beside those of the fields. */
static const struct field_name synonyms[] = {
    {"type", FILTER_TYPE},
    {"order", FILTER_ORDER},
    {"dueDate", FILTER_DUE},
    {"reminderDate", FILTER_REMINDER},
    {"financialImpact", FILTER_AMOUNT},
    {"amount", FILTER_AMOUNT},
    {"createdAt", FILTER_CREATED},
    {"updatedAt", FILTER_UPDATED},
    {"closedAt", FILTER_CLOSED},
    {"month", FILTER_CREATED},
    {"changed", FILTER_UPDATED},
    {"tags", FILTER_TAG},
    {"followers", FILTER_FOLLOWER},
    {"part", FILTER_PARENT},
};

/* As web/src/strings/members.ts has them, where that is one word; and some that people type for it. A
 * name that is the same in English is not here. */
static const struct field_name dutch_names[] = {
    {"werkruimte", FILTER_WORKSPACE}, {"domein", FILTER_DOMAIN},
    {"soort", FILTER_TYPE},           {"prioriteit", FILTER_PRIORITY},
    {"kans", FILTER_LIKELIHOOD},      {"behandelaar", FILTER_ASSIGNEE},
    {"toegewezen", FILTER_ASSIGNEE},  {"melder", FILTER_REPORTER},
    {"bron", FILTER_SOURCE},          {"labels", FILTER_TAG},
    {"categorie", FILTER_CATEGORY},   {"subcategorie", FILTER_SUB_CATEGORY},
    {"volgers", FILTER_FOLLOWER},     {"formulier", FILTER_FORM},
    {"einddatum", FILTER_DUE},        {"vervaldatum", FILTER_DUE},
    {"herinnering", FILTER_REMINDER}, {"gemeld", FILTER_CREATED},
    {"maand", FILTER_CREATED},        {"gewijzigd", FILTER_UPDATED},
    {"afgerond", FILTER_CLOSED},      {"verschoven", FILTER_MOVED},
    {"vervalt", FILTER_DUE},          {"onderdeel", FILTER_PARENT},
};

/* Each with its Dutch name and value. */
static const struct state_words {
    struct query_state state;
    const char *dutch_name, *dutch_value;
} states[] = {
    {{"is", "open", FILTER_OPEN, false}, "is", "open"},
    {{"is", "closed", FILTER_OPEN, true}, "is", "afgerond"},
    {{"is", "overdue", FILTER_OVERDUE, false}, "is", "te laat"},
    {{"is", "mine", FILTER_ASSIGNEE, false}, "is", "mijn"},
    {{"has", "attachment", FILTER_ATTACHED, false}, "met", "bijlage"},
};

static const struct {
    enum filter_kind kind;
    const char *dutch, *english;
} dutch_values[] = {
    {FILTER_KIND_TYPE, "taak", "TASK"},
    {FILTER_KIND_STATUS, "te doen", "To do"},
    {FILTER_KIND_STATUS, "in behandeling", "In Progress"},
    {FILTER_KIND_STATUS, "afgerond", "Done"},
    {FILTER_KIND_STATUS, "verlopen", "Expired"},
    {FILTER_KIND_LEVEL, "hoog", "High"},
    {FILTER_KIND_LEVEL, "middel", "Medium"},
    {FILTER_KIND_LEVEL, "laag", "Low"},
    {FILTER_KIND_LEVEL, "geen", "none"},
    {FILTER_KIND_DATE, "geen", "none"},
    {FILTER_KIND_TIME, "geen", "none"},
    {FILTER_KIND_MONEY, "geen", "none"},
    {FILTER_KIND_ACCOUNT, "uzelf", "me"},
    {FILTER_KIND_FOLLOWER, "uzelf", "me"},
};

/* Fields that can be written in q. */
static bool field_in_q(size_t field)
{
    return filter_infos[field].kind < FILTER_KIND_OPEN;
}

static bool name_find(const struct field_name *names, size_t n, struct str name,
                      enum filter_field *ret_field)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_case(name, str_of(names[i].name))) {
            *ret_field = names[i].field;
            return true;
        }
    return false;
}

bool query_field_find(struct str name, bool dutch, enum filter_field *ret_field)
{
    for (size_t i = 0; i < FILTER_FIELDS; i++)
        if (field_in_q(i) && str_eq_case(name, str_of(filter_infos[i].word))) {
            *ret_field = (enum filter_field)i;
            return true;
        }
    return name_find(synonyms, COUNT(synonyms), name, ret_field) ||
           (dutch && name_find(dutch_names, COUNT(dutch_names), name, ret_field));
}

bool query_is_state(struct str name, bool dutch)
{
    bool is = false;
    for (size_t i = 0; i < COUNT(states) && !is; i++)
        is = str_eq_case(name, str_of(states[i].state.name)) ||
             (dutch && str_eq_case(name, str_of(states[i].dutch_name)));
    return is;
}

static bool state_is(struct str name, struct str value, const char *known_name,
                     const char *known_value)
{
    return (name.p == NULL || str_eq_case(name, str_of(known_name))) &&
           words_same(value, str_of(known_value));
}

const struct query_state *query_state_find(struct str name, struct str value)
{
    for (size_t i = 0; i < COUNT(states); i++) {
        const struct state_words *row = &states[i];
        if (state_is(name, value, row->state.name, row->state.value) ||
            state_is(name, value, row->dutch_name, row->dutch_value))
            return &row->state;
    }
    return NULL;
}

struct str query_name_near(struct str name, bool dutch)
{
    struct near near = {.name = name};
    for (size_t i = 0; i < COUNT(dutch_names) && dutch; i++)
        near_look(&near, str_of(dutch_names[i].name));
    for (size_t i = 0; i < FILTER_FIELDS; i++)
        if (field_in_q(i))
            near_look(&near, str_of(filter_infos[i].word));
    for (size_t i = 0; i < COUNT(synonyms); i++)
        near_look(&near, str_of(synonyms[i].name));
    for (size_t i = 0; i < COUNT(states); i++)
        near_look(&near, str_of(states[i].state.name));
    return near.best;
}

struct str query_value_english(enum filter_field field, struct str value)
{
    for (size_t i = 0; i < COUNT(dutch_values); i++)
        if (filter_infos[field].kind == dutch_values[i].kind &&
            words_same(value, str_of(dutch_values[i].dutch)))
            return str_of(dutch_values[i].english);
    return value;
}
