#include "form/form_work.h"
#include "form/pattern.h"
#include "model/email.h"

enum {
    NAME_LENGTH_MAX = 63,
    ACCOUNTS_MAX = 1000,
    INVITES_MAX = 100,
    GIVEN_WORK_MAX = 1000000, /* units (form/pattern.h): a report may have all of them */
    TREE_MAX = 64 * FORM_DOCUMENT_MAX
};

static void form_fields(struct work *work, const struct json *json)
{
    if (json->kind != JSON_LIST || json->n > MEMBER_COUNT + FORM_CUSTOM_MAX) {
        WRONG(work, json->name, WRONG_TYPE, "fields must be a list of at most %d objects.",
              MEMBER_COUNT + FORM_CUSTOM_MAX);
        return;
    }
    work->customs = ARENA_ARRAY(work->arena, struct form_custom, json->n);
    work->captions = ARENA_ARRAY(work->arena, struct form_caption, MEMBER_COUNT + json->n);
    work->slots = ARENA_ARRAY(work->arena, uint8_t, FORM_NAME_SLOTS);
    if (work->customs == NULL || work->captions == NULL || work->slots == NULL) {
        (void)work_no_memory(work);
        return;
    }
    work->form->customs = work->customs;
    work->form->captions = work->captions;
    work->form->slots = work->slots;
    size_t i = 0;
    for (const struct json *item = json->first; item != NULL; item = item->next, i++) {
        work->faults->base = arena_printf(work->faults->arena, "/fields/%zu", i);
        if (work->form->custom_count == FORM_CUSTOM_MAX) {
            WRONG(work, STR_NONE, TOO_MANY, "A form can add at most %d fields.", FORM_CUSTOM_MAX);
            break;
        }
        work_field(work, item);
    }
    work->faults->base = STR_NONE;
}

static void form_type(struct work *work, const struct json *json)
{
    struct form_field *field = &work->form->fields[MEMBER_TODO_TYPE];
    size_t word;
    struct str *fixed = ARENA_NEW(work->arena, struct str);
    if (fixed == NULL)
        (void)work_no_memory(work);
    else if (work_word(work, json, task_type_names(), &word)) {
        *fixed = task_type_names().items[word];
        field->preset = (struct draft_value){.kind = DRAFT_TEXT, .text = *fixed};
        field->options = (struct str_list){fixed, 1};
    }
}

static void form_unknown(struct work *work, const struct json *json)
{
    static const struct str words[] = {STR_INIT("keep"), STR_INIT("refuse")};
    size_t word;
    if (work_word(work, json, (struct str_list){words, 2}, &word))
        work->form->refuses_unknown = word == 1;
}

static void form_other_type(struct work *work, const struct json *json)
{
    static const struct str words[] = {STR_INIT("accept"), STR_INIT("refuse")};
    size_t word;
    if (work_word(work, json, (struct str_list){words, 2}, &word))
        work->form->refuses_other_type = word == 1;
}

static void form_accounts(struct work *work, const struct json *json)
{
    if (!work_texts(work, json, ACCOUNTS_MAX, &work->form->accounts, NULL) ||
        work->place->directory == NULL)
        return;
    for (size_t i = 0; i < work->form->accounts.n; i++)
        if (directory_account(work->place->directory, work->form->accounts.items[i]) == NULL)
            fault_add(work->faults, json->name, i, FAULT_UNKNOWN_PERSON, NO_OPTIONS,
                      "\"%.*s\" is neither the e-mail address of a person nor the id of a client.",
                      STR_ARG(fault_excerpt(work->form->accounts.items[i])));
}

static void form_name(struct work *work, const struct json *json)
{
    if (json->kind != JSON_TEXT || !str_eq(json->text, work->place->name))
        WRONG(work, json->name, MISMATCH,
              "The name must be %.*s, as in the address; or leave name out.",
              STR_ARG(work->place->name));
}

static void form_truth(struct work *work, const struct json *json)
{
    (void)work_truth(work, json,
                     str_eq(json->name, STR("disabled")) ? &work->form->disabled
                                                         : &work->form->is_default);
}

/* Read at the end: it names fields. */
static void form_later(struct work *work, const struct json *json)
{
    (void)work;
    (void)json;
}

static void form_label(struct work *work, const struct json *json)
{
    work_label(work, json,
               str_eq(json->name, STR("title")) ? &work->form->title : &work->form->help);
}

/* "refuse", or an object with the mail domains of those who are invited. */
static void form_unknown_reporter(struct work *work, const struct json *json)
{
    static const struct str words[] = {STR_INIT("refuse")};
    size_t word;
    const struct json *domains = json_member(json, STR("invite"));
    struct str_list *invites = &work->form->invites;
    if (json->kind != JSON_OBJECT) {
        (void)work_word(work, json, (struct str_list){words, 1}, &word);
    } else if (domains == NULL || json->n != 1) {
        WRONG(work, json->name, WRONG_TYPE,
              "%.*s must be \"refuse\", or an object with only \"invite\", a list of mail domains.",
              STR_ARG(json->name));
    } else {
        work->faults->base = STR("/unknownReporter");
        if (work_texts(work, domains, INVITES_MAX, invites, NULL))
            for (size_t i = 0; i < invites->n; i++)
                if (!email_domain_valid(invites->items[i]))
                    fault_add(work->faults, domains->name, i, FAULT_NOT_AN_EMAIL, NO_OPTIONS,
                              "\"%.*s\" is not a mail domain; use the part after the @ of an "
                              "address, such as example.com.",
                              STR_ARG(fault_excerpt(invites->items[i])));
        work->faults->base = STR_NONE;
    }
}

static const struct work_member form_members[] = {
    {STR_INIT("name"), form_name},
    {STR_INIT("title"), form_label},
    {STR_INIT("help"), form_label},
    {STR_INIT("default"), form_truth},
    {STR_INIT("disabled"), form_truth},
    {STR_INIT("todoType"), form_type},
    {STR_INIT("accounts"), form_accounts},
    {STR_INIT("unknownMembers"), form_unknown},
    {STR_INIT("otherType"), form_other_type},
    {STR_INIT("unknownReporter"), form_unknown_reporter},
    {STR_INIT("fields"), form_fields},
    {STR_INIT("dedup"), form_later},
    {STR_INIT("needToClose"), form_later},
    {STR_INIT("confirmClose"), work_confirm_close},
};

static void read_form(struct work *work, const struct json *root)
{
    work_members(work, root, "a form", form_members, sizeof form_members / sizeof form_members[0]);
    const struct json *dedup = json_member(root, STR("dedup"));
    if (dedup != NULL)
        work_dedup(work, dedup);
    const struct json *needed = json_member(root, STR("needToClose"));
    if (needed != NULL)
        work_need_to_close(work, needed);
    if (work->form->disabled && work->form->is_default)
        WRONG(work, STR("disabled"), MISMATCH,
              "The default form cannot be disabled; make another one the default first.");
}

enum err form_read(struct op *op, struct arena *arena, struct str document,
                   const struct form_place *place, struct faults *faults, struct form *ret_form)
{
    struct form form = form_default;
    struct work work = {.op = op,
                        .arena = arena,
                        .place = place,
                        .faults = faults,
                        .form = &form,
                        .given_work = GIVEN_WORK_MAX};
    struct arena tree;
    const struct json *root;
    pattern_allow(op, FORM_WORK_MAX);
    arena_init(&tree, TREE_MAX);
    enum err err = json_read(op, &tree, document, &root);
    if (err == ERR_OK && root->kind != JSON_OBJECT)
        err = op_fail(op, ERR_SYNTAX, "line 1, column 1: a form must be an object, not %.*s",
                      STR_ARG(json_kind_name(root->kind)));
    if (err == ERR_OK) {
        form.name = arena_str(arena, place->name);
        form.version = place->version;
        read_form(&work, root);
        err = form.name.p == NULL ? ERR_MEMORY : faults->err;
    }
    arena_finish(&tree);
    if (err == ERR_OK && faults->n > 0)
        err = ERR_INVALID;
    if (err == ERR_OK)
        *ret_form = form;
    return err;
}

bool form_name_valid(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!(name.p[i] >= 'a' && name.p[i] <= 'z') && !ascii_digit(name.p[i]) &&
            (name.p[i] != '-' || i == 0))
            return false;
    return name.n > 0 && name.n <= NAME_LENGTH_MAX;
}
