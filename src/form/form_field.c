#include "form/form_work.h"

#include "form/form_sample.h"
#include "form/pattern.h"
#include "form/suggest.h"
#include "model/draft_json.h"

enum { NAME_LENGTH_MAX = 63, OPTIONS_MAX = 1000 };

/* What an option may take to match, in units (form/pattern.h): so little that a report can have
 * one in each field. */
enum { OPTION_WORK_MAX = 16000 };

/* The types of fields that a form can add. */
static const struct {
    struct str name;
    enum kind kind;
    size_t length_max, items_max;
    bool options; /* it must have some */
    enum reference reference;
} types[] = {
    {STR_INIT("text"), KIND_TEXT, WORK_SHORT_MAX, 0, false, REFERENCE_NONE},
    {STR_INIT("longText"), KIND_TEXT, WORK_LONG_MAX, 0, false, REFERENCE_NONE},
    {STR_INIT("number"), KIND_NUMBER, 0, 0, false, REFERENCE_NONE},
    {STR_INIT("money"), KIND_MONEY, 0, 0, false, REFERENCE_NONE},
    {STR_INIT("date"), KIND_DATE, 0, 0, false, REFERENCE_NONE},
    {STR_INIT("choice"), KIND_TEXT, WORK_SHORT_MAX, 0, true, REFERENCE_NONE},
    {STR_INIT("choices"), KIND_TEXTS, WORK_SHORT_MAX, DRAFT_ITEMS_MAX, true, REFERENCE_NONE},
    {STR_INIT("email"), KIND_EMAIL, WORK_SHORT_MAX, 0, false, REFERENCE_NONE},
    {STR_INIT("boolean"), KIND_BOOL, 0, 0, false, REFERENCE_NONE},
    {STR_INIT("lrn"), KIND_TEXT, WORK_SHORT_MAX, 0, false, REFERENCE_LRN},
    {STR_INIT("mrn"), KIND_TEXT, WORK_SHORT_MAX, 0, false, REFERENCE_MRN},
    {STR_INIT("customsOffice"), KIND_TEXT, WORK_SHORT_MAX, 0, false, REFERENCE_OFFICE},
};

enum { TYPE_COUNT = sizeof types / sizeof types[0] };

/* A field while it is read. */
struct field_work {
    struct work *work;
    const struct json *json;
    struct form_field *field;
    struct form_caption *caption;
    bool source;        /* it is one of the source's members */
    enum member member; /* which */
    bool options_needed;
    const struct json *preset, *example;
};

static void field_truth(struct field_work *f, const struct json *json)
{
    bool *target = str_eq(json->name, STR("locked"))   ? &f->field->locked
                   : str_eq(json->name, STR("hidden")) ? &f->field->hidden
                                                       : &f->field->required;
    (void)work_truth(f->work, json, target);
}

static bool of_texts(const struct form_field *field)
{
    return field->kind == KIND_TEXT || field->kind == KIND_TEXTS;
}

static void field_tag(struct field_work *f, const struct json *json)
{
    bool tag;
    if (!work_truth(f->work, json, &tag))
        return;
    if (tag && (!of_texts(f->field) || f->field->length_max > WORK_SHORT_MAX))
        WRONG(f->work, json->name, MISMATCH, "Only short texts can become tags.");
    f->field->tag = tag;
}

static void field_options(struct field_work *f, const struct json *json)
{
    if (!of_texts(f->field) && value_options(f->field).n == 0)
        WRONG(f->work, json->name, MISMATCH, "A field of this type cannot have options.");
    else
        (void)work_texts(f->work, json, OPTIONS_MAX, &f->field->options, &f->caption->options);
}

static void field_pattern(struct field_work *f, const struct json *json)
{
    struct work *work = f->work;
    struct str text;
    if (!of_texts(f->field) && f->field->kind != KIND_EMAIL) {
        WRONG(work, json->name, MISMATCH, "Only texts can have a pattern.");
        return;
    }
    if (!work_text(work, json, PATTERN_MAX, &text))
        return;
    op_forget(work->op); /* what was wrong with the pattern before is among the faults */
    enum err err = pattern_compile(work->op, work->arena, text, &f->field->pattern);
    if (err == ERR_INVALID)
        WRONG(work, json->name, PATTERN, "This pattern cannot be used: %s.", work->op->detail);
    else if (err != ERR_OK)
        work->faults->err = err;
}

static void field_length(struct field_work *f, const struct json *json)
{
    size_t most = f->field->length_max;
    uint64_t length = 0;
    if (most == 0)
        WRONG(f->work, json->name, MISMATCH, "Only texts can have a maximum length.");
    else if (json->kind != JSON_NUMBER || !str_to_u64(json->raw, most, &length) || length == 0)
        WRONG(f->work, json->name, TOO_LARGE, "maxLength must be a number from 1 to %zu.", most);
    else
        f->field->length_max = (size_t)length;
}

static void field_check(struct field_work *f, const struct json *json)
{
    static const struct str words[] = {STR_INIT("refuse"), STR_INIT("warn"), STR_INIT("off")};
    size_t word;
    bool lrn = f->source && f->member == MEMBER_LRN;
    if (f->field->reference == REFERENCE_NONE && !lrn)
        WRONG(f->work, json->name, MISMATCH,
              "Only customs references are checked: LRN and the types lrn, mrn and customsOffice.");
    else if (work_word(f->work, json, (struct str_list){words, 3}, &word)) {
        f->field->reference = word == 2 ? REFERENCE_NONE
                              : lrn     ? REFERENCE_LRN
                                        : f->field->reference;
        f->field->reference_warns = word == 1;
    }
}

static void field_for(struct field_work *f, const struct json *json)
{
    size_t word;
    if (f->source)
        WRONG(f->work, json->name, MISMATCH,
              "\"for\" can be set only for fields that the form adds.");
    else if (work_word(f->work, json, task_type_names(), &word))
        f->field->types = word == 0 ? FOR_INCIDENT : FOR_TASK;
}

static void field_label(struct field_work *f, const struct json *json)
{
    work_label(f->work, json,
               str_eq(json->name, STR("label")) ? &f->caption->label : &f->caption->help);
}

/* Read by itself, before or after the others. */
static void field_later(struct field_work *f, const struct json *json)
{
    if (str_eq(json->name, STR("default")))
        f->preset = json;
    else if (str_eq(json->name, STR("example")))
        f->example = json;
}

static const struct {
    struct str name;
    void (*read)(struct field_work *f, const struct json *json);
} field_members[] = {
    {STR_INIT("name"), field_later},       {STR_INIT("type"), field_later},
    {STR_INIT("label"), field_label},      {STR_INIT("help"), field_label},
    {STR_INIT("required"), field_truth},   {STR_INIT("default"), field_later},
    {STR_INIT("options"), field_options},  {STR_INIT("locked"), field_truth},
    {STR_INIT("hidden"), field_truth},     {STR_INIT("pattern"), field_pattern},
    {STR_INIT("maxLength"), field_length}, {STR_INIT("tag"), field_tag},
    {STR_INIT("check"), field_check},      {STR_INIT("for"), field_for},
    {STR_INIT("example"), field_later},
};

/* Writes a value of the form's own as records spell it, now that it has been read. */
static void spell(struct work *work, enum kind kind, const union value *value,
                  struct draft_value *draft)
{
    if (kind == KIND_TEXT || kind == KIND_EMAIL)
        draft->text = value->text;
    else if (kind == KIND_LEVEL)
        draft->text = level_name(value->level);
    else if (kind == KIND_STATUS)
        draft->text = task_status_name(value->status);
    else if (kind == KIND_BOOL)
        *draft = (struct draft_value){.kind = DRAFT_BOOL, .truth = value->truth};
    if (kind != KIND_TEXTS)
        return;
    struct draft_value *items = ARENA_ARRAY(work->arena, struct draft_value, value->texts.n);
    if (items == NULL) {
        (void)work_no_memory(work);
        return;
    }
    for (size_t i = 0; i < value->texts.n; i++)
        items[i] = (struct draft_value){.kind = DRAFT_TEXT, .text = value->texts.items[i]};
    *draft = (struct draft_value){.kind = DRAFT_LIST, .items = items, .n = value->texts.n};
}

/* A default or an example is judged as if it had been sent, by all that the field asks for. */
static void judge_given(struct field_work *f, const struct json *json,
                        struct draft_value *ret_value)
{
    struct work *work = f->work;
    union value value;
    struct draft_value draft = {0};
    enum err err = draft_value_read(work->arena, json, &draft);
    if (err != ERR_OK) {
        work->faults->err = err;
        return;
    }
    if (value_absent(&draft, f->field->kind)) {
        WRONG(work, json->name, WRONG_TYPE, "%.*s cannot be empty; leave it out instead.",
              STR_ARG(json->name));
        return;
    }
    struct reading reading = {.op = work->op,
                              .directory = work->place->directory,
                              .workspace = work->place->workspace,
                              .faults = work->faults,
                              .field = f->field,
                              .name = json->name,
                              .sent = json->name,
                              .preset = true};
    size_t faults = work->faults->n;
    int64_t aside = pattern_set_aside(work->op, work->given_work);
    work->given_work -= pattern_allowed(work->op);
    value_read(&reading, &draft, &value);
    work->given_work += pattern_allowed(work->op);
    pattern_put_back(work->op, aside);
    if (work->faults->n == faults && work->faults->err == ERR_OK)
        spell(work, f->field->kind, &value, &draft);
    *ret_value = draft;
}

/* Does each option pass what else the field asks for? Words of the program's own are kept as it
 * spells them. */
static void judge_options(struct field_work *f)
{
    struct form_field bare = *f->field;
    union value value;
    struct str *options = ARENA_ARRAY(f->work->arena, struct str, f->field->options.n);
    if (options == NULL) {
        (void)work_no_memory(f->work);
        return;
    }
    bare.options = NO_OPTIONS;
    bare.items_max = bare.kind == KIND_TEXTS ? 1 : 0;
    struct reading reading = {.op = f->work->op,
                              .faults = f->work->faults,
                              .field = &bare,
                              .name = STR("An option"),
                              .sent = STR("options")};
    for (size_t i = 0; i < f->field->options.n; i++) {
        size_t faults = f->work->faults->n;
        struct draft_value option = {.kind = DRAFT_TEXT, .text = f->field->options.items[i]};
        int64_t aside = pattern_set_aside(f->work->op, OPTION_WORK_MAX);
        value_read(&reading, &option, &value);
        pattern_put_back(f->work->op, aside);
        if (f->work->faults->n == faults && !of_texts(f->field))
            spell(f->work, bare.kind, &value, &option);
        options[i] = option.text;
        if (!of_texts(f->field) && f->work->faults->n == faults &&
            f->work->place->directory != NULL &&
            value_option((struct str_list){options, i}, option.text).p != NULL)
            fault_add(f->work->faults, STR("options"), i, FAULT_DUPLICATE_MEMBER, NO_OPTIONS,
                      "\"%.*s\" appears twice.", STR_ARG(fault_excerpt(option.text)));
    }
    f->field->options.items = options;
}

/* Every form has a sample: where no text of ours will do, the form gives one. */
static void check_example(struct field_work *f)
{
    const struct form_field *field = f->field;
    bool asked = field->required && !field->locked && field->preset.kind == DRAFT_ABSENT;
    bool text = of_texts(field) || field->kind == KIND_EMAIL;
    if (asked && text && field->options.n == 0 && f->example == NULL &&
        form_sample_text(f->work->op, field, STR_NONE).p == NULL)
        WRONG(f->work, STR("example"), REQUIRED,
              "example is required: the server cannot make up a text that this field accepts.");
    if (asked && field->options.n > 0 && value_shown_option(field->options).p == NULL)
        WRONG(f->work, STR("options"), REQUIRED,
              "A field that is required needs an option that can be seen.");
}

static void check_field(struct field_work *f)
{
    struct form_field *field = f->field;
    struct work *work = f->work;
    if (field->options.n > 0)
        judge_options(f);
    if (f->options_needed && json_member(f->json, STR("options")) == NULL)
        WRONG(work, STR("options"), REQUIRED, "A choice needs options.");
    if (f->preset != NULL)
        judge_given(f, f->preset, &field->preset);
    if (f->example != NULL)
        judge_given(f, f->example, &f->caption->example);
    if (f->caption->example.kind == DRAFT_TEXT &&
        utf8_length(f->caption->example.text) > WORK_SHORT_MAX)
        WRONG(work, STR("example"), TOO_LONG, "An example can have at most %d characters.",
              WORK_SHORT_MAX);
    if (f->work->place->directory != NULL)
        check_example(f);
    if (field->kind == KIND_TIME && f->preset != NULL)
        WRONG(work, STR("default"), MISMATCH,
              "A time cannot have a default; it would soon be too old.");
    bool filled = field->preset.kind != DRAFT_ABSENT || field->like_reporter;
    if (field->locked && !filled)
        WRONG(work, STR("locked"), MISMATCH,
              "A locked field needs a default, since reports cannot fill it in.");
    if (field->hidden && field->required && !filled)
        WRONG(work, STR("hidden"), MISMATCH,
              "A field that is required and hidden needs a default, since nobody can fill it in.");
    bool demanded = f->source && form_default.fields[f->member].required;
    if (demanded && !field->required && !filled && f->member != MEMBER_ORDER_ID)
        WRONG(work, STR("required"), MISMATCH,
              "Every record needs this value; keep it required, or give it a default.");
}

static bool custom_name_valid(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!ascii_alpha(name.p[i]) && (i == 0 || (!ascii_digit(name.p[i]) && name.p[i] != '_')))
            return false;
    return name.n > 0 && name.n <= NAME_LENGTH_MAX;
}

/* Finds the field of the form that is meant, or makes it; false after a fault. */
static bool field_begin(struct field_work *f, struct str name)
{
    struct work *work = f->work;
    struct form *form = work->form;
    const struct json *type = json_member(f->json, STR("type"));
    f->source = member_read(name, &f->member);
    if (f->source) {
        f->field = &form->fields[f->member];
        f->caption = &work->captions[f->member];
        if (f->field->kind == KIND_PLACE || f->field->kind == KIND_TYPE) {
            WRONG(work, STR("name"), MISMATCH, "%.*s cannot be a field of a form%s.", STR_ARG(name),
                  f->field->kind == KIND_TYPE ? "; set \"todoType\" of the form itself" : "");
            return false;
        }
        if (work->listed[f->member])
            WRONG(work, STR("name"), DUPLICATE_MEMBER, "%.*s appears twice.", STR_ARG(name));
        if (type != NULL)
            WRONG(work, STR("type"), MISMATCH,
                  "The type of a built-in member cannot be changed; leave type out.");
        work->listed[f->member] = true;
        return true;
    }
    if (!custom_name_valid(name)) {
        WRONG(work, STR("name"), WRONG_TYPE,
              "The name of a field must be a letter and at most %d more letters, digits or \"_\".",
              NAME_LENGTH_MAX - 1);
        return false;
    }
    if (form_custom(form, name) != NULL)
        WRONG(work, STR("name"), DUPLICATE_MEMBER, "%.*s appears twice.", STR_ARG(name));
    struct str words[TYPE_COUNT];
    size_t t = 0;
    for (size_t i = 0; i < TYPE_COUNT; i++)
        words[i] = types[i].name;
    if (type == NULL) {
        struct str meant = form_suggest(&form_default, name);
        WRONG(work, STR("type"), REQUIRED, "A field that the form adds needs a type%s%.*s%s",
              meant.p == NULL ? "" : "; or did you mean the built-in member ", STR_ARG(meant),
              meant.p == NULL ? "." : "?");
        return false;
    }
    struct str *allowed = ARENA_ARRAY(work->faults->arena, struct str, TYPE_COUNT);
    if (allowed == NULL)
        return work_no_memory(work);
    for (size_t i = 0; i < TYPE_COUNT; i++)
        allowed[i] = words[i];
    if (!work_word(work, type, (struct str_list){allowed, TYPE_COUNT}, &t))
        return false;
    f->caption = &work->captions[MEMBER_COUNT + form->custom_count];
    struct form_custom *custom = &work->customs[form->custom_count++];
    custom->name = arena_str(work->arena, name);
    custom->field = (struct form_field){.kind = types[t].kind,
                                        .types = FOR_BOTH,
                                        .length_max = types[t].length_max,
                                        .items_max = types[t].items_max,
                                        .reference = types[t].reference};
    f->field = &custom->field;
    f->options_needed = types[t].options;
    if (custom->name.p == NULL)
        return work_no_memory(work);
    work->slots[form_slot(form, name)] = (uint8_t)form->custom_count;
    return true;
}

void work_field(struct work *work, const struct json *json)
{
    struct field_work f = {.work = work, .json = json};
    struct str name = json_text(json->kind == JSON_OBJECT ? json_member(json, STR("name")) : NULL);
    if (name.n == 0) {
        WRONG(work, STR_NONE, WRONG_TYPE, "A field must be an object with at least a \"name\".");
        return;
    }
    if (!field_begin(&f, name))
        return;
    for (const struct json *m = json->first; m != NULL; m = m->next) {
        size_t i = 0;
        while (i < sizeof field_members / sizeof field_members[0] &&
               !str_eq(m->name, field_members[i].name))
            i++;
        if (i < sizeof field_members / sizeof field_members[0])
            field_members[i].read(&f, m);
        else
            WRONG(work, m->name, UNKNOWN_MEMBER, "Unknown member \"%.*s\" in a field.",
                  STR_ARG(fault_excerpt(m->name)));
    }
    check_field(&f);
}
