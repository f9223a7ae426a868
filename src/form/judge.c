#include "form/judging.h"

#include "form/suggest.h"
#include "json/write.h"
#include "model/key.h"
#include "model/right.h"

#include <stdlib.h>

/* Names that are compared for one report, so that a great many cost no more than a few. */
enum { SUGGEST_BUDGET = 1000 };

/* Turns to a member: later faults are about it. */
struct reading *judging_turn(struct report_judging *j, enum member member)
{
    struct str sent = j->draft->members[member].name;
    j->reading.field = &j->form->fields[member];
    j->reading.name = member_name(member);
    j->reading.sent = sent.p != NULL ? sent : j->reading.name;
    j->reading.inviting = member == MEMBER_REPORTER ? j->form : NULL;
    return &j->reading;
}

#define FAULT_ON(j, member, ...) VALUE_FAULT(judging_turn((j), (member)), __VA_ARGS__)

/* A member that is missing: says where it may be instead, if something looks like it. */
static void fault_missing(struct report_judging *j, const char *sentence)
{
    struct reading *reading = &j->reading;
    const struct task_draft *draft = j->draft;
    enum member member;
    bool source = member_read(reading->name, &member);
    for (size_t i = 0; source && i < draft->other_count; i++)
        if ((draft->others[i].members & (UINT32_C(1) << member)) != 0) {
            VALUE_FAULT(reading, REQUIRED,
                        "%s It was found inside \"%.*s\": send it at the top level, with the other "
                        "members.",
                        sentence, STR_ARG(fault_excerpt(draft->others[i].value.name)));
            return;
        }
    struct str meant = draft_suggest(draft, j->form, reading->name, &j->suggest_budget);
    if (meant.p == NULL)
        VALUE_FAULT(reading, REQUIRED, "%s", sentence);
    else
        VALUE_FAULT(reading, REQUIRED, "%s You sent \"%.*s\"; did you mean %.*s?", sentence,
                    STR_ARG(fault_excerpt(meant)), STR_ARG(reading->name));
}

static void fault_missing_place(struct report_judging *j, enum member member, const char *sentence)
{
    (void)judging_turn(j, member);
    fault_missing(j, sentence);
}

/* ---- the place: domainWorkSpace, or domain and workspace ---- */

const struct workspace *judging_workspace(const struct report_judging *j, struct str key)
{
    const struct workspace *workspace =
        key.n > KEY_MAX ? NULL : directory_workspace(j->reading.directory, key);
    if (workspace == NULL ||
        right_reach(j->reading.directory, j->caller, RIGHT_SEE, workspace) == REACH_NONE)
        return NULL;
    return workspace;
}

const struct workspace *judging_parts(struct report_judging *j, struct str domain,
                                      struct str segment)
{
    struct str above, last;
    if (domain.n + 1 + segment.n > KEY_MAX)
        return NULL;
    struct str key = arena_printf(j->op->arena, "%.*s-%.*s", STR_ARG(domain), STR_ARG(segment));
    if (key.p == NULL) {
        j->reading.faults->err = ERR_MEMORY;
        return NULL;
    }
    const struct workspace *workspace = judging_workspace(j, key);
    if (workspace == NULL && key_split(domain, &above, &last) && str_eq_case(last, segment))
        workspace = judging_workspace(j, domain);
    return workspace;
}

/* Absent text when it was not sent; false after a fault. */
static bool place_text(struct report_judging *j, enum member member, struct str *ret_text)
{
    const struct draft_value *value = &j->draft->members[member];
    if (value_absent(value, KIND_PLACE)) {
        *ret_text = STR_NONE;
        return true;
    }
    if (value->kind != DRAFT_TEXT) {
        FAULT_ON(j, member, WRONG_TYPE, "must be a text.");
        return false;
    }
    *ret_text = utf8_trim(value->text);
    return true;
}

/* Do those of domain and workspace that were sent name the same workspace as domainWorkSpace? */
bool judging_parts_agree(struct report_judging *j, const struct workspace *workspace,
                         struct str domain, struct str segment)
{
    struct str above, last;
    if (domain.p != NULL && segment.p != NULL)
        return judging_parts(j, domain, segment) == workspace;
    if (domain.p != NULL)
        return str_eq_case(domain, workspace->domain->key) || str_eq_case(domain, workspace->key);
    return segment.p == NULL ||
           (key_split(workspace->key, &above, &last) && str_eq_case(segment, last));
}

static void judge_place(struct report_judging *j)
{
    struct str whole, domain, segment;
    bool whole_read = place_text(j, MEMBER_DOMAIN_WORKSPACE, &whole);
    bool domain_read = place_text(j, MEMBER_DOMAIN, &domain);
    bool segment_read = place_text(j, MEMBER_WORKSPACE, &segment);
    if (!whole_read || !domain_read || !segment_read)
        return;

    if (whole.p == NULL && domain.p == NULL && segment.p == NULL) {
        fault_missing_place(j, MEMBER_DOMAIN_WORKSPACE,
                            "is required: the key of the workspace, such as EXA-CON-BUS-WOR.");
    } else if (whole.p == NULL && domain.p == NULL) {
        fault_missing_place(j, MEMBER_DOMAIN, "is required together with workspace.");
    } else if (whole.p == NULL && segment.p == NULL) {
        fault_missing_place(j, MEMBER_WORKSPACE, "is required together with domain.");
    } else if (whole.p == NULL) {
        j->reading.workspace = judging_parts(j, domain, segment);
        if (j->reading.workspace == NULL)
            FAULT_ON(
                j, MEMBER_WORKSPACE, UNKNOWN_WORKSPACE,
                "is unknown: there is no workspace \"%.*s\" in the domain \"%.*s\", or you may not "
                "see it.",
                STR_ARG(fault_excerpt(segment)), STR_ARG(fault_excerpt(domain)));
    } else if ((j->reading.workspace = judging_workspace(j, whole)) == NULL) {
        FAULT_ON(j, MEMBER_DOMAIN_WORKSPACE, UNKNOWN_WORKSPACE,
                 "is unknown: there is no workspace \"%.*s\", or you may not see it.",
                 STR_ARG(fault_excerpt(whole)));
    } else if (!judging_parts_agree(j, j->reading.workspace, domain, segment)) {
        FAULT_ON(j, MEMBER_DOMAIN_WORKSPACE, MISMATCH,
                 "does not match domain and workspace; send only one of the two.");
    }
}

/* ---- members ---- */

/* Where in struct task a member goes. */
static const size_t targets[] = {
#define MEMBER(name, text, field, title, description)                                              \
    [MEMBER_##name] = offsetof(struct task, field),
#include "model/member.def"
#undef MEMBER
};

void *judging_target(struct task *task, enum member member)
{
    return (char *)task + targets[member];
}

/* A field that belongs to the other type was sent. Of the source's members that is kept, unless the
 * form refuses it: callers of the original product send them so. A field that a form itself adds
 * for one type is that type's alone. False: not kept. */
static bool judge_other_type(struct report_judging *j)
{
    const struct reading *reading = &j->reading;
    bool source =
        reading->field >= j->form->fields && reading->field < j->form->fields + MEMBER_COUNT;
    bool refused = !source || j->form->refuses_other_type;
    struct faults *told = refused ? reading->faults : reading->warnings;
    bool incident = j->task.type == TASK_INCIDENT;
    if (told != NULL)
        fault_add(told, reading->sent, FAULT_WHOLE,
                  incident ? FAULT_NOT_FOR_INCIDENT : FAULT_NOT_FOR_TASK, NO_OPTIONS,
                  "%.*s is for %s only; %s.", STR_ARG(reading->name),
                  incident ? "tasks" : "incidents",
                  !refused   ? "it is kept and shown"
                  : incident ? "leave it out of an incident"
                             : "leave it out of a task");
    return !refused;
}

/* Reads what was sent, or what the form has for it, into `field`; false when there is neither. */
bool judging_value(struct report_judging *j, const struct draft_value *value, void *ret_value)
{
    struct reading *reading = &j->reading;
    const struct form_field *field = reading->field;
    bool absent = value_absent(value, field->kind);

    if (j->task.type != 0 && (field->types & (1U << j->task.type)) == 0 &&
        (absent || !judge_other_type(j)))
        return false;
    if (!absent && field->locked) {
        VALUE_FAULT(reading, LOCKED, "is filled in by the form; leave it out.");
        return false;
    }
    size_t faults = reading->faults->n;
    if (!absent) {
        value_read(reading, value, ret_value);
    } else if (field->preset.kind != DRAFT_ABSENT) {
        reading->preset = true;
        value_read(reading, &field->preset, ret_value);
        reading->preset = false;
    } else {
        if (field->required && !field->like_reporter)
            fault_missing(j, "is required.");
        return false;
    }
    return reading->faults->n == faults && reading->faults->err == ERR_OK;
}

static void judge_member(struct report_judging *j, enum member member)
{
    const struct draft_value *value = &j->draft->members[member];
    judging_turn(j, member);
    if (!judging_value(j, value, judging_target(&j->task, member)) &&
        j->reading.field->like_reporter && value_absent(value, j->reading.field->kind))
        *(int64_t *)judging_target(&j->task, member) = j->task.reporter_id;
}

void judging_twice(struct report_judging *j, struct str name, struct str first)
{
    fault_add(j->reading.faults, name, FAULT_WHOLE, FAULT_DUPLICATE_MEMBER, NO_OPTIONS,
              "%.*s is the same member as %.*s; send it once.", STR_ARG(name), STR_ARG(first));
}

void judging_repeats(struct report_judging *j)
{
    for (size_t i = 0; i < j->draft->repeat_count; i++) {
        const struct draft_repeat *repeat = &j->draft->repeats[i];
        judging_twice(j, repeat->name, j->draft->members[repeat->member].name);
    }
}

/* ---- the form's own fields, and what no rule knows: the record's `extra` ---- */

/* Notes texts that become tags, until all are known. */
static void keep_tags(struct report_judging *j, size_t place, enum kind kind, const void *value)
{
    if (kind == KIND_TEXTS) {
        j->tags[place] = *(const struct str_list *)value;
        return;
    }
    struct str *text = ARENA_NEW(j->op->arena, struct str);
    if (text == NULL) {
        j->reading.faults->err = ERR_MEMORY;
        return;
    }
    *text = *(const struct str *)value;
    j->tags[place] = (struct str_list){text, text->p != NULL ? 1 : 0};
}

/* What was sent for each of the form's own fields, by their places; notes which of the draft's
 * other members those are. */
void judging_customs(struct report_judging *j, const struct draft_value **sent, bool *known)
{
    for (size_t i = 0; i < j->draft->other_count; i++) {
        const struct draft_value *value = &j->draft->others[i].value;
        const struct form_custom *custom = form_custom(j->form, value->name);
        if (custom == NULL)
            continue;
        size_t place = (size_t)(custom - j->form->customs);
        known[i] = true;
        if (sent[place] != NULL)
            judging_twice(j, value->name, sent[place]->name);
        else
            sent[place] = value;
    }
}

static void write_value(struct buf *buf, enum kind kind, const union value *value)
{
    switch (kind) {
    case KIND_TEXTS:
        buf_json_strings(buf, value->texts);
        return;
    case KIND_MONEY:
        buf_char(buf, '"');
        buf_money(buf, value->cents);
        buf_char(buf, '"');
        return;
    case KIND_DATE:
        buf_char(buf, '"');
        buf_date(buf, value->date);
        buf_char(buf, '"');
        return;
    case KIND_NUMBER:
        buf_add(buf, value->text);
        return;
    case KIND_BOOL:
        buf_add(buf, value->truth ? STR("true") : STR("false"));
        return;
    case KIND_TEXT:
    case KIND_EMAIL:
        buf_json_string(buf, value->text);
        return;
    case KIND_TYPE:
    case KIND_PLACE:
    case KIND_LEVEL:
    case KIND_STATUS:
    case KIND_PERSON:
    case KIND_TIME: /* of no field that a form adds */
        return;
    }
}

void judging_custom(struct report_judging *j, size_t i, const struct draft_value *sent,
                    struct buf *extra)
{
    static const struct draft_value nothing;
    const struct form_custom *custom = &j->form->customs[i];
    union value value;
    j->reading.field = &custom->field;
    j->reading.name = custom->name;
    j->reading.sent = sent != NULL ? sent->name : custom->name;
    if (!judging_value(j, sent != NULL ? sent : &nothing, &value))
        return;
    buf_char(extra, extra->n == 0 ? '{' : ',');
    buf_json_string(extra, custom->name);
    buf_char(extra, ':');
    write_value(extra, custom->field.kind, &value);
    if (custom->field.tag)
        keep_tags(j, MEMBER_COUNT + i, custom->field.kind, &value);
}

/* The member that an unknown one may have meant. Looking for it takes a while, so that is done for
 * the first ones only, which show what is wrong. */
static struct str judge_meant(struct report_judging *j, const struct faults *told, struct str name)
{
    if (told == NULL || told->n == FAULTS_MAX || j->suggested == SUGGESTED_MAX)
        return STR_NONE;
    j->suggested++;
    return form_suggest(j->form, name);
}

/* It is kept unchanged, unless the form refuses unknown members. */
void judging_unknown(struct report_judging *j, const struct draft_other *other, struct buf *extra)
{
    struct str name = other->value.name;
    bool refused = j->form->refuses_unknown;
    struct faults *told = refused ? j->reading.faults : j->reading.warnings;
    struct str meant = judge_meant(j, told, name);
    if (meant.p != NULL)
        fault_add(told, name, FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                  "Unknown member \"%.*s\"%s; did you mean %.*s?", STR_ARG(name),
                  refused ? "" : ", kept under extra", STR_ARG(meant));
    else if (refused)
        fault_add(told, name, FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                  "Unknown member \"%.*s\"; this form accepts no others.",
                  STR_ARG(fault_excerpt(name)));
    buf_char(extra, extra->n == 0 ? '{' : ',');
    buf_add(extra, other->json);
}

static void judge_extra(struct report_judging *j)
{
    const struct task_draft *draft = j->draft;
    j->task.extra = STR("{}");
    if (j->form->custom_count == 0 && draft->other_count == 0)
        return;
    bool *known = ARENA_ARRAY(j->op->arena, bool, draft->other_count);
    const struct draft_value **sent =
        ARENA_ARRAY(j->op->arena, const struct draft_value *, j->form->custom_count);
    if (known == NULL || sent == NULL) {
        j->reading.faults->err = ERR_MEMORY;
        return;
    }
    judging_customs(j, sent, known);
    struct buf extra;
    buf_init(&extra, EXTRA_MAX);
    for (size_t i = 0; i < j->form->custom_count; i++)
        judging_custom(j, i, sent[i], &extra);
    for (size_t i = 0; i < draft->other_count; i++)
        if (!known[i])
            judging_unknown(j, &draft->others[i], &extra);
    if (extra.n > 0)
        buf_char(&extra, '}');
    enum err err = buf_err(&extra);
    if (err == ERR_OK && extra.n > 0) {
        j->task.extra = arena_str(j->op->arena, buf_str(&extra));
        err = j->task.extra.p == NULL ? ERR_MEMORY : ERR_OK;
    }
    buf_finish(&extra);
    if (err == ERR_TOO_LONG)
        fault_add(j->reading.faults, STR_NONE, FAULT_WHOLE, FAULT_TOO_LONG, NO_OPTIONS,
                  "The members kept under extra have more than %d bytes in all; send less.",
                  EXTRA_MAX);
    else if (err != ERR_OK)
        j->reading.faults->err = err;
}

/* ---- what follows from the members ---- */

struct placed_tag {
    struct str tag;
    size_t place;
};

static int by_tag(const void *a, const void *b)
{
    const struct placed_tag *x = a, *y = b;
    int order = str_cmp(x->tag, y->tag);
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static int by_place(const void *a, const void *b)
{
    const struct placed_tag *x = a, *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

/* Of those that are alike the first one stays; a report may have a hundred thousand of them. */
static size_t repeats_drop(struct placed_tag *tags, size_t n)
{
    size_t kept = 0;
    if (n > 0)
        qsort(tags, n, sizeof *tags, by_tag);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !str_eq(tags[kept - 1].tag, tags[i].tag))
            tags[kept++] = tags[i];
    if (kept > 0)
        qsort(tags, kept, sizeof *tags, by_place);
    return kept;
}

/* Of the source's members first, then of the form's own fields; repeats dropped. */
void judging_tags(struct report_judging *j)
{
    size_t total = 0, n = 0;
    for (enum member member = 0; member < MEMBER_COUNT; member++)
        if (j->form->fields[member].tag)
            keep_tags(j, member, j->form->fields[member].kind, judging_target(&j->task, member));
    for (size_t i = 0; i < MEMBER_COUNT + j->form->custom_count; i++)
        total += j->tags[i].n;
    struct str *tags = ARENA_ARRAY(j->op->arena, struct str, total);
    struct placed_tag *placed = ARENA_ARRAY(j->op->arena, struct placed_tag, total);
    if (tags == NULL || placed == NULL) {
        j->reading.faults->err = ERR_MEMORY;
        return;
    }
    for (size_t i = 0; i < MEMBER_COUNT + j->form->custom_count; i++)
        for (size_t k = 0; k < j->tags[i].n; k++, n++)
            placed[n] = (struct placed_tag){j->tags[i].items[k], n};
    n = repeats_drop(placed, n);
    for (size_t i = 0; i < n; i++)
        tags[i] = placed[i].tag;
    j->task.tags = (struct str_list){tags, n};
}

enum err task_judge(struct op *op, const struct task_draft *draft, const struct form *form,
                    const struct workspace *workspace, const struct directory *directory,
                    const struct account *caller, struct faults *faults, struct faults *warnings,
                    struct judged *ret_judged)
{
    struct report_judging j = {
        .op = op,
        .draft = draft,
        .form = form,
        .caller = caller,
        .suggest_budget = SUGGEST_BUDGET,
        .reading = {.op = op,
                    .directory = directory,
                    .workspace = workspace,
                    .faults = faults,
                    .warnings = warnings},
        .task = {.financial_impact = CENTS_NONE,
                 .due_date = DATE_NONE,
                 .reminder_date = DATE_NONE,
                 .occurred_at = TIME_NONE,
                 .closed_at = TIME_NONE,
                 .first_due_date = DATE_NONE,
                 .proposed_at = TIME_NONE,
                 .assigned_at = TIME_NONE,
                 .source_id = caller->id},
    };
    if (workspace == NULL)
        judge_place(&j);
    for (enum member member = 0; member < MEMBER_COUNT; member++)
        if (form->fields[member].kind != KIND_PLACE)
            judge_member(&j, member);
    judge_extra(&j);
    judging_repeats(&j);
    if (faults->err != ERR_OK)
        return faults->err;
    if (faults->n > 0)
        return ERR_INVALID;

    judging_tags(&j);
    if (j.task.status == STATUS_DONE)
        j.task.due_date = value_local_date(
            &j.reading, j.task.occurred_at != TIME_NONE ? j.task.occurred_at : op->now);
    j.task.workspace_id = j.reading.workspace->id;
    j.task.form = form->name;
    j.task.form_version = form->version;
    if (faults->err != ERR_OK || (warnings != NULL && warnings->err != ERR_OK))
        return ERR_MEMORY;
    *ret_judged = (struct judged){j.task, j.reading.workspace, j.reading.invited};
    return ERR_OK;
}

const struct workspace *task_workspace(struct op *op, const struct task_draft *draft,
                                       const struct directory *directory,
                                       const struct account *caller)
{
    struct faults faults;
    faults_init(&faults, op->arena);
    struct report_judging j = {.op = op,
                               .draft = draft,
                               .form = &form_default,
                               .caller = caller,
                               .reading = {.op = op, .directory = directory, .faults = &faults}};
    judge_place(&j);
    return faults.n == 0 && faults.err == ERR_OK ? j.reading.workspace : NULL;
}
