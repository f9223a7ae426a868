#include "model/judge.h"

#include "model/key.h"
#include "model/money.h"
#include "model/right.h"

enum kind {
    KIND_TYPE,
    KIND_PLACE,
    KIND_TEXT,
    KIND_TEXTS,
    KIND_MONEY,
    KIND_LEVEL,
    KIND_STATUS,
    KIND_PERSON,
    KIND_DATE,
    KIND_TIME,
};

/* How far occurredAt may lie from now, in milliseconds. */
static const int64_t PAST_MAX = INT64_C(30) * 24 * 60 * 60 * 1000;
static const int64_t FUTURE_MAX = INT64_C(5) * 60 * 1000;

/* One judging on its way. */
struct judging {
    struct op *op;
    const struct task_draft *draft;
    const struct form *form;
    const struct directory *directory;
    const struct account *caller;
    const struct workspace *workspace; /* NULL while it is unknown; then its people are too */
    struct faults *faults;
    struct task task; /* type 0 while it is unknown */
};

/* The member's name as it was sent, for the pointer. */
static struct str sent_name(const struct judging *j, enum member member)
{
    struct str name = j->draft->members[member].name;
    return name.p != NULL ? name : member_name(member);
}

#define NO_OPTIONS                                                                                 \
    (struct str_list)                                                                              \
    {                                                                                              \
        0                                                                                          \
    }

/* The texts of a fault begin with the member's name. */
#define FAULT_AT(j, member, index, code, allowed, detail, ...)                                     \
    fault_add((j)->faults, sent_name((j), (member)), (index), FAULT_##code, (allowed),             \
              "%.*s " detail, STR_ARG(member_name(member)), ##__VA_ARGS__)
#define FAULT_ON(j, member, code, ...)                                                             \
    FAULT_AT((j), (member), FAULT_WHOLE, code, NO_OPTIONS, __VA_ARGS__)

/* ---- what counts as absent ---- */

/* null and "" do, and so does a text of nothing but blanks where any text would do. */
static bool text_absent(const struct draft_value *value, bool any_text)
{
    if (value->kind == DRAFT_TEXT)
        return (any_text ? str_trim(value->text) : value->text).n == 0;
    return value->kind == DRAFT_ABSENT || value->kind == DRAFT_NULL;
}

static bool value_absent(const struct draft_value *value, enum kind kind)
{
    bool any_text = kind == KIND_TEXT || kind == KIND_TEXTS;
    if (kind != KIND_TEXTS || value->kind != DRAFT_LIST)
        return text_absent(value, any_text);
    for (size_t i = 0; i < value->n; i++)
        if (i == DRAFT_ITEMS_MAX || !text_absent(&value->items[i], any_text))
            return false;
    return true;
}

/* ---- one reader per kind: `value` is not absent, `field` is where it goes ---- */

static void wrong_type(struct judging *j, enum member member, size_t index, const char *wanted,
                       struct str_list allowed)
{
    FAULT_AT(j, member, index, WRONG_TYPE, allowed, "must be %s.", wanted);
}

static void not_an_option(struct judging *j, enum member member, const struct draft_value *value,
                          struct str_list allowed)
{
    if (value->kind != DRAFT_TEXT)
        wrong_type(j, member, FAULT_WHOLE, "one of the allowed texts", allowed);
    else
        FAULT_AT(j, member, FAULT_WHOLE, NOT_AN_OPTION, allowed,
                 "cannot be \"%.*s\"; \"allowed\" lists what it can be.",
                 STR_ARG(fault_excerpt(value->text)));
}

static void read_type(struct judging *j, enum member member, const struct draft_value *value,
                      void *field)
{
    if (value->kind != DRAFT_TEXT || !task_type_read(value->text, field))
        not_an_option(j, member, value, task_type_names());
}

static void read_status(struct judging *j, enum member member, const struct draft_value *value,
                        void *field)
{
    if (value->kind != DRAFT_TEXT || !task_status_read(value->text, field))
        not_an_option(j, member, value, task_status_names());
}

static void read_level(struct judging *j, enum member member, const struct draft_value *value,
                       void *field)
{
    if (value->kind != DRAFT_TEXT || !level_read(value->text, field))
        not_an_option(j, member, value, level_names());
}

/* A text within the form's bound; false after a fault. */
static bool check_text(struct judging *j, enum member member, size_t index,
                       const struct draft_value *value, const char *wanted)
{
    size_t max = j->form->fields[member].length_max;
    if (value->kind != DRAFT_TEXT) {
        wrong_type(j, member, index, wanted, NO_OPTIONS);
        return false;
    }
    /* A text that has no more bytes has no more characters. */
    size_t n = value->text.n <= max ? value->text.n : utf8_length(value->text);
    if (n > max) {
        FAULT_AT(j, member, index, TOO_LONG, NO_OPTIONS,
                 "has %zu characters; at most %zu are taken.", n, max);
        return false;
    }
    return true;
}

static void read_text(struct judging *j, enum member member, const struct draft_value *value,
                      void *field)
{
    if (check_text(j, member, FAULT_WHOLE, value, "a text"))
        *(struct str *)field = value->text;
}

static void read_texts(struct judging *j, enum member member, const struct draft_value *value,
                       void *field)
{
    static const char wanted[] = "a text or a list of texts";
    bool list = value->kind == DRAFT_LIST;
    const struct draft_value *items = list ? value->items : value;
    size_t n = list ? value->n : 1, max = j->form->fields[member].items_max, kept = 0;
    if (n > max) {
        FAULT_ON(j, member, TOO_MANY, "has %zu elements; at most %zu are taken.", n, max);
        return;
    }
    struct str *texts = ARENA_ARRAY(j->op->arena, struct str, n);
    if (texts == NULL) {
        j->faults->err = ERR_MEMORY;
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (!text_absent(&items[i], true) &&
            check_text(j, member, list ? i : FAULT_WHOLE, &items[i], wanted))
            texts[kept++] = items[i].text;
    *(struct str_list *)field = (struct str_list){texts, kept};
}

static void read_money(struct judging *j, enum member member, const struct draft_value *value,
                       void *field)
{
    static const char *const details[] = {
        [FAULT_NOT_A_NUMBER] = ("must be a plain number of euros such as 123577 or \"123577.50\": "
                                "no sign, blank, separator or exponent."),
        [FAULT_NEGATIVE] = "must not be negative.",
        [FAULT_TOO_PRECISE] = "must be whole cents: at most two decimals.",
        [FAULT_TOO_LARGE] = "must be at most 10 000 000 000 000.",
    };
    enum fault_code code = FAULT_NOT_A_NUMBER;
    if (value->kind != DRAFT_TEXT && value->kind != DRAFT_NUMBER)
        wrong_type(j, member, FAULT_WHOLE, "a number, or a text that is one", NO_OPTIONS);
    else if (value->kind == DRAFT_TEXT ? !money_read(value->text, field, &code)
                                       : !money_of_number(value->number, field, &code))
        fault_add(j->faults, sent_name(j, member), FAULT_WHOLE, code, NO_OPTIONS, "%.*s %s",
                  STR_ARG(member_name(member)), details[code]);
}

static void read_person(struct judging *j, enum member member, const struct draft_value *value,
                        void *field)
{
    if (value->kind != DRAFT_TEXT) {
        wrong_type(j, member, FAULT_WHOLE, "the e-mail address of a person, as a text", NO_OPTIONS);
        return;
    }
    if (j->workspace == NULL)
        return;
    const struct account *account = directory_account(j->directory, value->text);
    if (account == NULL || !directory_knows(j->directory, account, j->workspace->domain))
        FAULT_ON(j, member, UNKNOWN_PERSON, "names nobody whom the domain knows: \"%.*s\".",
                 STR_ARG(fault_excerpt(value->text)));
    else
        *(int64_t *)field = account->id;
}

/* The day in the workspace's zone. */
static int32_t local_date(const struct judging *j, int64_t time)
{
    return j->workspace == NULL || j->workspace->zone == NULL ? date_of_time(time)
                                                              : zone_date(j->workspace->zone, time);
}

static void read_date(struct judging *j, enum member member, const struct draft_value *value,
                      void *field)
{
    int64_t time;
    if (value->kind != DRAFT_TEXT)
        wrong_type(j, member, FAULT_WHOLE, "a date, as a text", NO_OPTIONS);
    else if (time_read(value->text, &time))
        *(int32_t *)field = local_date(j, time);
    else if (!date_read(value->text, field))
        FAULT_ON(j, member, NOT_A_DATE,
                 "must be a day that exists, such as 2024-09-27, or a time with its zone (RFC "
                 "3339).");
}

static void read_time(struct judging *j, enum member member, const struct draft_value *value,
                      void *field)
{
    int64_t time, now = j->op->now;
    if (value->kind != DRAFT_TEXT)
        wrong_type(j, member, FAULT_WHOLE, "a time, as a text", NO_OPTIONS);
    else if (!time_read(value->text, &time))
        FAULT_ON(j, member, NOT_A_TIME,
                 "must be a time with its zone (RFC 3339), such as 2024-09-27T08:30:00Z.");
    else if (time < now - PAST_MAX)
        FAULT_ON(j, member, TOO_OLD, "must not be more than 30 days ago.");
    else if (time > now + FUTURE_MAX)
        FAULT_ON(j, member, IN_THE_FUTURE, "must not be more than 5 minutes ahead.");
    else
        *(int64_t *)field = time;
}

/* ---- the place: domainWorkSpace, or domain and workspace ---- */

/* A workspace that the caller may see; any other is as good as missing. */
static const struct workspace *find_workspace(const struct judging *j, struct str key)
{
    const struct workspace *workspace =
        key.n > KEY_MAX ? NULL : directory_workspace(j->directory, key);
    if (workspace == NULL ||
        right_reach(j->directory, j->caller, RIGHT_SEE, workspace) == REACH_NONE)
        return NULL;
    return workspace;
}

/* "EXA-CON-BUS" and "WOR"; or, as the source's table prints it, "EXA-CON-BUS-WOR" and "WOR", when
 * the first reading finds nothing. */
static const struct workspace *find_by_parts(struct judging *j, struct str domain,
                                             struct str segment)
{
    struct str above, last;
    if (domain.n + 1 + segment.n > KEY_MAX)
        return NULL;
    struct str key = arena_printf(j->op->arena, "%.*s-%.*s", STR_ARG(domain), STR_ARG(segment));
    if (key.p == NULL) {
        j->faults->err = ERR_MEMORY;
        return NULL;
    }
    const struct workspace *workspace = find_workspace(j, key);
    if (workspace == NULL && key_split(domain, &above, &last) && str_eq_case(last, segment))
        workspace = find_workspace(j, domain);
    return workspace;
}

/* Absent text when it was not sent; false after a fault. */
static bool place_text(struct judging *j, enum member member, struct str *ret_text)
{
    const struct draft_value *value = &j->draft->members[member];
    if (text_absent(value, false)) {
        *ret_text = STR_NONE;
        return true;
    }
    if (value->kind != DRAFT_TEXT) {
        wrong_type(j, member, FAULT_WHOLE, "a text", NO_OPTIONS);
        return false;
    }
    *ret_text = value->text;
    return true;
}

/* Do domain and workspace, as far as they were sent, name the same as domainWorkSpace? */
static bool parts_agree(struct judging *j, const struct workspace *workspace, struct str domain,
                        struct str segment)
{
    struct str above, last;
    if (domain.p != NULL && segment.p != NULL)
        return find_by_parts(j, domain, segment) == workspace;
    if (domain.p != NULL)
        return str_eq_case(domain, workspace->domain->key) || str_eq_case(domain, workspace->key);
    return segment.p == NULL ||
           (key_split(workspace->key, &above, &last) && str_eq_case(segment, last));
}

static void judge_place(struct judging *j)
{
    struct str whole, domain, segment;
    bool whole_read = place_text(j, MEMBER_DOMAIN_WORKSPACE, &whole);
    bool domain_read = place_text(j, MEMBER_DOMAIN, &domain);
    bool segment_read = place_text(j, MEMBER_WORKSPACE, &segment);
    if (!whole_read || !domain_read || !segment_read)
        return;

    if (whole.p == NULL && domain.p == NULL && segment.p == NULL) {
        FAULT_ON(j, MEMBER_DOMAIN_WORKSPACE, REQUIRED,
                 "is required: the key of the workspace, such as EXA-CON-BUS-WOR.");
    } else if (whole.p == NULL && domain.p == NULL) {
        FAULT_ON(j, MEMBER_DOMAIN, REQUIRED, "is required beside workspace.");
    } else if (whole.p == NULL && segment.p == NULL) {
        FAULT_ON(j, MEMBER_WORKSPACE, REQUIRED, "is required beside domain.");
    } else if (whole.p == NULL) {
        j->workspace = find_by_parts(j, domain, segment);
        if (j->workspace == NULL)
            FAULT_ON(j, MEMBER_WORKSPACE, UNKNOWN_WORKSPACE,
                     "names no workspace that you may see: \"%.*s\" in the domain \"%.*s\".",
                     STR_ARG(fault_excerpt(segment)), STR_ARG(fault_excerpt(domain)));
    } else if ((j->workspace = find_workspace(j, whole)) == NULL) {
        FAULT_ON(j, MEMBER_DOMAIN_WORKSPACE, UNKNOWN_WORKSPACE,
                 "names no workspace that you may see: \"%.*s\".", STR_ARG(fault_excerpt(whole)));
    } else if (!parts_agree(j, j->workspace, domain, segment)) {
        FAULT_ON(j, MEMBER_DOMAIN_WORKSPACE, MISMATCH,
                 "names another workspace than domain and workspace do; send one of the two.");
    }
}

/* ---- members ---- */

static void (*const readers[])(struct judging *j, enum member member,
                               const struct draft_value *value, void *field) = {
    [KIND_TYPE] = read_type,     [KIND_TEXT] = read_text,   [KIND_TEXTS] = read_texts,
    [KIND_MONEY] = read_money,   [KIND_LEVEL] = read_level, [KIND_STATUS] = read_status,
    [KIND_PERSON] = read_person, [KIND_DATE] = read_date,   [KIND_TIME] = read_time,
};

static const struct {
    enum kind kind;
    size_t offset; /* of the field in struct task */
} targets[] = {
#define MEMBER(name, text, kind, field)                                                            \
    [MEMBER_##name] = {KIND_##kind, offsetof(struct task, field)},
#include "model/member.def"
#undef MEMBER
};

static void *target(struct task *task, enum member member)
{
    return (char *)task + targets[member].offset;
}

static void judge_member(struct judging *j, enum member member)
{
    const struct form_field *rule = &j->form->fields[member];
    const struct draft_value *value = &j->draft->members[member];
    struct draft_value preset = {.kind = DRAFT_TEXT, .text = rule->preset};
    enum kind kind = targets[member].kind;
    bool absent = value_absent(value, kind);

    if (j->task.type != 0 && (rule->types & (1U << j->task.type)) == 0) {
        if (absent)
            return;
        if (j->task.type == TASK_INCIDENT)
            FAULT_ON(j, member, NOT_FOR_INCIDENT, "belongs to tasks; an incident has none.");
        else
            FAULT_ON(j, member, NOT_FOR_TASK, "belongs to incidents; a task has none.");
    } else if (!absent) {
        readers[kind](j, member, value, target(&j->task, member));
    } else if (rule->preset.p != NULL) {
        readers[kind](j, member, &preset, target(&j->task, member));
    } else if (rule->like_reporter) {
        *(int64_t *)target(&j->task, member) = j->task.reporter_id;
    } else if (rule->required) {
        FAULT_ON(j, member, REQUIRED, "is required.");
    }
}

static void judge_repeats(struct judging *j)
{
    for (size_t i = 0; i < j->draft->repeat_count; i++) {
        const struct draft_repeat *repeat = &j->draft->repeats[i];
        fault_add(j->faults, repeat->name, FAULT_WHOLE, FAULT_DUPLICATE_MEMBER, NO_OPTIONS,
                  "%.*s is the same member as %.*s; send it once.", STR_ARG(repeat->name),
                  STR_ARG(sent_name(j, repeat->member)));
    }
}

static void judge_extra(struct judging *j)
{
    if (j->draft->extra.n > EXTRA_MAX)
        fault_add(j->faults, STR_NONE, FAULT_WHOLE, FAULT_TOO_LONG, NO_OPTIONS,
                  "The members that no rule knows take %zu bytes; at most %d are kept.",
                  j->draft->extra.n, EXTRA_MAX);
    j->task.extra = j->draft->extra;
}

/* ---- what follows from the members ---- */

static void add_tag(struct str *tags, size_t *n, struct str tag)
{
    for (size_t i = 0; i < *n; i++)
        if (str_eq(tags[i], tag))
            return;
    tags[(*n)++] = tag;
}

/* The texts of the fields that the form makes tags, in the order of the members; repeats dropped.
 */
static void gather_tags(struct judging *j)
{
    struct str_list lists[MEMBER_COUNT] = {0};
    size_t total = 0, n = 0;
    for (enum member member = 0; member < MEMBER_COUNT; member++) {
        if (!j->form->fields[member].tag)
            continue;
        if (targets[member].kind == KIND_TEXTS)
            lists[member] = *(struct str_list *)target(&j->task, member);
        else if (targets[member].kind == KIND_TEXT) {
            const struct str *text = target(&j->task, member);
            lists[member] = (struct str_list){text, text->p != NULL ? 1 : 0};
        }
        total += lists[member].n;
    }
    struct str *tags = ARENA_ARRAY(j->op->arena, struct str, total);
    if (tags == NULL) {
        j->faults->err = ERR_MEMORY;
        return;
    }
    for (enum member member = 0; member < MEMBER_COUNT; member++)
        for (size_t i = 0; i < lists[member].n; i++)
            add_tag(tags, &n, lists[member].items[i]);
    j->task.tags = (struct str_list){tags, n};
}

enum err task_judge(struct op *op, const struct task_draft *draft, const struct form *form,
                    const struct directory *directory, const struct account *caller,
                    struct faults *faults, struct judged *ret_judged)
{
    struct judging j = {
        .op = op,
        .draft = draft,
        .directory = directory,
        .caller = caller,
        .faults = faults,
        .task = {.financial_impact = CENTS_NONE,
                 .due_date = DATE_NONE,
                 .reminder_date = DATE_NONE,
                 .occurred_at = TIME_NONE,
                 .source_id = caller->id},
    };
    judge_place(&j);
    if (form == NULL)
        form = j.workspace != NULL ? j.workspace->form : &form_default;
    j.form = form;
    for (enum member member = 0; member < MEMBER_COUNT; member++)
        if (targets[member].kind != KIND_PLACE)
            judge_member(&j, member);
    judge_extra(&j);
    judge_repeats(&j);
    if (faults->err != ERR_OK)
        return faults->err;
    if (faults->n > 0)
        return ERR_INVALID;

    gather_tags(&j);
    if (j.task.status == STATUS_DONE)
        j.task.due_date =
            local_date(&j, j.task.occurred_at != TIME_NONE ? j.task.occurred_at : op->now);
    j.task.workspace_id = j.workspace->id;
    j.task.form = form->name;
    j.task.form_version = form->version;
    if (faults->err != ERR_OK)
        return faults->err;
    *ret_judged = (struct judged){j.task, j.workspace};
    return ERR_OK;
}
