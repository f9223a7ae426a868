/* Asking for a report field by field, as the JSON Schema of its form describes. */
#include "base/buf.h"
#include "cli/ask.h"
#include "json/read.h"
#include "json/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 3, TREES_MAX = 64 * 1024 * 1024, REPORT_MAX = 4 * 1024 * 1024 };

struct asking {
    struct op op;
    const struct json *schema, *report; /* report: its known members so far */
    struct str type;                    /* its todoType */
    struct buf buf;                     /* the report with the answers so far */
};

/* How to read an answer. */
struct field {
    struct str name, label;
    bool needed, list, number, truth;
    const struct json *choices;
};

static const struct json *first_of(const struct json *list)
{
    return list != NULL && list->kind >= JSON_LIST ? list->first : NULL;
}

/* The member with that name, in any case, as on the server. */
static const struct json *find(const struct json *object, struct str name)
{
    const struct json *member = first_of(object);
    while (member != NULL && !str_eq_case(member->name, name))
        member = member->next;
    return member;
}

static bool is_true(const struct json *json)
{
    return json != NULL && str_eq(json->raw, STR("true"));
}

/* Begins another member or element. */
static void next(struct buf *buf)
{
    if (buf->n > 0 && buf->p[buf->n - 1] != '{' && buf->p[buf->n - 1] != '[' &&
        buf->p[buf->n - 1] != ':')
        buf_char(buf, ',');
}

static bool names(const struct json *list, struct str name)
{
    for (const struct json *item = first_of(list); item != NULL; item = item->next)
        if (str_eq_case(json_text(item), name))
            return true;
    return false;
}

/* ---- what the schema says ---- */

/* The part of the schema for the report's type: the one whose "if" names that type. */
static const struct json *schema_of_type(const struct asking *asking)
{
    for (const struct json *part = first_of(json_member(asking->schema, STR("allOf")));
         part != NULL; part = part->next) {
        const struct json *condition = json_member(part, STR("if"));
        condition = json_member(json_member(condition, STR("properties")), STR("todoType"));
        if (str_eq_case(json_text(json_member(condition, STR("const"))), asking->type))
            return json_member(part, STR("then"));
    }
    return NULL;
}

/* If a value can be written in several ways, the first one counts. */
static void read_way(struct field *field, const struct json *way, bool first)
{
    struct str type = json_text(json_member(way, STR("type")));
    const struct json *choices = json_member(way, STR("enum"));
    choices = choices == NULL ? json_member(way, STR("oneOf")) : choices;
    if (field->choices == NULL && choices != NULL) {
        field->choices = choices;
        field->truth = first_of(choices) != NULL && first_of(choices)->kind == JSON_BOOL;
    }
    field->number |= first && str_eq(type, STR("number"));
    if (str_eq(type, STR("array"))) {
        field->list = true;
        read_way(field, json_member(way, STR("items")), false);
    }
    const struct json *ways = first_of(json_member(way, STR("anyOf")));
    for (const struct json *one = ways; one != NULL; one = one->next)
        read_way(field, one, first && one == ways);
}

/* Where the report goes is known before its form is. */
static const struct str places[] = {STR_INIT("domainWorkSpace"), STR_INIT("domain"),
                                    STR_INIT("workspace")};

/* False if there is nothing to ask: the form sets the field, reports of this type do not have it
 * (the schema then refers to "blank", or marks it deprecated), or the only choice is the default.
 */
static bool read_field(const struct asking *asking, const struct json *property,
                       struct field *ret_field)
{
    const struct json *own = schema_of_type(asking),
                      *rule = json_member(json_member(own, STR("properties")), property->name);
    *ret_field = (struct field){.name = property->name,
                                .label = json_text(json_member(property, STR("title")))};
    if (ret_field->label.p == NULL)
        ret_field->label = property->name;
    ret_field->needed = names(json_member(asking->schema, STR("required")), property->name) ||
                        names(json_member(own, STR("required")), property->name);
    read_way(ret_field, property, true);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (str_eq(property->name, places[i]))
            return false;
    const struct json *choice = first_of(ret_field->choices);
    if (choice != NULL && choice->next == NULL && json_member(property, STR("default")) != NULL)
        return false;
    return !is_true(json_member(property, STR("readOnly"))) &&
           !is_true(json_member(property, STR("deprecated"))) &&
           json_member(property, STR("$ref")) == NULL &&
           (rule == NULL || json_member(rule, STR("not")) != NULL) &&
           (ret_field->needed || !ask_never(property->name));
}

/* ---- a field's answers ---- */

static const struct json *choice_value(const struct json *choice)
{
    return choice->kind == JSON_OBJECT ? json_member(choice, STR("const")) : choice;
}

/* Adds the JSON of an answer; false if the answer is not valid, even if something was added. */
static bool add_answer(struct asking *asking, const struct field *field, struct str answer)
{
    struct op quiet = {.arena = asking->op.arena};
    const struct json *number;
    if (field->truth) {
        bool yes = str_eq_case(answer, STR("yes")) || str_eq_case(answer, STR("true"));
        buf_add(&asking->buf, yes ? STR("true") : STR("false"));
        return yes || str_eq_case(answer, STR("no")) || str_eq_case(answer, STR("false"));
    }
    for (const struct json *choice = first_of(field->choices); choice != NULL;
         choice = choice->next) {
        const struct json *value = choice_value(choice);
        if (value != NULL && (str_eq_case(json_text(value), answer) ||
                              str_eq_case(json_text(json_member(choice, STR("title"))), answer))) {
            buf_add(&asking->buf, value->raw);
            return true;
        }
    }
    if (field->number) {
        buf_add(&asking->buf, answer);
        return json_read(&quiet, quiet.arena, answer, &number) == ERR_OK &&
               number->kind == JSON_NUMBER;
    }
    buf_json_string(&asking->buf, answer);
    return field->choices == NULL;
}

/* "Mode (Sea, Air, Road = By road) [Sea]", to be freed. */
static char *prompt_of(const struct field *field, const struct json *property)
{
    struct buf buf;
    const struct json *preset = json_member(property, STR("default"));
    buf_init(&buf, REPORT_MAX);
    buf_add(&buf, field->label);
    const char *before = " (";
    for (const struct json *choice = field->truth ? NULL : first_of(field->choices); choice != NULL;
         choice = choice->next, before = ", ") {
        struct str label = json_text(json_member(choice, STR("title")));
        buf_printf(&buf, "%s%.*s", before, STR_ARG(json_text(choice_value(choice))));
        if (label.n > 0)
            buf_printf(&buf, " = %.*s", STR_ARG(label));
    }
    buf_add(&buf, field->truth ? STR(" (yes, no)") : field->choices != NULL ? STR(")") : STR(""));
    if (preset != NULL)
        buf_printf(&buf, " [%.*s]",
                   STR_ARG(preset->kind == JSON_TEXT ? preset->text : preset->raw));
    buf_char(&buf, '\0');
    if (buf_err(&buf) == ERR_OK)
        return buf.p;
    buf_finish(&buf);
    return NULL;
}

/* Adds an answer; false after reporting what it must be. */
static bool take_answer(struct asking *asking, const struct field *field, struct str answer)
{
    size_t before = asking->buf.n;
    next(&asking->buf);
    if (answer.n > 0 && add_answer(asking, field, answer)) {
        if (str_eq(field->name, STR("todoType")))
            asking->type = arena_str(asking->op.arena, answer);
        return true;
    }
    buf_cut(&asking->buf, before);
    fprintf(stderr, "%s\n",
            answer.n == 0   ? "Required."
            : field->number ? "Enter a number, such as 12.5."
                            : "Choose one of these.");
    return false;
}

/* Adds the member and its answer; a list ends with an empty line. False if the input has ended. */
static bool ask_field(struct asking *asking, const struct field *field, const char *prompt)
{
    struct buf *buf = &asking->buf;
    size_t before = buf->n, count = 0;
    next(buf);
    buf_json_string(buf, field->name);
    buf_add(buf, field->list ? STR(":[") : STR(":"));
    for (bool more = true; more;) {
        char *line = ask_line(prompt);
        struct str answer = str_trim(str_of(line));
        if (line == NULL)
            return false;
        if (answer.n == 0 && (count > 0 || !field->needed))
            more = false;
        else if (take_answer(asking, field, answer))
            more = ++count > 0 && field->list;
        free(line);
    }
    if (count == 0)
        buf_cut(buf, before);
    else if (field->list)
        BUF_LIT(buf, "]");
    return true;
}

/* ---- the rounds ---- */

static bool faulty(const struct bzctrl_answer *verdict, struct str member)
{
    for (size_t i = 0; i < bzctrl_answer_fault_count(verdict); i++) {
        struct str pointer = str_from(str_of(bzctrl_answer_fault(verdict, i)->pointer), 1);
        if (str_eq_case(str_cut(&pointer, '/'), member))
            return true;
    }
    return false;
}

static const struct json *tree_of(struct asking *asking, struct str json)
{
    const struct json *root;
    return json_read(&asking->op, asking->op.arena, json, &root) == ERR_OK ? root : NULL;
}

/* Asks for the members that are not known yet or, with a verdict, for the faulty ones. False if the
 * input has ended or the report is too long. */
static bool ask_round(struct asking *asking, const struct bzctrl_answer *verdict, size_t *ret_asked)
{
    struct field field;
    const struct json *properties = json_member(asking->schema, STR("properties"));
    *ret_asked = 0;
    buf_clear(&asking->buf);
    buf_char(&asking->buf, '{');
    for (const struct json *member = first_of(asking->report); member != NULL;
         member = member->next) {
        const struct json *property = find(properties, member->name);
        if (verdict != NULL && faulty(verdict, member->name) && property != NULL &&
            read_field(asking, property, &field))
            continue;
        next(&asking->buf);
        buf_json_string(&asking->buf, member->name);
        BUF_LIT(&asking->buf, ":");
        buf_add(&asking->buf, member->raw);
    }
    for (const struct json *property = first_of(properties); property != NULL;
         property = property->next) {
        if ((verdict == NULL ? find(asking->report, property->name) != NULL
                             : !faulty(verdict, property->name)) ||
            !read_field(asking, property, &field))
            continue;
        struct str help = json_text(json_member(property, STR("description")));
        if (help.n > 0)
            fprintf(stderr, "%.*s\n", STR_ARG(help));
        char *prompt = prompt_of(&field, property);
        bool good = prompt != NULL && ask_field(asking, &field, prompt);
        free(prompt);
        if (!good)
            return false;
        ++*ret_asked;
    }
    buf_char(&asking->buf, '}');
    asking->report = tree_of(asking, arena_str(asking->op.arena, buf_str(&asking->buf)));
    return buf_err(&asking->buf) == ERR_OK && asking->report != NULL;
}

/* Asks until a dry run on the server finds no fault that an answer can fix. */
static bool ask_rounds(struct cli *cli, struct asking *asking)
{
    size_t asked;
    bool good = ask_round(asking, NULL, &asked);
    for (int round = 0; good && (round == 0 || asked > 0) && round < ROUNDS_MAX; round++) {
        struct bzctrl_answer *verdict =
            bzctrl_dry_run(cli->client, flag_of(cli, "form"), asking->report->raw.p);
        asked = 0;
        if (bzctrl_answer_code(verdict) == BZCTRL_REFUSED) {
            print_faults(verdict);
            good = ask_round(asking, verdict, &asked);
        }
        bzctrl_answer_free(verdict);
    }
    return good;
}

/* ---- the form ---- */

static const char *workspace_of(const struct cli *cli)
{
    const char *workspace = flag_of(cli, "workspace");
    return workspace != NULL ? workspace : bzctrl_get(cli->client, "workspace");
}

/* For this call the answer counts like a setting. False if the input has ended. */
static bool ask_workspace(struct cli *cli, struct bzctrl_draft *draft)
{
    char *line = ask_line("Workspace, such as EXA-CON-BUS-WOR");
    if (line != NULL && line[0] != '\0') {
        bzctrl_answer_free(bzctrl_set(cli->client, "workspace", line));
        bzctrl_draft_add(draft, "domainWorkSpace", line);
    }
    bool good = line != NULL;
    free(line);
    return good;
}

/* The schema of the form that judges the report. */
static struct bzctrl_answer *schema_get(struct cli *cli, struct asking *asking)
{
    const char *name = flag_of(cli, "form"), *workspace = workspace_of(cli);
    if (name == NULL) {
        struct bzctrl_answer *answer = bzctrl_form(cli->client, workspace, NULL, "");
        if (bzctrl_answer_code(answer) != BZCTRL_OK)
            return answer;
        const struct json *root = tree_of(asking, str_of(bzctrl_answer_json(answer)));
        for (const struct json *item = first_of(json_member(root, STR("items"))); item != NULL;
             item = item->next)
            if (is_true(json_member(item, STR("default"))))
                name = arena_str(asking->op.arena, json_text(json_member(item, STR("name")))).p;
        bzctrl_answer_free(answer);
    }
    return bzctrl_form(cli->client, workspace, name == NULL ? "default" : name, "schema");
}

bool ask_form(struct cli *cli, struct bzctrl_draft *draft, char **ret_json)
{
    struct arena arena;
    bool good = true;
    *ret_json = NULL;
    if (flag_of(cli, "later") != NULL)
        return true;
    if (workspace_of(cli) == NULL && flag_of(cli, "form") != NULL)
        good = ask_workspace(cli, draft);
    if (!good || workspace_of(cli) == NULL)
        return good;
    arena_init(&arena, TREES_MAX);
    struct asking asking = {.op = {.arena = &arena}};
    buf_init(&asking.buf, REPORT_MAX);
    struct bzctrl_answer *answer = schema_get(cli, &asking);
    const char *json = bzctrl_draft_json(draft);
    if (bzctrl_answer_code(answer) == BZCTRL_OK && json != NULL) {
        asking.schema = tree_of(&asking, str_of(bzctrl_answer_json(answer)));
        asking.report = tree_of(&asking, str_of(json));
        asking.type = json_text(find(asking.report, STR("todoType")));
    }
    if (asking.schema != NULL && asking.report != NULL) {
        fprintf(stderr, "Press Enter to skip a field or to end a list.\n");
        good = ask_rounds(cli, &asking);
        *ret_json = good ? strndup(asking.report->raw.p, asking.report->raw.n) : NULL;
    } else if (bzctrl_answer_code(answer) == BZCTRL_NOT_FOUND && flag_of(cli, "form") != NULL) {
        fail(EXIT_DATA, "%s", bzctrl_answer_message(answer));
        good = false;
    } else {
        const char *why = bzctrl_answer_message(answer);
        fprintf(stderr, "Cannot ask for the form's own fields: %s\n",
                why[0] == '\0' ? "its schema cannot be read" : why);
    }
    bzctrl_answer_free(answer);
    buf_finish(&asking.buf);
    arena_finish(&arena);
    return good;
}
