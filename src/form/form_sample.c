#include "form/form_sample.h"

#include "form/form_json.h"
#include "form/form_schema.h"
#include "form/pattern.h"
#include "form/value.h"
#include "json/write.h"

enum { OPTIONAL_MAX = 16 * 1024 }; /* bytes: a longer body gets only what it must have */

/* What a text may take to match, in units (form/pattern.h): so little that a report can have one
 * in each field. */
enum { TEXT_WORK_MAX = 4000 };

/* Tried in this order. The references are well-formed, and no one's. */
static const struct str texts[] = {
    STR_INIT("Example"),    STR_INIT("EXAMPLE"),
    STR_INIT("example"),    STR_INIT("ORDER 1"),
    STR_INIT("A1"),         STR_INIT("AB123456"),
    STR_INIT("123456"),     STR_INIT("1"),
    STR_INIT("a"),          STR_INIT("A"),
    STR_INIT("2024-09-27"), STR_INIT("24NL000396A1B2C3D4"),
    STR_INIT("NL000396"),   STR_INIT("example@example.com"),
};

/* Would the judge take it? */
static bool takes(struct reading *reading, struct str text)
{
    union value value;
    struct faults faults;
    const struct draft_value draft = {.kind = DRAFT_TEXT, .text = text};
    if (value_absent(&draft, reading->field->kind))
        return false;
    faults_init(&faults, reading->op->arena);
    reading->faults = &faults;
    reading->costly = false;
    int64_t aside = pattern_set_aside(reading->op, TEXT_WORK_MAX);
    value_read(reading, &draft, &value);
    pattern_put_back(reading->op, aside);
    return faults.n == 0 && faults.err == ERR_OK;
}

struct str form_sample_text(struct op *op, const struct form_field *field, struct str hint)
{
    struct reading reading = {.op = op, .field = field, .name = STR("text"), .sent = STR("text")};
    if (takes(&reading, hint))
        return hint;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (takes(&reading, texts[i]))
            return texts[i];
    return STR_NONE;
}

/* One sample on its way. */
struct sampling {
    const struct form_sample *sample;
    struct buf *buf;
    enum task_type type;
};

/* ---- values: each appends one, or returns false when it finds none ---- */

static bool quoted(struct buf *buf, struct str text)
{
    if (text.p != NULL)
        buf_json_string(buf, text);
    return text.p != NULL;
}

/* The caller, or somebody else whom the domain knows. */
static bool person_add(struct sampling *s)
{
    const struct directory *directory = s->sample->directory;
    const struct domain *domain = s->sample->workspace->domain;
    const struct account *found = s->sample->caller;
    for (size_t i = 0; !directory_knows(directory, found, domain); i++) {
        if (i == directory->account_count)
            return false;
        found = &directory->accounts[i];
    }
    return quoted(s->buf, found->email);
}

static bool day_add(struct sampling *s, const struct draft_value *given)
{
    const struct draft_value ahead = {.kind = DRAFT_TEXT, .text = STR("+14d")};
    union value value;
    struct faults faults;
    faults_init(&faults, s->sample->op->arena);
    const struct form_field field = {.kind = KIND_DATE};
    struct reading reading = {.op = s->sample->op,
                              .workspace = s->sample->workspace,
                              .faults = &faults,
                              .field = &field,
                              .preset = true};
    value_read(&reading, given->kind == DRAFT_TEXT ? given : &ahead, &value);
    if (faults.n > 0)
        return false;
    buf_char(s->buf, '"');
    buf_date(s->buf, value.date);
    buf_char(s->buf, '"');
    return true;
}

/* Is it one of what the form knows a report again by? */
static bool tells_apart(const struct form *form, struct str name)
{
    for (size_t i = 0; i < form->dedup.by.n; i++)
        if (str_eq_case(form->dedup.by.items[i], name))
            return true;
    return false;
}

static struct str hint_for(const struct sampling *s, size_t place)
{
    const struct form *form = s->sample->form;
    struct str name = place < MEMBER_COUNT ? member_name((enum member)place)
                                           : form->customs[place - MEMBER_COUNT].name;
    if (tells_apart(form, name)) /* so that no other sample has it */
        return arena_printf(s->sample->op->arena, "E%lld", (long long)s->sample->number);
    if (place == MEMBER_TITLE)
        return label_pick(form->title, STR_NONE);
    if (place == MEMBER_DESCRIPTION)
        return arena_printf(s->sample->op->arena, "An example of a report by the form %.*s.",
                            STR_ARG(form->name));
    return place == MEMBER_ORDER_ID ? STR("ORDER 1") : STR_NONE;
}

static bool text_add(struct sampling *s, size_t place, const struct form_field *field)
{
    struct str_list options = value_options(field);
    struct str text = options.n > 0 ? value_shown_option(options)
                                    : form_sample_text(s->sample->op, field, hint_for(s, place));
    if (text.p == NULL)
        return false;
    if (field->kind == KIND_TEXTS)
        buf_json_strings(s->buf, (struct str_list){&text, 1});
    else
        buf_json_string(s->buf, text);
    return true;
}

static bool value_add(struct sampling *s, size_t place, const struct form_field *field)
{
    const struct draft_value *given = &form_caption(s->sample->form, place)->example;
    if (given->kind == DRAFT_ABSENT)
        given = &field->preset;
    switch (field->kind) {
    case KIND_TYPE:
        return quoted(s->buf, task_type_name(s->type));
    case KIND_PLACE:
        return place == MEMBER_DOMAIN_WORKSPACE && quoted(s->buf, s->sample->workspace->key);
    case KIND_PERSON:
        return person_add(s);
    case KIND_DATE:
        return day_add(s, given);
    case KIND_TIME: /* no other is right for long */
        buf_char(s->buf, '"');
        buf_time(s->buf, s->sample->op->now);
        buf_char(s->buf, '"');
        return true;
    case KIND_MONEY:
        return buf_form_value(s->buf, given) || quoted(s->buf, STR("123577.00"));
    case KIND_NUMBER:
        if (!buf_form_value(s->buf, given))
            BUF_LIT(s->buf, "12.5");
        return true;
    case KIND_BOOL:
        if (!buf_form_value(s->buf, given))
            BUF_LIT(s->buf, "true");
        return true;
    case KIND_TEXT:
    case KIND_TEXTS:
    case KIND_EMAIL:
    case KIND_LEVEL:
    case KIND_STATUS:
        return buf_form_value(s->buf, given) || text_add(s, place, field);
    }
    return false;
}

/* ---- members ---- */

static void member_add(struct sampling *s, size_t place, struct str name,
                       const struct form_field *field, size_t begin)
{
    size_t before = s->buf->n;
    bool wanted = !field->locked && !field->hidden && (field->types & (1U << s->type)) != 0;
    bool demanded = field->required && field->preset.kind == DRAFT_ABSENT;
    if (!wanted || (field->kind == KIND_TIME && !demanded))
        return;
    if (before > begin + 1)
        buf_char(s->buf, ',');
    buf_json_string(s->buf, name);
    buf_char(s->buf, ':');
    bool added = value_add(s, place, field);
    if (!added || (!demanded && s->buf->n > begin + OPTIONAL_MAX))
        buf_cut(s->buf, before);
}

enum err buf_form_sample(struct buf *buf, const struct form_sample *sample)
{
    const struct form *form = sample->form;
    struct sampling s = {.sample = sample, .buf = buf, .type = TASK_INCIDENT};
    const struct draft_value *fixed = &form->fields[MEMBER_TODO_TYPE].preset;
    size_t begin = buf->n;
    pattern_allow(sample->op, FORM_WORK_MAX);
    if (fixed->kind == DRAFT_TEXT)
        (void)!task_type_read(fixed->text, &s.type);
    buf_char(buf, '{');
    for (size_t i = 0; i < MEMBER_COUNT + form->custom_count; i++) {
        const struct form_custom *custom =
            i < MEMBER_COUNT ? NULL : &form->customs[i - MEMBER_COUNT];
        member_add(&s, i, custom == NULL ? member_name((enum member)i) : custom->name,
                   custom == NULL ? &form->fields[i] : &custom->field, begin);
    }
    buf_char(buf, '}');
    return buf_err(buf);
}
