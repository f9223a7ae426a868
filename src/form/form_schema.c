#include "form/form_schema.h"

#include "form/pattern.h"
#include "form/value.h"
#include "json/write.h"
#include "model/email.h"
#include "model/key.h"

/* Texts for the built-in members, unless the form has its own. */
static const struct {
    struct str title, description;
} words[] = {
#define MEMBER(name, text, field, title, description)                                              \
    [MEMBER_##name] = {STR_INIT(title), STR_INIT(description)},
#include "model/member.def"
#undef MEMBER
};

/* Regular expressions, as JSON Schema and as JSON spell them.
 *
 * The ranges of char_invisible() (base/str.c); those beyond U+FFFF by themselves, since not every
 * reader of a schema knows the same escape for them. */
#define INVISIBLE                                                                                  \
    "\\\\x00-\\\\x20\\\\x7f-"                                                                      \
    "\\\\xa0\\\\xad\\\\u034f\\\\u061c\\\\u115f\\\\u1160\\\\u1680\\\\u17b4\\\\u17b5"                \
    "\\\\u180b-\\\\u180f\\\\u2000-\\\\u200f\\\\u2028-\\\\u202f\\\\u205f-"                          \
    "\\\\u206f\\\\u2800\\\\u3000\\\\u3164"                                                         \
    "\\\\ufe00-\\\\ufe0f\\\\ufeff\\\\uffa0\\\\ufff0-\\\\ufffb\\uD82F\\uDCA0-\\uD82F\\uDCA3"        \
    "\\uD834\\uDD73-\\uD834\\uDD7A\\uDB40\\uDC00-\\uDB43\\uDFFF"
#define SOMETHING "\"[^" INVISIBLE "]\""
#define DAY       "(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}"
#define MOMENT                                                                                     \
    DAY "[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\\\.[0-9]+)?([Zz]|[+-]([01][0-9]|"    \
        "2[0-3]):?[0-5][0-9])"
#define EUROS  "^0*([0-9]{1,13}(\\\\.[0-9]{1,2})?|10000000000000(\\\\.0{1,2})?)$"
#define NUMBER "^-?(0|[1-9][0-9]*)(\\\\.[0-9]+)?$"
#define NAME   "[^" INVISIBLE "\\\"(),:;<>@[\\\\\\\\\\\\]]+"

static const struct str reference_patterns[] = {
    [REFERENCE_LRN] = STR_INIT("\"^[!-~]{1,22}$\""),
    [REFERENCE_MRN] = STR_INIT("\"^[0-9]{2}[A-Z]{2}[0-9A-Z]{13}[0-9]$\""),
    [REFERENCE_OFFICE] = STR_INIT("\"^[A-Z]{2}[0-9A-Z]{6}$\""),
};

/* One schema on its way. */
struct writing {
    struct buf *buf;
    const struct form_schema *schema;
    const struct form *form;
    unsigned types; /* FOR_…: what the form makes */
};

/* Begins another member or element. */
static void next(struct buf *buf)
{
    if (buf->n > 0 && buf->p[buf->n - 1] != '{' && buf->p[buf->n - 1] != '[')
        buf_char(buf, ',');
}

static void name_add(struct buf *buf, struct str name)
{
    next(buf);
    buf_json_string(buf, name);
    buf_char(buf, ':');
}

#define RAW(buf, json)                                                                             \
    do {                                                                                           \
        next(buf);                                                                                 \
        BUF_LIT((buf), json);                                                                      \
    } while (0)

/* ---- single values ---- */

static void value_add(struct buf *buf, const struct draft_value *value)
{
    if (value->kind == DRAFT_NUMBER)
        buf_add(buf, value->text);
    else if (value->kind == DRAFT_BOOL)
        buf_add(buf, value->truth ? STR("true") : STR("false"));
    else
        buf_json_string(buf, value->text);
}

bool buf_form_value(struct buf *buf, const struct draft_value *value)
{
    if (value->kind == DRAFT_ABSENT)
        return false;
    if (value->kind != DRAFT_LIST) {
        value_add(buf, value);
        return true;
    }
    buf_char(buf, '[');
    for (size_t i = 0; i < value->n; i++) {
        next(buf);
        value_add(buf, &value->items[i]);
    }
    buf_char(buf, ']');
    return true;
}

/* ---- what a value of a kind is: one or two ways to write it ---- */

static void options_add(struct buf *buf, const struct form_field *field, const struct label *labels,
                        struct str language)
{
    struct str_list options = value_options(field);
    if (labels == NULL) {
        RAW(buf, "\"enum\":");
        buf_json_strings(buf, options);
        return;
    }
    RAW(buf, "\"oneOf\":[");
    for (size_t i = 0; i < options.n; i++) {
        RAW(buf, "{\"const\":");
        buf_json_string(buf, options.items[i]);
        if (labels[i].n > 0) {
            BUF_LIT(buf, ",\"title\":");
            buf_json_string(buf, label_pick(labels[i], language));
        }
        buf_char(buf, '}');
    }
    buf_char(buf, ']');
}

/* All must match: the first is on its own, since most readers look only there. */
static void patterns_add(struct buf *buf, const struct str *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i == 1)
            RAW(buf, "\"allOf\":[");
        if (i > 0)
            RAW(buf, "{\"type\":\"string\",");
        else
            next(buf);
        BUF_LIT(buf, "\"pattern\":");
        buf_add(buf, patterns[i]);
        if (i > 0)
            buf_char(buf, '}');
    }
    if (n > 1)
        buf_char(buf, ']');
}

static void text_add(struct writing *w, const struct form_field *field,
                     const struct form_caption *caption, bool demanded)
{
    struct buf *buf = w->buf, own;
    struct str patterns[3];
    size_t n = 0;
    if (field->options.n > 0) {
        options_add(buf, field, caption->options, w->schema->language);
        return;
    }
    buf_init(&own, 8 * PATTERN_MAX);
    RAW(buf, "\"type\":\"string\"");
    buf_printf(buf, ",\"maxLength\":%zu",
               field->kind == KIND_EMAIL && field->length_max > EMAIL_MAX ? (size_t)EMAIL_MAX
                                                                          : field->length_max);
    if (field->pattern != NULL) {
        buf_json_string(&own, pattern_text(field->pattern));
        patterns[n++] = buf_str(&own);
    }
    if (field->reference != REFERENCE_NONE && !field->reference_warns)
        patterns[n++] = reference_patterns[field->reference];
    if (field->kind == KIND_EMAIL)
        patterns[n++] = STR("\"^" NAME "@" NAME "$\"");
    else if (demanded && (field->reference == REFERENCE_NONE || field->reference_warns))
        patterns[n++] = STR(SOMETHING);
    patterns_add(buf, patterns, n);
    if (buf_err(&own) != ERR_OK)
        buf->err = buf_err(&own);
    buf_finish(&own);
}

/* Does the schema take a number as its digits? With options or a pattern of the form it does not,
 * though the server does: no schema holds a number against those. */
static bool digits_taken(const struct form_field *field)
{
    return field->identifier && field->options.n == 0 && field->pattern == NULL;
}

static void digits_add(struct buf *buf, const struct form_field *field)
{
    int64_t most = 1;
    for (size_t i = 0; i < field->length_max && most < IDENTIFIER_NUMBER_MAX; i++)
        most *= 10;
    most = most > IDENTIFIER_NUMBER_MAX ? IDENTIFIER_NUMBER_MAX : most - 1;
    RAW(buf, "\"type\":\"integer\",\"minimum\":0,\"maximum\":");
    buf_i64(buf, most);
}

static void texts_add(struct writing *w, const struct form_field *field,
                      const struct form_caption *caption, bool demanded)
{
    struct buf *buf = w->buf;
    RAW(buf, "\"type\":\"array\"");
    buf_printf(buf, ",\"maxItems\":%zu,\"items\":{\"anyOf\":[{", field->items_max);
    text_add(w, field, caption, false);
    BUF_LIT(buf, "},{\"$ref\":\"#/$defs/blank\"}");
    if (digits_taken(field)) {
        RAW(buf, "{");
        digits_add(buf, field);
        buf_char(buf, '}');
    }
    BUF_LIT(buf, "]}");
    if (demanded)
        BUF_LIT(buf, ",\"contains\":{\"not\":{\"$ref\":\"#/$defs/blank\"}}");
}

/* In how many ways a value can be written. */
static size_t ways(const struct form_field *field)
{
    enum kind kind = field->kind;
    bool two = kind == KIND_TEXTS || kind == KIND_MONEY || kind == KIND_NUMBER || kind == KIND_DATE;
    return (two ? 2U : 1U) + (digits_taken(field) ? 1U : 0U);
}

/* The members of a way; a number for digits is the last. */
static void way_add(struct writing *w, const struct form_field *field,
                    const struct form_caption *caption, size_t way, bool demanded)
{
    struct buf *buf = w->buf;
    if (digits_taken(field) && way == ways(field) - 1) {
        digits_add(buf, field);
        return;
    }
    switch (field->kind) {
    case KIND_TEXTS:
        if (way == 1)
            texts_add(w, field, caption, demanded);
        else
            text_add(w, field, caption, demanded);
        return;
    case KIND_TEXT:
    case KIND_EMAIL:
        text_add(w, field, caption, demanded);
        return;
    case KIND_TYPE:
    case KIND_LEVEL:
    case KIND_STATUS:
        options_add(buf, field, caption->options, w->schema->language);
        return;
    case KIND_PERSON:
        RAW(buf, "\"type\":\"string\",\"pattern\":" SOMETHING);
        return;
    case KIND_MONEY:
        if (way == 0)
            RAW(buf, "\"type\":\"string\",\"pattern\":\"" EUROS "\"");
        else
            RAW(buf, "\"type\":\"number\",\"minimum\":0,\"maximum\":10000000000000");
        return;
    case KIND_NUMBER:
        if (way == 0)
            RAW(buf, "\"type\":\"number\"");
        else
            RAW(buf, "\"type\":\"string\",\"maxLength\":40,\"pattern\":\"" NUMBER "\"");
        return;
    case KIND_DATE:
        if (way == 0) {
            RAW(buf, "\"type\":\"string\",\"format\":\"date\",\"pattern\":\"^" DAY "$\"");
            return;
        }
        /* fall through */
    case KIND_TIME:
        RAW(buf, "\"type\":\"string\",\"format\":\"date-time\",\"pattern\":\"^" MOMENT "$\"");
        return;
    case KIND_BOOL:
        RAW(buf, "\"enum\":[true,false,\"true\",\"false\",\"yes\",\"no\"]");
        return;
    case KIND_PLACE: /* place_add() */
        return;
    }
}

/* What counts as absent: "$defs" has each. */
static void nothing_add(struct buf *buf, enum kind kind)
{
    if (kind == KIND_TEXTS)
        RAW(buf, "\"$ref\":\"#/$defs/blanks\"");
    else
        RAW(buf, "\"$ref\":\"#/$defs/blank\"");
}

/* ---- fields ---- */

/* A field at its place in the form. */
struct standing {
    const struct form_field *field;
    const struct form_caption *caption;
    struct str name, title, description;
    unsigned types; /* of those that the form makes */
    unsigned taken; /* the same, and those that accept it although it belongs to the other */
    bool demanded;  /* of those types */
};

static struct standing stand(const struct writing *w, size_t place)
{
    const struct form *form = w->form;
    bool custom = place >= MEMBER_COUNT;
    struct standing s = {.caption = form_caption(form, place)};
    s.field = custom ? &form->customs[place - MEMBER_COUNT].field : &form->fields[place];
    s.name = custom ? form->customs[place - MEMBER_COUNT].name : member_name((enum member)place);
    s.title = label_pick(s.caption->label, w->schema->language);
    s.description = label_pick(s.caption->help, w->schema->language);
    if (!custom && s.title.p == NULL)
        s.title = words[place].title;
    if (!custom && s.description.p == NULL)
        s.description = words[place].description;
    s.types = s.field->types & w->types;
    s.taken = custom || form->refuses_other_type ? s.types : w->types;
    s.demanded = s.field->required && s.field->preset.kind == DRAFT_ABSENT &&
                 !s.field->like_reporter && s.types != 0;
    return s;
}

static void captions_add(struct buf *buf, const struct standing *s)
{
    if (s->title.p != NULL) {
        name_add(buf, STR("title"));
        buf_json_string(buf, s->title);
    }
    if (s->description.p != NULL) {
        name_add(buf, STR("description"));
        buf_json_string(buf, s->description);
    }
}

static void field_value_add(struct writing *w, const struct standing *s, bool demanded)
{
    struct buf *buf = w->buf;
    size_t n = ways(s->field);
    if (n == 1 && demanded) {
        way_add(w, s->field, s->caption, 0, true);
        return;
    }
    RAW(buf, "\"anyOf\":[");
    for (size_t i = 0; i < n; i++) {
        RAW(buf, "{");
        way_add(w, s->field, s->caption, i, demanded);
        buf_char(buf, '}');
    }
    if (!demanded) {
        RAW(buf, "{");
        nothing_add(buf, s->field->kind);
        buf_char(buf, '}');
    }
    buf_char(buf, ']');
}

/* A value of the form's own, unless it depends on the day ("+14d"). */
static void given_add(struct buf *buf, const struct form_field *field, const char *before,
                      const struct draft_value *value, const char *after)
{
    if (value->kind == DRAFT_ABSENT ||
        (field->kind == KIND_DATE && str_starts(value->text, STR("+"))))
        return;
    next(buf);
    buf_add(buf, str_of(before));
    (void)buf_form_value(buf, value);
    buf_add(buf, str_of(after));
}

/* A locked field has no "default": who fills in defaults by the schema would send it. */
static void field_add(struct writing *w, size_t place)
{
    struct buf *buf = w->buf;
    const struct standing s = stand(w, place);
    name_add(buf, s.name);
    buf_char(buf, '{');
    captions_add(buf, &s);
    if (s.field->locked || s.taken == 0) {
        if (s.field->locked)
            RAW(buf, "\"readOnly\":true");
        nothing_add(buf, s.field->kind);
        buf_char(buf, '}');
        return;
    }
    field_value_add(w, &s, s.demanded && s.types == w->types);
    if (s.types == 0)
        RAW(buf, "\"deprecated\":true");
    else
        given_add(buf, s.field, "\"default\":", &s.field->preset, "");
    given_add(buf, s.field, "\"examples\":[", &s.caption->example, "]");
    buf_char(buf, '}');
}

/* ---- the place ---- */

/* A domain that is written as the whole key, as the source's table prints it, is read so only where
 * the plain reading finds nothing (form/judge.c). */
static bool key_for_domain(const struct form_schema *schema, struct str segment)
{
    struct buf twin;
    buf_init(&twin, KEY_MAX + KEY_SEGMENT_MAX + 1);
    buf_add(&twin, schema->workspace->key);
    buf_char(&twin, '-');
    buf_add(&twin, segment);
    bool found = directory_workspace(schema->directory, buf_str(&twin)) != NULL;
    buf_finish(&twin);
    return !found;
}

static void place_begin(struct writing *w, enum member member)
{
    const struct standing s = stand(w, member);
    name_add(w->buf, s.name);
    buf_char(w->buf, '{');
    captions_add(w->buf, &s);
    RAW(w->buf, "\"anyOf\":[{\"$ref\":\"#/$defs/blank\"},{\"enum\":[");
}

static void place_add(struct writing *w)
{
    struct buf *buf = w->buf;
    const struct workspace *workspace = w->schema->workspace;
    struct str domain = STR_NONE, segment = STR_NONE;
    (void)key_split(workspace->key, &domain, &segment);
    place_begin(w, MEMBER_DOMAIN_WORKSPACE);
    buf_json_string(buf, workspace->key);
    BUF_LIT(buf, "]}]}");
    place_begin(w, MEMBER_DOMAIN);
    buf_json_string(buf, domain);
    if (key_for_domain(w->schema, segment)) {
        buf_char(buf, ',');
        buf_json_string(buf, workspace->key);
    }
    BUF_LIT(buf, "]}]}");
    place_begin(w, MEMBER_WORKSPACE);
    buf_json_string(buf, segment);
    BUF_LIT(buf, "]}]}");
}

#define PRESENT(member)                                                                            \
    "{\"required\":[" member "],\"properties\":{" member ":{\"not\":{\"$ref\":\"#/$defs/"          \
    "blank\"}}}}"

static void place_demand(struct buf *buf)
{
    RAW(buf, "\"anyOf\":[" PRESENT("\"domainWorkSpace\"") ",{\"allOf\":[" PRESENT(
                 "\"domain\"") "," PRESENT("\"workspace\"") "]}]");
}

/* ---- what depends on the type ---- */

/* The fields that are not the same to both types. */
static bool partial(const struct writing *w, const struct standing *s)
{
    return s->types != 0 && s->types != w->types && !s->field->locked;
}

static void type_add(struct writing *w, enum task_type type)
{
    struct buf *buf = w->buf;
    size_t places = MEMBER_COUNT + w->form->custom_count;
    RAW(buf, "{\"if\":{\"properties\":{\"todoType\":{\"const\":");
    buf_json_string(buf, task_type_name(type));
    BUF_LIT(buf, "}}},\"then\":{\"properties\":{");
    for (size_t i = 0; i < places; i++) {
        const struct standing s = stand(w, i);
        bool own = (s.types & (1U << type)) != 0, taken = (s.taken & (1U << type)) != 0;
        if (!partial(w, &s) || (own && !s.demanded))
            continue;
        name_add(buf, s.name);
        if (taken && !own) { /* a page made of the schema leaves it out */
            BUF_LIT(buf, "{\"deprecated\":true}");
            continue;
        }
        buf_add(buf, own ? STR("{\"not\":{") : STR("{"));
        nothing_add(buf, s.field->kind);
        buf_add(buf, own ? STR("}}") : STR("}"));
    }
    buf_char(buf, '}');
    size_t before = buf->n, n = 0;
    RAW(buf, "\"required\":[");
    for (size_t i = 0; i < places; i++) {
        const struct standing s = stand(w, i);
        if (!partial(w, &s) || (s.types & (1U << type)) == 0 || !s.demanded)
            continue;
        next(buf);
        buf_json_string(buf, s.name);
        n++;
    }
    buf_char(buf, ']');
    if (n == 0)
        buf_cut(buf, before);
    BUF_LIT(buf, "}}");
}

/* ---- the whole ---- */

static unsigned types_made(const struct form *form)
{
    const struct form_field *field = &form->fields[MEMBER_TODO_TYPE];
    enum task_type type;
    return field->preset.kind == DRAFT_TEXT && task_type_read(field->preset.text, &type)
               ? 1U << type
               : FOR_BOTH;
}

static void properties_add(struct writing *w)
{
    struct buf *buf = w->buf;
    size_t places = MEMBER_COUNT + w->form->custom_count;
    RAW(buf, "\"properties\":{");
    for (size_t i = 0; i < places; i++) {
        if (i == MEMBER_DOMAIN_WORKSPACE)
            place_add(w);
        if (i >= MEMBER_COUNT || w->form->fields[i].kind != KIND_PLACE)
            field_add(w, i);
    }
    BUF_LIT(buf, "},\"required\":[");
    for (size_t i = 0; i < places; i++) {
        const struct standing s = stand(w, i);
        if (!s.demanded || s.types != w->types)
            continue;
        next(buf);
        buf_json_string(buf, s.name);
    }
    buf_char(buf, ']');
    if (w->form->refuses_unknown)
        RAW(buf, "\"additionalProperties\":false");
}

void buf_form_schema(struct buf *buf, const struct form_schema *schema)
{
    const struct form *form = schema->form;
    struct writing w = {.buf = buf, .schema = schema, .form = form, .types = types_made(form)};
    struct standing whole = {.title = label_pick(form->title, schema->language),
                             .description = label_pick(form->help, schema->language)};
    if (whole.title.p == NULL)
        whole.title = form->name;
    BUF_LIT(buf, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":");
    buf_json_string(buf, schema->id);
    captions_add(buf, &whole);
    RAW(buf, "\"type\":\"object\"");
    properties_add(&w);
    place_demand(buf);
    if (w.types == FOR_BOTH) {
        RAW(buf, "\"allOf\":[");
        type_add(&w, TASK_INCIDENT);
        type_add(&w, TASK_TASK);
        buf_char(buf, ']');
    }
    RAW(buf, "\"$defs\":{\"blank\":{\"anyOf\":[{\"type\":\"null\"},"
             "{\"type\":\"string\",\"pattern\":\"^[" INVISIBLE "]*$\"}]},"
             "\"blanks\":{\"anyOf\":[{\"$ref\":\"#/$defs/blank\"},{\"type\":\"array\","
             "\"maxItems\":100,\"items\":{\"$ref\":\"#/$defs/blank\"}}]}}}");
}
