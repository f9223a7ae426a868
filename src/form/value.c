#include "form/value.h"

#include "form/customs.h"
#include "form/invite.h"
#include "form/pattern.h"
#include "model/email.h"
#include "model/money.h"

enum { RELATIVE_DAYS_MAX = 3650, NUMBER_LENGTH_MAX = 40 };

/* How far occurredAt may lie from now, in milliseconds. */
static const int64_t PAST_MAX = INT64_C(30) * 24 * 60 * 60 * 1000;
static const int64_t FUTURE_MAX = INT64_C(5) * 60 * 1000;

/* ---- what counts as absent ---- */

static bool single_absent(const struct draft_value *value)
{
    if (value->kind == DRAFT_TEXT)
        return !utf8_visible(value->text);
    return value->kind == DRAFT_ABSENT || value->kind == DRAFT_NULL;
}

bool value_absent(const struct draft_value *value, enum kind kind)
{
    if (kind != KIND_TEXTS || value->kind != DRAFT_LIST)
        return single_absent(value);
    for (size_t i = 0; i < value->n; i++)
        if (i == DRAFT_ITEMS_MAX || !single_absent(&value->items[i]))
            return false;
    return true;
}

/* ---- one reader per kind: `value` is not absent, `field` is where it goes ---- */

static void wrong_type(struct reading *reading, size_t index, const char *wanted,
                       struct str_list allowed)
{
    VALUE_FAULT_AT(reading, index, WRONG_TYPE, allowed, "must be %s.", wanted);
}

static void not_an_option(struct reading *reading, size_t index, const struct draft_value *value)
{
    struct str_list allowed = value_options(reading->field);
    if (value->kind != DRAFT_TEXT)
        wrong_type(reading, index, "one of the allowed texts", allowed);
    else
        VALUE_FAULT_AT(reading, index, NOT_AN_OPTION, allowed,
                       "cannot be \"%.*s\"; \"allowed\" lists the valid values.",
                       STR_ARG(fault_excerpt(value->text)));
}

struct str value_option(struct str_list options, struct str text)
{
    for (size_t i = 0; i < options.n; i++)
        if (str_eq_case(options.items[i], text))
            return options.items[i];
    return STR_NONE;
}

struct str value_shown_option(struct str_list options)
{
    for (size_t i = 0; i < options.n; i++)
        if (utf8_visible(options.items[i]))
            return options.items[i];
    return STR_NONE;
}

/* One of the few words of a kind, of which the form may allow but some. */
static bool allows(const struct reading *reading, struct str word)
{
    return reading->field->options.n == 0 || value_option(reading->field->options, word).p != NULL;
}

static void read_type(struct reading *reading, const struct draft_value *value, void *ret_type)
{
    enum task_type type;
    if (value->kind == DRAFT_TEXT && task_type_read(value->text, &type) &&
        allows(reading, task_type_name(type)))
        *(enum task_type *)ret_type = type;
    else
        not_an_option(reading, FAULT_WHOLE, value);
}

static void read_status(struct reading *reading, const struct draft_value *value, void *ret_status)
{
    enum task_status status;
    if (value->kind == DRAFT_TEXT && task_status_read(value->text, &status) &&
        allows(reading, task_status_name(status)))
        *(enum task_status *)ret_status = status;
    else
        not_an_option(reading, FAULT_WHOLE, value);
}

static void read_level(struct reading *reading, const struct draft_value *value, void *ret_level)
{
    enum level level;
    if (value->kind == DRAFT_TEXT && level_read(value->text, &level) &&
        allows(reading, level_name(level)))
        *(enum level *)ret_level = level;
    else
        not_an_option(reading, FAULT_WHOLE, value);
}

static const struct {
    bool (*well_formed)(struct str text);
    const char *wanted;
} references[] = {
    [REFERENCE_LRN] = {lrn_well_formed, "an LRN: 1 to 22 characters without blanks"},
    [REFERENCE_MRN] = {mrn_well_formed, "an MRN: 18 capitals and digits, such as "
                                        "24NL000396A1B2C3D4; the last is its check digit"},
    [REFERENCE_OFFICE] = {office_well_formed,
                          "a customs office: 8 capitals and digits, such as NL000396"},
};

/* Adds a fault or a warning if it is not well-formed. */
static bool check_reference(struct reading *reading, size_t index, struct str text)
{
    const struct form_field *field = reading->field;
    if (field->reference == REFERENCE_NONE || references[field->reference].well_formed(text))
        return true;
    struct faults *told = field->reference_warns ? reading->warnings : reading->faults;
    if (told != NULL)
        fault_add(told, reading->sent, index, FAULT_NOT_A_REFERENCE, NO_OPTIONS, "%.*s is not %s.",
                  STR_ARG(reading->name), references[field->reference].wanted);
    return field->reference_warns;
}

static bool check_pattern(struct reading *reading, size_t index, struct str text)
{
    const struct pattern *pattern = reading->field->pattern;
    if (pattern == NULL)
        return true;
    enum pattern_verdict verdict =
        reading->costly ? PATTERN_TOO_COSTLY : pattern_match(reading->op, pattern, text);
    reading->costly = verdict == PATTERN_TOO_COSTLY;
    if (verdict == PATTERN_NO)
        VALUE_FAULT_AT(reading, index, PATTERN, NO_OPTIONS,
                       "does not match the form's pattern %.*s.", STR_ARG(pattern_text(pattern)));
    else if (verdict == PATTERN_TOO_COSTLY)
        VALUE_FAULT_AT(reading, index, TOO_COSTLY, NO_OPTIONS,
                       "takes too long to check against the form's pattern %.*s; shorten it.",
                       STR_ARG(pattern_text(pattern)));
    return verdict == PATTERN_YES;
}

/* Free text is kept as it was written. All other texts are identifiers, and systems that store them
 * in fields of a fixed width send them padded with blanks. */
static bool identifies(const struct form_field *field)
{
    return field->kind != KIND_TEXT || field->identifier || field->tag || field->options.n > 0 ||
           field->reference != REFERENCE_NONE;
}

/* The text, or the digits of an identifier that was sent as a number; false after a fault. Beyond
 * 2^53 a sender that counts in doubles has lost digits already. */
static bool take_text(struct reading *reading, size_t index, const struct draft_value *value,
                      const char *wanted, struct str *ret_text)
{
    const struct form_field *field = reading->field;
    uint64_t number;
    if (value->kind == DRAFT_TEXT) {
        *ret_text = identifies(field) ? utf8_trim(value->text) : value->text;
        return true;
    }
    if (value->kind != DRAFT_NUMBER || !field->identifier) {
        wrong_type(reading, index, wanted, field->options);
    } else if (!str_to_u64(value->text, IDENTIFIER_NUMBER_MAX, &number)) {
        VALUE_FAULT_AT(
            reading, index, WRONG_TYPE, NO_OPTIONS,
            "is an identifier, and the number %.*s may have lost digits: a number must be "
            "whole, from 0 to %lld, without an exponent. Put it in quotes.",
            STR_ARG(fault_excerpt(value->text)), (long long)IDENTIFIER_NUMBER_MAX);
    } else {
        *ret_text = value->text;
        return true;
    }
    return false;
}

/* A text within the bounds of the form; false after a fault. */
static bool check_text(struct reading *reading, size_t index, const struct draft_value *value,
                       const char *wanted, struct str *ret_text)
{
    const struct form_field *field = reading->field;
    size_t max = field->length_max;
    struct str text, option;
    if (!take_text(reading, index, value, wanted, &text))
        return false;
    /* A text has at most as many characters as bytes. */
    size_t n = text.n <= max ? text.n : utf8_length(text);
    if (n > max) {
        VALUE_FAULT_AT(reading, index, TOO_LONG, NO_OPTIONS,
                       "has %zu characters; at most %zu are allowed.", n, max);
        return false;
    }
    if (field->options.n > 0) {
        option = value_option(field->options, text);
        if (option.p == NULL) {
            not_an_option(reading, index, value);
            return false;
        }
        text = option;
    }
    if (!check_pattern(reading, index, text) || !check_reference(reading, index, text))
        return false;
    *ret_text = text;
    return true;
}

static void read_text(struct reading *reading, const struct draft_value *value, void *ret_text)
{
    (void)check_text(reading, FAULT_WHOLE, value, "a text", ret_text);
}

static void read_texts(struct reading *reading, const struct draft_value *value, void *ret_texts)
{
    static const char wanted[] = "a text or a list of texts";
    bool list = value->kind == DRAFT_LIST;
    const struct draft_value *items = list ? value->items : value;
    size_t n = list ? value->n : 1, max = reading->field->items_max, kept = 0;
    if (n > max) {
        VALUE_FAULT(reading, TOO_MANY, "has %zu elements; at most %zu are allowed.", n, max);
        return;
    }
    struct str *texts = ARENA_ARRAY(reading->op->arena, struct str, n);
    if (texts == NULL) {
        reading->faults->err = ERR_MEMORY;
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (!single_absent(&items[i]) &&
            check_text(reading, list ? i : FAULT_WHOLE, &items[i], wanted, &texts[kept]))
            kept++;
    *(struct str_list *)ret_texts = (struct str_list){texts, kept};
}

static void read_money(struct reading *reading, const struct draft_value *value, void *ret_cents)
{
    static const char *const details[] = {
        [FAULT_NOT_A_NUMBER] = ("must be a plain number of euros such as 123577 or \"123577.50\", "
                                "without sign, blank, separator or exponent."),
        [FAULT_NEGATIVE] = "must not be negative.",
        [FAULT_TOO_PRECISE] = "must have at most two decimals.",
        [FAULT_TOO_LARGE] = "must be at most 10 000 000 000 000.",
    };
    enum fault_code code = FAULT_NOT_A_NUMBER;
    if (value->kind != DRAFT_TEXT && value->kind != DRAFT_NUMBER)
        wrong_type(reading, FAULT_WHOLE, "a number, or a text that holds one", NO_OPTIONS);
    else if (value->kind == DRAFT_TEXT ? !money_read(value->text, ret_cents, &code)
                                       : !money_of_number(value->number, ret_cents, &code))
        fault_add(reading->faults, reading->sent, FAULT_WHOLE, code, NO_OPTIONS, "%.*s %s",
                  STR_ARG(reading->name), details[code]);
}

/* Is it somebody who is invited with this report? Then it is judged again once that is done. */
static enum invite person_invited(struct reading *reading, struct str email)
{
    if (reading->invited.p != NULL && email_same(reading->invited, email))
        return INVITE_ALLOWED;
    if (reading->inviting == NULL)
        return INVITE_NOBODY;
    enum invite invite =
        invite_judge(reading->inviting, reading->directory, reading->workspace->domain, email);
    if (invite != INVITE_ALLOWED)
        return invite;
    reading->invited = email;
    if (reading->warnings != NULL)
        fault_add(reading->warnings, reading->sent, FAULT_WHOLE, FAULT_UNKNOWN_PERSON, NO_OPTIONS,
                  "%.*s is new to this domain; this report gives them the viewer role.",
                  STR_ARG(reading->name));
    return INVITE_ALLOWED;
}

static void read_person(struct reading *reading, const struct draft_value *value, void *ret_id)
{
    if (value->kind != DRAFT_TEXT) {
        wrong_type(reading, FAULT_WHOLE, "the e-mail address of a person, as a text", NO_OPTIONS);
        return;
    }
    if (reading->workspace == NULL)
        return;
    const struct account *account = directory_account(reading->directory, value->text);
    if (account != NULL &&
        directory_knows(reading->directory, account, reading->workspace->domain)) {
        *(int64_t *)ret_id = account->id;
        return;
    }
    switch (person_invited(reading, value->text)) {
    case INVITE_ALLOWED:
        break;
    case INVITE_NOBODY:
        fault_add(reading->faults, reading->sent, FAULT_WHOLE, FAULT_UNKNOWN_PERSON, NO_OPTIONS,
                  "\"%.*s\" has no role in this domain. Ask a manager to add them.",
                  STR_ARG(fault_excerpt(value->text)));
        break;
    case INVITE_BY_ADMIN:
        fault_add(reading->faults, reading->sent, FAULT_WHOLE, FAULT_UNKNOWN_PERSON, NO_OPTIONS,
                  "\"%.*s\" already has an account but no role in this domain, and the form "
                  "cannot add them. Ask an admin to give them a role.",
                  STR_ARG(fault_excerpt(value->text)));
        break;
    }
}

int32_t value_local_date(const struct reading *reading, int64_t time)
{
    const struct workspace *workspace = reading->workspace;
    return workspace == NULL || workspace->zone == NULL ? date_of_time(time)
                                                        : zone_date(workspace->zone, time);
}

/* "+14d": so many days after the day of the report. Only a form's default is that. */
static bool relative_date_read(struct str text, uint64_t *ret_days)
{
    return text.n > 2 && text.p[0] == '+' && text.p[text.n - 1] == 'd' &&
           str_to_u64(str_sub(text, 1, text.n - 2), RELATIVE_DAYS_MAX, ret_days);
}

static void read_date(struct reading *reading, const struct draft_value *value, void *ret_date)
{
    int64_t time;
    uint64_t days;
    if (value->kind != DRAFT_TEXT)
        wrong_type(reading, FAULT_WHOLE, "a date, as a text", NO_OPTIONS);
    else if (time_read_loosely(value->text, &time))
        *(int32_t *)ret_date = value_local_date(reading, time);
    else if (reading->preset && relative_date_read(value->text, &days))
        *(int32_t *)ret_date = value_local_date(reading, reading->op->now) + (int32_t)days;
    else if (!date_read(value->text, ret_date))
        VALUE_FAULT(reading, NOT_A_DATE,
                    "must be a day that exists, such as 2024-09-27, or a time with its zone (RFC "
                    "3339).");
}

static void read_time(struct reading *reading, const struct draft_value *value, void *ret_time)
{
    int64_t time, now = reading->op->now;
    if (value->kind != DRAFT_TEXT)
        wrong_type(reading, FAULT_WHOLE, "a time, as a text", NO_OPTIONS);
    else if (!time_read_loosely(value->text, &time))
        VALUE_FAULT(reading, NOT_A_TIME,
                    "must be a time with its zone (RFC 3339), such as 2024-09-27T08:30:00Z.");
    else if (time < now - PAST_MAX)
        VALUE_FAULT(reading, TOO_OLD, "must not be more than 30 days ago.");
    else if (time > now + FUTURE_MAX)
        VALUE_FAULT(reading, IN_THE_FUTURE, "must not be more than 5 minutes ahead.");
    else
        *(int64_t *)ret_time = time;
}

/* "-12.5": what JSON takes for a number too, but for an exponent. */
static bool is_number(struct str text)
{
    size_t i = text.n > 0 && text.p[0] == '-' ? 1 : 0, whole = i, digits = 0;
    while (i < text.n && ascii_digit(text.p[i]))
        i++;
    if (i == whole || (text.p[whole] == '0' && i > whole + 1))
        return false;
    if (i == text.n)
        return true;
    for (size_t k = i + 1; k < text.n && ascii_digit(text.p[k]); k++)
        digits++;
    return text.p[i] == '.' && digits > 0 && i + 1 + digits == text.n;
}

static void read_number(struct reading *reading, const struct draft_value *value, void *ret_text)
{
    if (value->kind != DRAFT_NUMBER && value->kind != DRAFT_TEXT)
        wrong_type(reading, FAULT_WHOLE, "a number, or a text that holds one", NO_OPTIONS);
    else if (value->kind == DRAFT_TEXT && !is_number(value->text))
        VALUE_FAULT(reading, NOT_A_NUMBER,
                    "must be a plain number such as 12 or \"-12.5\": no blank, separator or "
                    "exponent.");
    else if (value->text.n > NUMBER_LENGTH_MAX)
        VALUE_FAULT(reading, TOO_LONG, "has %zu characters; at most %d are allowed.", value->text.n,
                    NUMBER_LENGTH_MAX);
    else
        *(struct str *)ret_text = value->text;
}

static void read_email(struct reading *reading, const struct draft_value *value, void *ret_text)
{
    struct str text;
    if (!check_text(reading, FAULT_WHOLE, value, "an e-mail address, as a text", &text))
        return;
    if (!email_valid(text))
        VALUE_FAULT(reading, NOT_AN_EMAIL, "must be an e-mail address.");
    else
        *(struct str *)ret_text = text;
}

static void read_bool(struct reading *reading, const struct draft_value *value, void *ret_truth)
{
    static const struct str words[] = {STR_INIT("false"), STR_INIT("true"), STR_INIT("no"),
                                       STR_INIT("yes")};
    size_t i = 0;
    while (value->kind == DRAFT_TEXT && i < 4 && !str_eq_case(value->text, words[i]))
        i++;
    if (value->kind == DRAFT_BOOL)
        *(bool *)ret_truth = value->truth;
    else if (value->kind == DRAFT_TEXT && i < 4)
        *(bool *)ret_truth = i % 2 == 1;
    else
        wrong_type(reading, FAULT_WHOLE, "true or false", NO_OPTIONS);
}

static void (*const readers[])(struct reading *reading, const struct draft_value *value,
                               void *ret_value) = {
    [KIND_TYPE] = read_type,     [KIND_TEXT] = read_text,   [KIND_TEXTS] = read_texts,
    [KIND_MONEY] = read_money,   [KIND_LEVEL] = read_level, [KIND_STATUS] = read_status,
    [KIND_PERSON] = read_person, [KIND_DATE] = read_date,   [KIND_TIME] = read_time,
    [KIND_NUMBER] = read_number, [KIND_EMAIL] = read_email, [KIND_BOOL] = read_bool,
};

void value_read(struct reading *reading, const struct draft_value *value, void *ret_value)
{
    enum kind kind = reading->field->kind;
    struct draft_value bare = *value;
    if (value->kind == DRAFT_TEXT && kind != KIND_TEXT)
        bare.text = utf8_trim(value->text);
    readers[kind](reading, &bare, ret_value);
}

struct str_list value_options(const struct form_field *field)
{
    if (field->options.n > 0)
        return field->options;
    if (field->kind == KIND_TYPE)
        return task_type_names();
    if (field->kind == KIND_STATUS)
        return task_status_names();
    return field->kind == KIND_LEVEL ? level_names() : NO_OPTIONS;
}
