#include "model/rule.h"

#include "base/percent.h"
#include "base/query.h"
#include "model/key.h"
#include "model/name.h"
#include "model/right.h"
#include "model/task_query.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const struct str kinds[] = {STR_INIT("assign"), STR_INIT("remind"), STR_INIT("expire"),
                                   STR_INIT("escalate"), STR_INIT("recur")};
static const struct str misses[] = {STR_INIT("none"), STR_INIT("one"), STR_INIT("all")};
static const struct str notified[] = {STR_INIT("assignee"), STR_INIT("reporter"),
                                      STR_INIT("followers"), STR_INIT("managers")};

static size_t place_of(const struct str *words, size_t n, struct str word)
{
    size_t i = 0;
    while (i < n && !str_eq(words[i], word))
        i++;
    return i;
}

struct str rule_kind_name(enum rule_kind kind)
{
    return kinds[kind];
}

bool rule_kind_read(struct str name, enum rule_kind *ret_kind)
{
    size_t i = place_of(kinds, RULE_KINDS, name);
    if (i < RULE_KINDS)
        *ret_kind = (enum rule_kind)i;
    return i < RULE_KINDS;
}

/* ---- the filter ---- */

/* A rule asks as somebody who may read everything. */
static const struct account everybody = {.kind = ACCOUNT_PERSON, .admin = true};

/* The clauses of parameters that are decoded already. */
static enum err filter_read(struct op *op, const struct query *parameters,
                            const struct directory *directory, struct task_query *query)
{
    *query = (struct task_query){.op = op, .directory = directory, .caller = &everybody};
    return task_query_add(query, parameters);
}

/* A rule looks at members that a record has by itself. */
static enum err clauses_check(struct op *op, const struct task_query *query)
{
    if (query->moves)
        return op_fail(
            op, ERR_SYNTAX, "%s",
            OP_WORDS(op,
                     "The filter of a rule must not have a day that moves on, such as "
                     "today; write the date.",
                     "Het filter van een regel mag geen dag hebben die verschuift, zoals "
                     "vandaag; schrijf de datum."));
    for (size_t i = 0; i < query->n; i++) {
        const struct filter_clause *clause = &query->clauses[i];
        enum filter_kind kind = filter_infos[clause->field].kind;
        bool of_caller = kind == FILTER_KIND_ACCOUNT || kind == FILTER_KIND_FOLLOWER;
        if (kind == FILTER_KIND_WORDS || kind == FILTER_KIND_PHRASE)
            return op_fail(
                op, ERR_SYNTAX, "%s",
                OP_WORDS(op,
                         "The filter of a rule must not have words; use members of the "
                         "record, such as category=Customs.",
                         "Het filter van een regel mag geen losse woorden hebben; gebruik "
                         "velden van het item, zoals category=Customs."));
        if (kind <= FILTER_KIND_DOMAIN_ONLY)
            return op_fail(
                op, ERR_SYNTAX, "%s",
                OP_WORDS(op,
                         "The filter of a rule must not name a workspace or domain: a "
                         "rule is about the records of its own workspace.",
                         "Het filter van een regel mag geen werkruimte of domein noemen: "
                         "een regel gaat over de items van haar eigen werkruimte."));
        if (kind == FILTER_KIND_PARENT)
            return op_fail(op, ERR_SYNTAX, "%s",
                           OP_WORDS(op, "The filter of a rule must not have parent.",
                                    "Het filter van een regel mag geen parent hebben."));
        for (size_t j = 0; of_caller && j < clause->n; j++)
            if (clause->values[j].op == FILTER_EQUAL && clause->values[j].number == everybody.id)
                return op_fail(op, ERR_SYNTAX, "%s",
                               OP_WORDS(op,
                                        "The filter of a rule must not have \"me\"; write the "
                                        "address.",
                                        "Het filter van een regel mag niet \"me\" hebben; schrijf "
                                        "het adres."));
    }
    return ERR_OK;
}

static enum err filter_keep(struct op *op, const struct query *parameters,
                            struct str_list *ret_filter)
{
    size_t bytes;
    enum err err = query_texts(parameters, op->arena, ret_filter, &bytes);
    if (err == ERR_OK && bytes > RULE_FILTER_MAX)
        err = op_fail(op, ERR_SYNTAX, "filter has %zu bytes; at most %d are possible.", bytes,
                      RULE_FILTER_MAX);
    return err;
}

static enum err filter_judge(struct op *op, struct str sent, const struct directory *directory,
                             struct faults *faults, struct str_list *ret_filter)
{
    struct task_query *query = ARENA_NEW(op->arena, struct task_query);
    struct query parameters;
    if (query == NULL)
        return ERR_MEMORY;
    enum err err = query_read(op, sent, task_select_parameters, &parameters);
    if (err == ERR_SYNTAX)
        op_say(op, "%.*s", STR_ARG(parameters.wrong));
    else if (err == ERR_OK && query_value(&parameters, STR("sort")).p != NULL)
        err = op_fail(op, ERR_SYNTAX, "The filter of a rule must not have sort.");
    if (err == ERR_OK)
        err = filter_read(op, &parameters, directory, query);
    if (err == ERR_OK)
        err = clauses_check(op, query);
    if (err == ERR_OK)
        err = filter_keep(op, &parameters, ret_filter);
    if (err != ERR_SYNTAX)
        return err;
    fault_add(faults, STR("filter"), FAULT_WHOLE, FAULT_NOT_A_QUERY, NO_OPTIONS, "%s", op->detail);
    op_forget(op);
    return ERR_OK;
}

enum err rule_filter(struct op *op, const struct rule *rule, const struct directory *directory,
                     struct task_filter *ret_filter, struct str *ret_problem)
{
    struct task_query *query = ARENA_NEW(op->arena, struct task_query);
    struct query parameters = {
        .items = ARENA_ARRAY(op->arena, struct query_parameter, rule->filter.n + 1),
        .n = rule->filter.n};
    struct task_filter filter = {0};
    if (query == NULL || parameters.items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < parameters.n; i++) {
        struct str value = rule->filter.items[i];
        struct str name = str_cut(&value, '=');
        parameters.items[i] = (struct query_parameter){name, value};
    }
    *ret_problem = STR_NONE;
    enum err err = filter_read(op, &parameters, directory, query);
    if (err == ERR_OK)
        err = task_query_end(query, &filter);
    if (err == ERR_OK && query->unknown.p != NULL)
        *ret_problem =
            arena_printf(op->arena,
                         OP_WORDS(op, "The filter has %.*s, which is not there any more.",
                                  "Het filter heeft %.*s, dat er niet meer is."),
                         STR_ARG(query->unknown));
    else if (err == ERR_SYNTAX)
        *ret_problem = arena_str(op->arena, str_of(op->detail));
    if (err != ERR_OK && err != ERR_SYNTAX)
        return err;
    op_forget(op);
    filter.workspaces = filter_workspace(&filter, rule->workspace_id);
    filter.workspace_count = filter.workspaces == NULL || err == ERR_SYNTAX ? 0 : 1;
    filter.everywhere = false;
    *ret_filter = filter;
    return ERR_OK;
}

void buf_rule_filter(struct buf *buf, const struct rule *rule)
{
    for (size_t i = 0; i < rule->filter.n; i++) {
        struct str value = rule->filter.items[i];
        struct str name = str_cut(&value, '=');
        if (i > 0)
            buf_char(buf, '&');
        buf_add(buf, name);
        buf_char(buf, '=');
        buf_percent(buf, value, STR("@:/,"));
    }
}

/* ---- the other members ---- */

static void number_judge(struct faults *faults, const char *member, int64_t sent, int64_t least,
                         int64_t most, int64_t *number)
{
    if (sent < least || sent > most)
        fault_add(faults, str_of(member), FAULT_WHOLE,
                  sent < least ? FAULT_NEGATIVE : FAULT_TOO_LARGE, NO_OPTIONS,
                  "%s must be a whole number from %" PRId64 " to %" PRId64 ".", member, least,
                  most);
    else
        *number = sent;
}

static bool takes_part(const struct directory *directory, struct str email,
                       const struct workspace *workspace)
{
    return right_takes_part(directory, directory_account(directory, email), workspace);
}

/* Addresses, and words where people are to be notified. */
static void people_judge(struct faults *faults, const char *member, struct str_list sent,
                         bool words, const struct directory *directory,
                         const struct workspace *workspace, struct str_list *ret_people)
{
    if (sent.n == 0 || sent.n > RULE_PEOPLE_MAX)
        fault_add(faults, str_of(member), FAULT_WHOLE,
                  sent.n == 0 ? FAULT_REQUIRED : FAULT_TOO_MANY, NO_OPTIONS,
                  "%s must name 1 to %d people.", member, RULE_PEOPLE_MAX);
    for (size_t i = 0; i < sent.n && i < RULE_PEOPLE_MAX; i++)
        if (!(words && place_of(notified, 4, sent.items[i]) < 4) &&
            !takes_part(directory, sent.items[i], workspace))
            fault_add(faults, str_of(member), i, FAULT_UNKNOWN_PERSON, NO_OPTIONS,
                      "%.*s is %snobody who may read all records of %.*s.",
                      STR_ARG(fault_excerpt(sent.items[i])),
                      words ? "not assignee, reporter, followers or managers, and " : "",
                      STR_ARG(workspace->key));
    *ret_people = sent;
}

static int step_cmp(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* -10 as well as 10; false for anything else. */
static bool step_read(const struct json *json, int32_t *ret_step)
{
    uint64_t days;
    bool before = json->kind == JSON_NUMBER && str_starts(json->raw, STR("-"));
    if (json->kind != JSON_NUMBER || !str_to_u64(str_from(json->raw, before), RULE_DAYS_MAX, &days))
        return false;
    *ret_step = before ? -(int32_t)days : (int32_t)days;
    return true;
}

static enum err steps_read(struct arena *arena, const struct json *list, struct faults *faults,
                           struct rule *rule)
{
    int32_t *steps = ARENA_ARRAY(arena, int32_t, list->n + 1);
    size_t n = 0, kept = 0;
    if (steps == NULL)
        return ERR_MEMORY;
    if (list->n == 0 || list->n > RULE_STEPS_MAX)
        fault_add(faults, STR("steps"), FAULT_WHOLE, list->n == 0 ? FAULT_REQUIRED : FAULT_TOO_MANY,
                  NO_OPTIONS, "steps must have 1 to %d numbers of days.", RULE_STEPS_MAX);
    for (const struct json *one = list->n == 0 ? NULL : list->first; one != NULL; one = one->next)
        if (!step_read(one, &steps[n++]))
            fault_add(faults, STR("steps"), n - 1, FAULT_NOT_A_NUMBER, NO_OPTIONS,
                      "A step must be a whole number of working days from -%d to %d: before the "
                      "due date, or after it.",
                      RULE_DAYS_MAX, RULE_DAYS_MAX);
    if (n > 0)
        qsort(steps, n, sizeof *steps, step_cmp);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || steps[kept - 1] != steps[i])
            steps[kept++] = steps[i];
    rule->steps = steps;
    rule->step_count = kept;
    return ERR_OK;
}

/* Was a member sent that the kind has? One that it has not is a fault. */
static bool given(struct faults *faults, const char *member, bool sent, bool has, const char *whose)
{
    if (sent && !has)
        fault_add(faults, str_of(member), FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                  "Only %s has %s.", whose, member);
    return sent && has;
}

/* Of a member that a new rule of the kind must have: one that was sent and cannot be read is a fault
 * already. */
static void lacks(struct faults *faults, const char *member, bool lacking, const char *meaning)
{
    char pointer[32];
    snprintf(pointer, sizeof pointer, "/%s", member);
    if (lacking && !faults_have(faults, pointer))
        fault_add(faults, str_of(member), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "%s is required: %s.", member, meaning);
}

static void missed_judge(struct faults *faults, struct str sent, enum rule_missed *missed)
{
    size_t i = place_of(misses, RULE_MISSES, sent);
    if (i == RULE_MISSES)
        fault_add(faults, STR("missed"), FAULT_WHOLE, FAULT_NOT_AN_OPTION,
                  (struct str_list){misses, RULE_MISSES}, "missed takes none, one and all.");
    else
        *missed = (enum rule_missed)i;
}

static enum err kind_judge(struct op *op, const struct rule_draft *draft, bool is_new,
                           const struct directory *directory, const struct workspace *workspace,
                           struct faults *faults, struct rule *rule)
{
    enum rule_kind kind = rule->kind;
    bool days = kind == RULE_EXPIRE || kind == RULE_ESCALATE;
    bool tells = kind == RULE_REMIND || kind == RULE_ESCALATE;
    bool recurs = kind == RULE_RECUR;
    enum err err = ERR_OK;
    if (given(faults, "people", draft->people.items != NULL, kind == RULE_ASSIGN,
              "a rule of assign"))
        people_judge(faults, "people", draft->people, false, directory, workspace, &rule->people);
    if (given(faults, "steps", draft->steps != NULL, kind == RULE_REMIND, "a rule of remind"))
        err = steps_read(op->arena, draft->steps, faults, rule);
    if (given(faults, "days", draft->days_sent, days, "a rule of expire or escalate"))
        number_judge(faults, "days", draft->days, 0, RULE_DAYS_MAX, &rule->days);
    if (given(faults, "notify", draft->notify.items != NULL, tells, "a rule of remind or escalate"))
        people_judge(faults, "notify", draft->notify, true, directory, workspace, &rule->notify);
    if (given(faults, "backlog", draft->backlog_sent, days || tells,
              "a rule of remind, expire or escalate"))
        rule->backlog = draft->backlog;
    if (given(faults, "schedule", draft->schedule != NULL, recurs, "a rule of recur"))
        schedule_read(draft->schedule, zone_date(workspace->zone, op->now), op->arena, faults,
                      &rule->schedule);
    if (given(faults, "template", draft->template != NULL, recurs, "a rule of recur"))
        rule->template = draft->template->raw;
    if (given(faults, "missed", draft->missed.p != NULL, recurs, "a rule of recur"))
        missed_judge(faults, draft->missed, &rule->missed);
    if (given(faults, "filter", draft->filter.p != NULL, !recurs,
              "a rule of assign, remind, expire or escalate") &&
        err == ERR_OK)
        err = filter_judge(op, draft->filter, directory, faults, &rule->filter);
    if (!is_new)
        return err;

    lacks(faults, "people", kind == RULE_ASSIGN && draft->people.items == NULL,
          "who gets the records, in turn if they are several");
    lacks(faults, "steps", kind == RULE_REMIND && draft->steps == NULL,
          "working days before (-1) and after (1) the due date");
    lacks(faults, "days", kind == RULE_ESCALATE && !draft->days_sent,
          "how many working days after the due date; 0 is on that date");
    lacks(faults, "schedule", recurs && draft->schedule == NULL, "when a record is made");
    lacks(faults, "template", recurs && draft->template == NULL,
          "what the record says, as for add-task");
    return err;
}

enum err rule_judge(struct op *op, const struct rule_draft *draft, const struct rule *before,
                    const struct directory *directory, const struct workspace *workspace,
                    struct faults *faults, struct rule *ret_rule)
{
    struct rule rule = {.workspace_id = workspace->id,
                        .kind = RULE_KINDS,
                        .active_at = TIME_NONE,
                        .missed = MISSED_ONE,
                        .ended_at = TIME_NONE};
    enum err err = ERR_OK;
    if (before != NULL)
        rule = *before;
    else if (!faults_have(faults, "/kind") && !rule_kind_read(draft->kind, &rule.kind))
        fault_add(faults, STR("kind"), FAULT_WHOLE,
                  draft->kind.p == NULL ? FAULT_REQUIRED : FAULT_NOT_AN_OPTION,
                  (struct str_list){kinds, RULE_KINDS},
                  "kind must be assign, remind, expire, escalate or recur.");
    if (before == NULL && (rule.kind == RULE_REMIND || rule.kind == RULE_ESCALATE))
        rule.notify = (struct str_list){rule.kind == RULE_REMIND ? &notified[0] : &notified[3], 1};
    if ((before == NULL || draft->name.p != NULL) && !faults_have(faults, "/name"))
        name_judge(faults, STR("name"), "what the rule is called", draft->name, &rule.name);
    if (draft->place_sent)
        number_judge(faults, "position", draft->place, 1, 1000000, &rule.place);
    if (rule.kind != RULE_KINDS)
        err = kind_judge(op, draft, before == NULL, directory, workspace, faults, &rule);
    if (draft->active_sent && draft->active != (rule.active_at != TIME_NONE))
        rule.active_at = draft->active ? op->now : TIME_NONE;
    if (err != ERR_OK || faults->err != ERR_OK)
        return err != ERR_OK ? err : faults->err;
    if (faults->n > 0)
        return ERR_INVALID;
    *ret_rule = rule;
    return ERR_OK;
}

/* ---- as JSON ---- */

static void put_steps(struct json_writer *json, const struct rule *rule)
{
    json_begin_list(json, "steps");
    for (size_t i = 0; i < rule->step_count; i++)
        json_put_i64(json, NULL, rule->steps[i]);
    json_end(json);
}

static void put_kind_members(struct json_writer *json, const struct rule *rule)
{
    enum rule_kind kind = rule->kind;
    if (kind == RULE_ASSIGN)
        json_put_texts(json, "people", rule->people);
    if (kind == RULE_REMIND)
        put_steps(json, rule);
    if (kind == RULE_EXPIRE || kind == RULE_ESCALATE)
        json_put_i64(json, "days", rule->days);
    if (kind == RULE_REMIND || kind == RULE_ESCALATE)
        json_put_texts(json, "notify", rule->notify);
    if (kind == RULE_REMIND || kind == RULE_EXPIRE || kind == RULE_ESCALATE)
        json_put_flag(json, "backlog", rule->backlog);
    if (kind == RULE_RECUR) {
        json_put_schedule(json, "schedule", &rule->schedule);
        json_put_raw(json, "template", rule->template);
        json_put_text(json, "missed", misses[rule->missed]);
    }
}

void json_put_rule_members(struct json_writer *json, const struct rule *rule)
{
    struct buf filter;
    buf_init(&filter, 4 * RULE_FILTER_MAX);
    buf_rule_filter(&filter, rule);
    if (rule->kind != RULE_RECUR)
        json_put_text(json, "filter", filter.n == 0 ? STR("") : buf_str(&filter));
    buf_finish(&filter);
    put_kind_members(json, rule);
}

void json_put_rule_document(struct json_writer *json, const struct rule *rule)
{
    json_begin_object(json, NULL);
    json_put_texts(json, "filter", rule->filter);
    put_kind_members(json, rule);
    json_end(json);
}

static enum err texts_copy(struct arena *arena, const struct json *list, struct str_list *ret_texts)
{
    size_t n = 0;
    struct str *items = list == NULL || list->kind != JSON_LIST || list->n == 0
                            ? NULL
                            : ARENA_ARRAY(arena, struct str, list->n);
    for (const struct json *one = items == NULL ? NULL : list->first; one != NULL; one = one->next)
        if (arena_copy(arena, json_text(one), &items[n++]) != ERR_OK)
            return ERR_MEMORY;
    *ret_texts = (struct str_list){items, n};
    return ERR_OK;
}

static enum err members_read(struct op *op, const struct json *json, struct faults *faults,
                             struct rule *rule)
{
    const struct json *steps = json_member(json, STR("steps"));
    const struct json *schedule = json_member(json, STR("schedule"));
    const struct json *template = json_member(json, STR("template"));
    const struct json *missed = json_member(json, STR("missed"));
    const struct json *days = json_member(json, STR("days"));
    const struct json *backlog = json_member(json, STR("backlog"));
    uint64_t number;
    enum err err = texts_copy(op->arena, json_member(json, STR("filter")), &rule->filter);
    if (err == ERR_OK)
        err = texts_copy(op->arena, json_member(json, STR("people")), &rule->people);
    if (err == ERR_OK)
        err = texts_copy(op->arena, json_member(json, STR("notify")), &rule->notify);
    if (err == ERR_OK && steps != NULL && steps->kind == JSON_LIST)
        err = steps_read(op->arena, steps, faults, rule);
    if (schedule != NULL && schedule->kind == JSON_OBJECT)
        schedule_read(schedule, 0, op->arena, faults, &rule->schedule);
    if (err == ERR_OK && template != NULL)
        err = arena_copy(op->arena, template->raw, &rule->template);
    if (missed != NULL)
        rule->missed = (enum rule_missed)place_of(misses, RULE_MISSES, json_text(missed));
    if (days != NULL && str_to_u64(days->raw, RULE_DAYS_MAX, &number))
        rule->days = (int64_t)number;
    rule->backlog = backlog != NULL && str_eq(backlog->raw, STR("true"));
    return err;
}

enum err rule_document_read(struct op *op, struct str document, struct rule *rule)
{
    const struct json *json;
    struct faults faults;
    struct arena tree; /* parsed, a template takes forty times its bytes */
    arena_init(&tree, 64 * RULE_DOCUMENT_MAX);
    faults_init(&faults, op->arena);
    rule->missed = MISSED_ONE;
    enum err err = json_read_written(op, &tree, document, &json);
    bool object = err == ERR_OK && json->kind == JSON_OBJECT;
    if (object)
        err = members_read(op, json, &faults, rule);
    arena_finish(&tree);
    bool damaged = err == ERR_SYNTAX ||
                   (err == ERR_OK && (!object || faults.n > 0 || rule->missed == RULE_MISSES));
    if (!damaged)
        return err;
    op_forget(op);
    return op_fail(op, ERR_CORRUPT, "the document of rule %" PRId64 " is damaged", rule->id);
}
