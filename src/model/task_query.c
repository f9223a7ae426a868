#include "model/task_query.h"

#include "model/day_word.h"
#include "model/key.h"
#include "model/money.h"
#include "model/person.h"
#include "model/query_word.h"
#include "model/right.h"
#include "model/task_text.h"
#include "model/word.h"

#include <string.h>

static const int64_t DAY_MS = INT64_C(86400000);

/* ---- parameters' names ---- */

/* A parameter: a field, and which side of the value is meant. */
struct parameter {
    const char *name; /* with '*' */
    enum filter_field field;
    const char *comparison; /* put before the value */
};

#define FILTER_PARAMETERS(X)                                                                       \
    X("workspace", WORKSPACE, "")                                                                  \
    X("domain", DOMAIN, "")                                                                        \
    X("domainOnly", DOMAIN_ONLY, "")                                                               \
    X("todoType", TYPE, "")                                                                        \
    X("status", STATUS, "")                                                                        \
    X("priority", PRIORITY, "")                                                                    \
    X("impact", IMPACT, "")                                                                        \
    X("likelihood", LIKELIHOOD, "")                                                                \
    X("assignee", ASSIGNEE, "")                                                                    \
    X("reporter", REPORTER, "")                                                                    \
    X("source", SOURCE, "")                                                                        \
    X("tag", TAG, "")                                                                              \
    X("orderID", ORDER, "")                                                                        \
    X("LRN", LRN, "")                                                                              \
    X("category", CATEGORY, "")                                                                    \
    X("alsoCategory", CATEGORY, "")                                                                \
    X("subCategory", SUB_CATEGORY, "")                                                             \
    X("follower", FOLLOWER, "")                                                                    \
    X("parent", PARENT, "")                                                                        \
    X("form", FORM, "")                                                                            \
    X("dueBefore", DUE, "<")                                                                       \
    X("dueAfter", DUE, ">")                                                                        \
    X("createdBefore", CREATED, "<")                                                               \
    X("createdAfter", CREATED, ">")                                                                \
    X("month", CREATED, "")                                                                        \
    X("updatedAfter", UPDATED, ">")                                                                \
    X("closedBefore", CLOSED, "<")                                                                 \
    X("closedAfter", CLOSED, ">")                                                                  \
    X("minFinancialImpact", AMOUNT, ">=")                                                          \
    X("open", OPEN, "")                                                                            \
    X("overdue", OVERDUE, "")

static const struct parameter parameters[] = {
#define X(name, field, comparison) {name, FILTER_##field, comparison},
    FILTER_PARAMETERS(X)
#undef X
};

const char *const task_parameters[] = {
#define X(name, field, comparison) name "*",
    FILTER_PARAMETERS(X)
#undef X
        NULL,
};

const char *const task_select_parameters[] = {
#define X(name, field, comparison) name "*",
    FILTER_PARAMETERS(X)
#undef X
        "q",
    "sort",
    NULL,
};

const char *const task_list_parameters[] = {
#define X(name, field, comparison) name "*",
    FILTER_PARAMETERS(X)
#undef X
        "q",
    "sort",
    "total",
    "limit",
    "cursor",
    NULL,
};

/* ---- values ---- */

/* A fault of what was sent, in the words of the language that its sender reads. */
#define REFUSE(query, english, dutch, ...)                                                         \
    op_fail((query)->op, ERR_SYNTAX, OP_WORDS((query)->op, english, dutch), __VA_ARGS__)

/* Where a value comes from, for messages: "dueBefore", or "due" at the 7th character of q. */
struct origin {
    struct str name;
    size_t place; /* in q, from 1; 0: a parameter */
};

static enum err refuse(struct task_query *query, const struct origin *origin, const char *wanted,
                       struct str value)
{
    struct str shown = utf8_cut(value, 60);
    if (origin->place > 0)
        return REFUSE(query, "q, character %zu: %.*s must be %s, not \"%.*s\".",
                      "q, teken %zu: %.*s moet %s zijn, niet \"%.*s\".", origin->place,
                      STR_ARG(origin->name), wanted, STR_ARG(shown));
    return REFUSE(query, "%.*s must be %s, not \"%.*s\".", "%.*s moet %s zijn, niet \"%.*s\".",
                  STR_ARG(origin->name), wanted, STR_ARG(shown));
}

/* Cuts "<", "<=", ">" or ">=" off the value. */
static struct str comparison_cut(struct str *value)
{
    size_t n = value->n > 0 && strchr("<>=", value->p[0]) != NULL;
    n += n == 1 && value->p[0] != '=' && value->n > 1 && value->p[1] == '=';
    struct str comparison = str_sub(*value, 0, n);
    *value = str_from(*value, n);
    return comparison;
}

/* What a value is compared with. */
struct word_range {
    int64_t first, last;
    struct str comparison;
};

/* Days as a range of milliseconds (UTC). */
static void range_days(struct word_range *range, int32_t first, int32_t last)
{
    range->first = (int64_t)first * DAY_MS;
    range->last = (int64_t)(last + 1) * DAY_MS - 1;
}

/* A month or a day as such a range, a moment as a range of one. */
static bool time_range(struct str text, struct word_range *range)
{
    int32_t date, next;
    if (month_read(text, &date, &next))
        range_days(range, date, next - 1);
    else if (date_read(text, &date))
        range_days(range, date, date);
    else if (time_read(text, &range->first))
        range->last = range->first;
    else
        return false;
    return true;
}

/* Times are in UTC; a date is one of the first workspace that the caller reads. */
static int32_t today_of(const struct task_query *query, enum filter_kind kind)
{
    const struct directory *d = query->directory;
    for (size_t i = 0; i < d->workspace_count && kind == FILTER_KIND_DATE; i++)
        if (right_reach(d, query->caller, RIGHT_READ, &d->workspaces[i]) != REACH_NONE)
            return zone_date(d->workspaces[i].zone, query->op->now);
    return date_of_time(query->op->now);
}

/* As people write days: only q has them so. */
static bool days_range(struct task_query *query, enum filter_kind kind, struct str text,
                       struct word_range *range)
{
    struct day_span span;
    if (!day_word_read(text, today_of(query, kind), &span))
        return false;
    query->moves = query->moves || span.moves;
    range->first = span.first;
    range->last = span.last;
    if (kind == FILTER_KIND_TIME)
        range_days(range, span.first, span.last);
    return true;
}

static bool bounds_read(struct task_query *query, const struct origin *origin,
                        enum filter_kind kind, struct str text, struct word_range *range)
{
    bool of_q = origin->place > 0, read = false;
    int32_t date;
    enum fault_code fault;
    uint64_t count;
    if (kind == FILTER_KIND_TIME && time_range(text, range))
        return true;
    if (of_q && (kind == FILTER_KIND_TIME || kind == FILTER_KIND_DATE))
        return days_range(query, kind, text, range);
    if (kind == FILTER_KIND_DATE && date_read(text, &date)) {
        range->first = date;
        read = true;
    }
    if (kind == FILTER_KIND_MONEY)
        read =
            of_q ? money_read_typed(text, &range->first) : money_read(text, &range->first, &fault);
    if (kind == FILTER_KIND_COUNT && str_to_u64(text, 1000000, &count)) {
        range->first = (int64_t)count;
        read = true;
    }
    range->last = range->first;
    return read;
}

/* What is wanted instead of a value that says nothing. */
static const char *range_wanted(const struct task_query *query, const struct origin *origin,
                                enum filter_kind kind)
{
    const struct op *op = query->op;
    if (kind == FILTER_KIND_COUNT)
        return OP_WORDS(op, "a number such as 2", "een getal zoals 2");
    if (kind == FILTER_KIND_MONEY)
        return origin->place > 0 ? OP_WORDS(op, "an amount such as 10000, 10.000,50 or 10,000.50",
                                            "een bedrag zoals 10000, 10.000,50 of 10,000.50")
                                 : OP_WORDS(op, "an amount such as 10000 or 99.50",
                                            "een bedrag zoals 10000 of 99.50");
    if (origin->place > 0)
        return OP_WORDS(op,
                        "a day that exists, such as 31/12/2026 (the day first), 2026-12-31, "
                        "tomorrow, +7d or this month",
                        "een dag die bestaat, zoals 31/12/2026 (eerst de dag), 2026-12-31, "
                        "morgen, +7d of deze maand,");
    return kind == FILTER_KIND_DATE
               ? OP_WORDS(op, "a date such as 2024-09-27", "een datum zoals 2024-09-27")
               : OP_WORDS(op, "a month, a date, or a time such as 2024-09-27T08:00:00Z",
                          "een maand, een datum of een tijd zoals 2024-09-27T08:00:00Z");
}

static enum err ordered_read(struct task_query *query, const struct origin *origin,
                             enum filter_field field, struct str comparison, struct str text,
                             struct word_range *ret_range)
{
    enum filter_kind kind = filter_infos[field].kind;
    struct word_range range = {.comparison = comparison};
    bool parameter = comparison.n > 0;
    if (!parameter)
        range.comparison = comparison_cut(&text);
    if (!bounds_read(query, origin, kind, text, &range))
        return refuse(query, origin, range_wanted(query, origin, kind), text);
    /* createdAfter=2026-01-01 begins with that day, created:>2026-01-01 after it. A moment is one
     * that is excluded itself. */
    if (parameter && range.last > range.first)
        range.last = range.first - 1;
    *ret_range = range;
    return ERR_OK;
}

static struct filter_value range_value(const struct word_range *range)
{
    struct str c = range->comparison;
    bool or_equal = c.n == 2;
    if (c.n > 0 && c.p[0] == '<')
        return (struct filter_value){.op = FILTER_LESS,
                                     .number = or_equal ? range->last + 1 : range->first};
    if (c.n > 0 && c.p[0] == '>')
        return (struct filter_value){.op = FILTER_GREATER,
                                     .number = or_equal ? range->first - 1 : range->last};
    return (struct filter_value){.op = range->first == range->last ? FILTER_EQUAL : FILTER_WITHIN,
                                 .number = range->first,
                                 .last = range->last};
}

static enum err record_read(struct task_query *query, struct str text, int64_t *ret_id)
{
    struct str key;
    int64_t number;
    enum err err = key_read_record(query->op->arena, text, &key, &number);
    const struct workspace *workspace =
        err == ERR_OK ? directory_workspace(query->directory, key) : NULL;
    *ret_id = -1;
    if (err == ERR_MEMORY)
        return err;
    return workspace == NULL || query->find_record == NULL
               ? ERR_OK
               : query->find_record(query->arg, workspace, number, ret_id);
}

static int64_t account_read(const struct task_query *query, struct str text)
{
    const struct account *account =
        str_eq(text, STR("me")) ? query->caller : directory_account(query->directory, text);
    return account == NULL ? -1 : account->id;
}

/* Remembers the first value that names nothing. */
static enum err unknown_note(struct task_query *query, const struct origin *origin, struct str text)
{
    if (query->unknown.p != NULL)
        return ERR_OK;
    query->unknown = arena_printf(query->op->arena, "%.*s=%.*s", STR_ARG(origin->name),
                                  STR_ARG(utf8_cut(text, 100)));
    return query->unknown.p == NULL ? ERR_MEMORY : ERR_OK;
}

/* Is there a domain or workspace of that key that the caller may see? */
static bool place_known(const struct task_query *query, enum filter_kind kind, struct str key)
{
    const struct directory *directory = query->directory;
    const struct domain *domain =
        kind == FILTER_KIND_DOMAIN ? directory_domain(directory, key) : NULL;
    const struct workspace *workspace =
        kind == FILTER_KIND_WORKSPACE ? directory_workspace(directory, key) : NULL;
    if (domain != NULL)
        return right_sees_domain(directory, query->caller, domain);
    return workspace != NULL &&
           right_reach(directory, query->caller, RIGHT_SEE, workspace) != REACH_NONE;
}

static enum err clause_value_read(struct task_query *query, const struct origin *origin,
                                  enum filter_field field, struct str comparison, struct str text,
                                  struct filter_value *ret_value)
{
    enum filter_kind kind = filter_infos[field].kind;
    struct filter_value value = {0};
    enum task_type type;
    enum task_status status;
    enum level level;
    struct word_range range = {0};
    enum err err = ERR_OK;
    if (origin->place > 0)
        text = query_value_english(field, text);
    bool none = comparison.n == 0 && str_eq_case(text, STR("none"));
    if (none && (kind == FILTER_KIND_DATE || kind == FILTER_KIND_MONEY || field == FILTER_CLOSED)) {
        *ret_value = (struct filter_value){.op = FILTER_NONE};
        return ERR_OK;
    }
    switch (kind) {
    case FILTER_KIND_TYPE:
        if (!task_type_read(text, &type))
            return refuse(query, origin,
                          OP_WORDS(query->op, "one of INCIDENT, TASK", "Incident of Taak"), text);
        value.number = type;
        break;
    case FILTER_KIND_STATUS:
        if (!task_status_read(text, &status))
            return refuse(query, origin,
                          OP_WORDS(query->op, "one of To do, In Progress, Done, Expired",
                                   "Te doen, In behandeling, Afgerond of Verlopen"),
                          text);
        value.number = status;
        break;
    case FILTER_KIND_LEVEL:
        if (!none && !level_read(text, &level))
            return refuse(query, origin,
                          OP_WORDS(query->op, "one of High, Medium, Low", "Hoog, Middel of Laag"),
                          text);
        value.number = none ? LEVEL_NONE : level;
        break;
    case FILTER_KIND_PARENT:
        err = record_read(query, text, &value.number);
        break;
    case FILTER_KIND_ACCOUNT:
    case FILTER_KIND_FOLLOWER:
        value.number = account_read(query, text);
        if (value.number < 0)
            err = unknown_note(query, origin, text);
        break;
    case FILTER_KIND_DATE:
    case FILTER_KIND_TIME:
    case FILTER_KIND_MONEY:
    case FILTER_KIND_COUNT:
        err = ordered_read(query, origin, field, comparison, text, &range);
        if (err == ERR_OK)
            value = range_value(&range);
        break;
    case FILTER_KIND_WORKSPACE:
    case FILTER_KIND_DOMAIN:
    case FILTER_KIND_DOMAIN_ONLY:
        /* What is not a key names nothing. */
        value.text = STR("");
        if (key_read(query->op->arena, text, &value.text) == ERR_MEMORY)
            return ERR_MEMORY;
        if (!place_known(query, kind, value.text))
            err = unknown_note(query, origin, text);
        break;
    case FILTER_KIND_TEXTS:
        /* No list has an empty text, so that asks for an empty list. */
        value.op = text.n == 0 ? FILTER_NONE : FILTER_EQUAL;
        value.text = text;
        break;
    case FILTER_KIND_TEXT:
    case FILTER_KIND_WORDS:
    case FILTER_KIND_PHRASE:
        value.text = text;
        break;
    case FILTER_KIND_OPEN:
    case FILTER_KIND_OVERDUE:
    case FILTER_KIND_ATTACHED:
        break;
    }
    if (err == ERR_OK)
        *ret_value = value;
    return err;
}

static enum err clause_add(struct task_query *query, enum filter_field field, bool negated,
                           const struct filter_value *values, size_t n)
{
    if (query->n == TASK_CLAUSES_MAX)
        return REFUSE(query, "There are more than %d filters; use fewer.",
                      "Er zijn meer dan %d filters; gebruik er minder.", TASK_CLAUSES_MAX);
    query->clauses[query->n++] = (struct filter_clause){field, negated, values, n};
    return ERR_OK;
}

static enum err too_many(struct task_query *query, const struct origin *origin)
{
    return REFUSE(query, "%.*s has more than %d values; use fewer.",
                  "%.*s heeft meer dan %d waarden; gebruik er minder.", STR_ARG(origin->name),
                  TASK_VALUES_MAX);
}

/* Is it the beginning of people's names, and not an address, a client or "me"? */
static bool begins_people(const struct task_query *query, const struct origin *origin,
                          enum filter_field field, struct str text)
{
    enum filter_kind kind = filter_infos[field].kind;
    return origin->place > 0 && (kind == FILTER_KIND_ACCOUNT || kind == FILTER_KIND_FOLLOWER) &&
           str_find(text, '@') == text.n &&
           account_read(query, query_value_english(field, text)) < 0;
}

/* Would the caller find that person in the list of some workspace? Who has left is judged by the role
 * that they would have. */
static bool knows_person(const struct task_query *query, const struct account *account)
{
    const struct directory *d = query->directory;
    struct account active = *account;
    bool knows = false;
    active.disabled = false;
    for (size_t i = 0; i < d->workspace_count && !knows; i++)
        knows = right_takes_part(d, query->caller, &d->workspaces[i]) &&
                right_takes_part(d, &active, &d->workspaces[i]);
    return knows;
}

/* Adds those people whom the caller knows. Others count as missing, so that nobody learns of them. What
 * has no letters ("***", for somebody who was erased) is unknown. */
static enum err named_people_add(struct task_query *query, const struct origin *origin,
                                 struct str text, struct filter_value *values, size_t *n)
{
    const struct directory *d = query->directory;
    struct buf typed, words;
    enum err err = ERR_OK;
    size_t before = *n;
    buf_init(&typed, PERSON_WORDS_MAX);
    buf_init(&words, PERSON_WORDS_MAX);
    buf_words(&typed, text);
    if (typed.n == 0) {
        values[(*n)++] = (struct filter_value){.number = -1};
        err = unknown_note(query, origin, text);
    }
    for (size_t i = 0; i < d->account_count && typed.n > 0 && err == ERR_OK; i++) {
        const struct account *account = &d->accounts[i];
        if (!person_begins(account, buf_str(&typed), &words) || !knows_person(query, account))
            continue;
        if (*n == TASK_VALUES_MAX)
            err = too_many(query, origin);
        else
            values[(*n)++] = (struct filter_value){.number = account->id};
    }
    if (err == ERR_OK)
        err = buf_err(&typed) != ERR_OK ? buf_err(&typed) : buf_err(&words);
    buf_finish(&typed);
    buf_finish(&words);
    if (err == ERR_OK && *n == before)
        err = refuse(query, origin,
                     OP_WORDS(query->op, "me, an address, or the beginning of a name that you know",
                              "uzelf, een adres of het begin van een naam die u kent"),
                     text);
    return err;
}

static enum err values_add(struct task_query *query, const struct origin *origin,
                           enum filter_field field, bool negated, const char *comparison,
                           struct str_list texts)
{
    struct filter_value *values =
        ARENA_ARRAY(query->op->arena, struct filter_value, TASK_VALUES_MAX);
    size_t n = 0;
    enum err err = values == NULL ? ERR_MEMORY : ERR_OK;
    for (size_t i = 0; i < texts.n && err == ERR_OK; i++) {
        if (n == TASK_VALUES_MAX)
            err = too_many(query, origin);
        else if (begins_people(query, origin, field, texts.items[i]))
            err = named_people_add(query, origin, texts.items[i], values, &n);
        else
            err = clause_value_read(query, origin, field, str_of(comparison), texts.items[i],
                                    &values[n++]);
    }
    return err == ERR_OK ? clause_add(query, field, negated, values, n) : err;
}

/* ---- parameters ---- */

/* "true" or "false"; both: everything. */
static enum err state_add(struct task_query *query, const struct origin *origin,
                          enum filter_field field, struct str_list values)
{
    static const struct filter_value holds = {0};
    bool yes = false, no = false;
    for (size_t i = 0; i < values.n; i++) {
        bool is = str_eq(values.items[i], STR("true"));
        if (!is && !str_eq(values.items[i], STR("false")))
            return refuse(query, origin, OP_WORDS(query->op, "true or false", "true of false"),
                          values.items[i]);
        yes = yes || is;
        no = no || !is;
    }
    return yes == no ? ERR_OK : clause_add(query, field, no, &holds, 1);
}

enum err task_query_parameter(struct task_query *query, struct str name, struct str_list values)
{
    struct origin origin = {.name = name};
    const struct parameter *parameter = parameters;
    if (values.n == 0)
        return ERR_OK;
    while (!str_eq(str_of(parameter->name), name))
        parameter++;
    int32_t first, next;
    for (size_t i = 0; i < values.n && str_eq(name, STR("month")); i++)
        if (!month_read(values.items[i], &first, &next))
            return refuse(query, &origin,
                          OP_WORDS(query->op, "a month such as 2026-11", "een maand zoals 2026-11"),
                          values.items[i]);
    if (filter_infos[parameter->field].kind == FILTER_KIND_OPEN ||
        filter_infos[parameter->field].kind == FILTER_KIND_OVERDUE)
        return state_add(query, &origin, parameter->field, values);
    /* Of this one all must hold. */
    if (str_eq(name, STR("alsoCategory"))) {
        enum err err = ERR_OK;
        for (size_t i = 0; i < values.n && err == ERR_OK; i++)
            err = values_add(query, &origin, parameter->field, false, "",
                             (struct str_list){&values.items[i], 1});
        return err;
    }
    return values_add(query, &origin, parameter->field, false, parameter->comparison, values);
}

/* ---- q ---- */

/* The text being read, and what of it is plain. */
struct query_reading {
    struct task_query *query;
    struct str q, rest;
    struct buf typed;
};

static size_t place_of(const struct query_reading *reading, struct str at)
{
    return utf8_length(str_sub(reading->q, 0, (size_t)(at.p - reading->q.p))) + 1;
}

/* Cuts off a value: in quotes, or up to a blank or comma. */
static enum err item_cut(struct query_reading *reading, bool commas, struct str *ret_item)
{
    struct str *rest = &reading->rest;
    size_t n = 0;
    if (rest->n > 0 && rest->p[0] == '"') {
        struct str opening = *rest;
        n = str_find(str_from(*rest, 1), '"');
        if (n + 1 >= rest->n)
            return REFUSE(reading->query,
                          "q, character %zu: the quotation mark has no partner; add one at the "
                          "end of the phrase.",
                          "q, teken %zu: het aanhalingsteken is alleen; zet er nog een aan het "
                          "einde.",
                          place_of(reading, opening));
        *ret_item = str_sub(*rest, 1, n);
        *rest = str_from(*rest, n + 2);
        return ERR_OK;
    }
    while (n < rest->n && !ascii_blank(rest->p[n]) && !(commas && rest->p[n] == ','))
        n++;
    *ret_item = str_sub(*rest, 0, n);
    *rest = str_from(*rest, n);
    return ERR_OK;
}

/* A name before a colon. */
struct filter_head {
    struct str name;
    enum filter_field field;
    bool state; /* "is"; it has no field */
};

static bool value_known(const struct filter_head *filter, struct str value)
{
    enum task_status status;
    enum filter_kind kind = filter_infos[filter->field].kind;
    struct day_span span;
    if (filter->state)
        return query_state_find(filter->name, value) != NULL;
    if (kind == FILTER_KIND_STATUS)
        return task_status_read(query_value_english(FILTER_STATUS, value), &status);
    comparison_cut(&value);
    return (kind == FILTER_KIND_DATE || kind == FILTER_KIND_TIME) && day_word_read(value, 0, &span);
}

/* "status:to do", "is:te laat", "due:1 dec 2026": where a word says nothing, and with the next one or two
 * it does, people mean all of them. */
static void next_words_take(struct query_reading *reading, const struct filter_head *filter,
                            struct str *item)
{
    enum { NEXT_WORDS = 2 };
    struct str rest = reading->rest, word = *item;
    size_t n = 0;
    if (rest.n == 0 || rest.p != item->p + item->n || value_known(filter, word))
        return;
    for (size_t i = 0; i < NEXT_WORDS && n < rest.n && rest.p[n] == ' '; i++) {
        n++;
        while (n < rest.n && !ascii_blank(rest.p[n]) && rest.p[n] != ',')
            n++;
        struct str words = {word.p, word.n + n};
        if (value_known(filter, words)) {
            *item = words;
            reading->rest = str_from(rest, n);
        }
    }
}

/* "eur:10,000.50": commas that are of one amount do not separate two. */
static void amount_take(struct query_reading *reading, const struct filter_head *filter,
                        struct str *item)
{
    struct str rest = reading->rest;
    size_t n = 0;
    int64_t cents;
    if (filter_infos[filter->field].kind != FILTER_KIND_MONEY || rest.p != item->p + item->n)
        return;
    while (n < rest.n && (ascii_digit(rest.p[n]) || rest.p[n] == ',' || rest.p[n] == '.'))
        n++;
    struct str whole = {item->p, item->n + n}, amount = whole;
    comparison_cut(&amount);
    if (n == 0 || !money_read_typed(amount, &cents))
        return;
    *item = whole;
    reading->rest = str_from(rest, n);
}

static enum err items_cut(struct query_reading *reading, const struct filter_head *filter,
                          struct str_list *ret_items)
{
    struct str *items = ARENA_ARRAY(reading->query->op->arena, struct str, TASK_VALUES_MAX);
    size_t n = 0;
    bool more = true;
    if (items == NULL)
        return ERR_MEMORY;
    while (more) {
        if (n == TASK_VALUES_MAX)
            return REFUSE(reading->query,
                          "q, character %zu: more than %d values for one filter; use fewer.",
                          "q, teken %zu: meer dan %d waarden voor één filter; gebruik er minder.",
                          place_of(reading, reading->rest), TASK_VALUES_MAX);
        enum err err = item_cut(reading, true, &items[n]);
        if (err != ERR_OK)
            return err;
        amount_take(reading, filter, &items[n]);
        next_words_take(reading, filter, &items[n++]);
        more = reading->rest.n > 0 && reading->rest.p[0] == ',';
        if (more)
            reading->rest = str_from(reading->rest, 1);
    }
    *ret_items = (struct str_list){items, n};
    return ERR_OK;
}

/* "is:open": of several states any one. */
static enum err states_add(struct query_reading *reading, const struct origin *origin, bool negated,
                           struct str_list items)
{
    struct task_query *query = reading->query;
    if (items.n != 1)
        return REFUSE(
            query,
            "q, character %zu: %.*s: takes one word; write is:open is:mine to ask for "
            "both.",
            "q, teken %zu: bij %.*s: hoort één woord; schrijf is:open is:mijn voor beide.",
            origin->place, STR_ARG(origin->name));
    const struct query_state *state = query_state_find(origin->name, items.items[0]);
    if (state == NULL)
        return refuse(query, origin,
                      !str_eq_case(origin->name, STR("is"))
                          ? OP_WORDS(query->op, "attachment", "bijlage")
                          : OP_WORDS(query->op, "one of open, closed, overdue, mine",
                                     "open, afgerond, te laat of mijn"),
                      items.items[0]);
    struct filter_value *value = ARENA_NEW(query->op->arena, struct filter_value);
    if (value == NULL)
        return ERR_MEMORY;
    value->number = state->field == FILTER_ASSIGNEE ? query->caller->id : 1;
    return clause_add(query, state->field, negated != state->negated, value, 1);
}

/* "name:value" at the head of the rest, whose name has `n` bytes. */
static enum err filter_add(struct query_reading *reading, bool negated, size_t n)
{
    struct task_query *query = reading->query;
    struct origin origin = {.name = str_sub(reading->rest, 0, n),
                            .place = place_of(reading, reading->rest)};
    struct filter_head filter = {origin.name, FILTER_TEXT, query_is_state(origin.name, true)};
    struct str_list items;
    if (!filter.state && !query_field_find(origin.name, true, &filter.field)) {
        struct str near = query_name_near(origin.name, query->op->dutch);
        return REFUSE(
            query,
            "q, character %zu: there is no filter \"%.*s\"%s%.*s%s Put it in quotes to search for "
            "the words.",
            "q, teken %zu: er is geen filter \"%.*s\"%s%.*s%s Zet het tussen aanhalingstekens om "
            "de woorden te zoeken.",
            origin.place, STR_ARG(utf8_cut(origin.name, 40)),
            near.p == NULL ? "" : OP_WORDS(query->op, "; did you mean \"", "; bedoelt u \""),
            STR_ARG(near), near.p == NULL ? "." : "\"?");
    }
    reading->rest = str_from(reading->rest, n + 1);
    enum err err = items_cut(reading, &filter, &items);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < items.n; i++)
        if (items.items[i].n == 0)
            return REFUSE(query, "q, character %zu: %.*s: lacks a value.",
                          "q, teken %zu: %.*s: heeft nog geen waarde.", origin.place,
                          STR_ARG(origin.name));
    return filter.state ? states_add(reading, &origin, negated, items)
                        : values_add(query, &origin, filter.field, negated, "", items);
}

/* A phrase; without any words it says nothing. */
static enum err phrase_add(struct query_reading *reading)
{
    struct task_query *query = reading->query;
    struct str phrase = STR_NONE;
    struct buf words;
    struct filter_value *value = ARENA_NEW(query->op->arena, struct filter_value);
    if (value == NULL)
        return ERR_MEMORY;
    enum err err = item_cut(reading, false, &phrase);
    if (err != ERR_OK)
        return err;
    buf_init(&words, 64 * 1024);
    buf_words(&words, phrase);
    err = buf_err(&words);
    if (err == ERR_OK)
        err = arena_copy(query->op->arena, buf_str(&words), &value->text);
    buf_finish(&words);
    return err == ERR_OK && value->text.n > 0 ? clause_add(query, FILTER_PHRASE, false, value, 1)
                                              : err;
}

/* How long the name is if the text begins like a filter: letters and a colon, with something other
 * than a blank or "//" after it; 0 if not. Of an English name the value may still be missing; a Dutch
 * one is a word then. */
static size_t filter_name(struct str text)
{
    size_t n = 0;
    while (n < text.n && ascii_alpha(text.p[n]))
        n++;
    struct str after = str_from(text, n + 1);
    enum filter_field field;
    bool colon = n > 0 && n < text.n && text.p[n] == ':';
    if (!colon || str_starts(after, STR("//")))
        return 0;
    bool empty = after.n == 0 || ascii_blank(after.p[0]);
    struct str name = str_sub(text, 0, n);
    return empty && !query_field_find(name, false, &field) && !query_is_state(name, false) ? 0 : n;
}

static enum err token_add(struct query_reading *reading)
{
    struct str rest = reading->rest, word = STR_NONE;
    if (rest.p[0] == '"')
        return phrase_add(reading);
    bool negated = rest.p[0] == '-';
    size_t name = filter_name(str_from(rest, negated));
    if (name > 0) {
        reading->rest = str_from(rest, negated);
        return filter_add(reading, negated, name);
    }
    enum err err = item_cut(reading, false, &word);
    size_t n = reading->typed.n;
    if (n > 0)
        buf_char(&reading->typed, ' ');
    buf_identifier(&reading->typed, word);
    if (reading->typed.n == n + (n > 0)) /* nothing visible */
        buf_cut(&reading->typed, n);
    return err;
}

static enum err typed_add(struct query_reading *reading)
{
    struct task_query *query = reading->query;
    struct filter_value *value = ARENA_NEW(query->op->arena, struct filter_value);
    enum err err = value == NULL ? ERR_MEMORY : buf_err(&reading->typed);
    if (err != ERR_OK || reading->typed.n == 0)
        return err;
    err = arena_copy(query->op->arena, buf_str(&reading->typed), &value->text);
    if (err != ERR_OK)
        return err;
    query->typed = value->text;
    return clause_add(query, FILTER_TEXT, false, value, 1);
}

enum err task_query_read(struct task_query *query, struct str q)
{
    struct query_reading reading = {.query = query, .q = q, .rest = q};
    enum err err = ERR_OK;
    if (q.n > TASK_QUERY_MAX)
        return REFUSE(query, "q has %zu bytes; at most %d are possible.",
                      "q heeft %zu bytes; hoogstens %d zijn mogelijk.", q.n, TASK_QUERY_MAX);
    buf_init(&reading.typed, 64 * 1024);
    while (err == ERR_OK && reading.rest.n > 0) {
        if (ascii_blank(reading.rest.p[0]))
            reading.rest = str_from(reading.rest, 1);
        else
            err = token_add(&reading);
    }
    if (err == ERR_OK)
        err = typed_add(&reading);
    buf_finish(&reading.typed);
    return err;
}

enum err task_query_add(struct task_query *query, const struct query *sent)
{
    enum err err = ERR_OK;
    for (const char *const *p = task_parameters; *p != NULL && err == ERR_OK; p++) {
        struct str_list values;
        struct str name = str_sub(str_of(*p), 0, str_find(str_of(*p), '*'));
        err = query_values(sent, query->op->arena, name, &values);
        if (err == ERR_OK)
            err = task_query_parameter(query, name, values);
    }
    struct str q = query_value(sent, STR("q"));
    return err == ERR_OK && q.p != NULL ? task_query_read(query, q) : err;
}

/* ---- the end ---- */

static bool is_place(const struct filter_clause *clause)
{
    enum filter_kind kind = filter_infos[clause->field].kind;
    return kind == FILTER_KIND_WORKSPACE || kind == FILTER_KIND_DOMAIN ||
           kind == FILTER_KIND_DOMAIN_ONLY;
}

/* Is the workspace, or its domain, the one that the key names? */
static bool place_is(enum filter_kind kind, struct str key, const struct workspace *workspace)
{
    if (kind == FILTER_KIND_DOMAIN)
        return key_covers(key, workspace->domain->key);
    return str_eq(key, kind == FILTER_KIND_WORKSPACE ? workspace->key : workspace->domain->key);
}

/* Do all clauses about workspaces and domains hold for this one? */
static bool place_matches(const struct task_query *query, const struct workspace *workspace)
{
    for (size_t i = 0; i < query->n; i++) {
        const struct filter_clause *clause = &query->clauses[i];
        enum filter_kind kind = filter_infos[clause->field].kind;
        bool any = false;
        for (size_t j = 0; j < clause->n && !any; j++)
            any = is_place(clause) && clause->values[j].text.n > 0 &&
                  place_is(kind, clause->values[j].text, workspace);
        if (is_place(clause) && any == clause->negated)
            return false;
    }
    return true;
}

enum err task_query_end(struct task_query *query, struct task_filter *ret_filter)
{
    const struct directory *directory = query->directory;
    struct filter_workspace *workspaces =
        ARENA_ARRAY(query->op->arena, struct filter_workspace, directory->workspace_count);
    struct filter_clause *clauses = ARENA_ARRAY(query->op->arena, struct filter_clause, query->n);
    struct task_filter filter = {.workspaces = workspaces,
                                 .clauses = clauses,
                                 .caller_id = query->caller->id,
                                 .everywhere = true,
                                 .by_internal = query->caller->kind == ACCOUNT_PERSON};
    if (workspaces == NULL || clauses == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < directory->workspace_count; i++) {
        const struct workspace *workspace = directory->workspaces_by_id[i];
        enum reach reach = right_reach(directory, query->caller, RIGHT_READ, workspace);
        if (reach == REACH_NONE || !place_matches(query, workspace)) {
            filter.everywhere = false;
            continue;
        }
        filter.everywhere = filter.everywhere && reach == REACH_ALL;
        workspaces[filter.workspace_count++] = (struct filter_workspace){
            .id = workspace->id,
            .today = zone_date(workspace->zone, query->op->now),
            .own = reach == REACH_OWN,
            .key = workspace->key,
        };
    }
    for (size_t i = 0; i < query->n; i++)
        if (!is_place(&query->clauses[i]))
            clauses[filter.clause_count++] = query->clauses[i];
    *ret_filter = filter;
    return ERR_OK;
}
