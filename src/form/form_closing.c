#include "form/form_work.h"
#include "model/money.h"
#include "model/task_field.h"

enum { NEEDED_MAX = 50 };

/* A member or a field as records have it; absent for a name that is neither. */
static struct str needed_name(const struct form *form, struct str name)
{
    enum member member;
    const struct form_custom *custom = form_custom(form, name);
    if (custom != NULL)
        return custom->name;
    if (str_eq_case(name, STR("cause")))
        return STR("cause");
    return member_read(name, &member) && task_field_named(member_name(member)) != NULL
               ? member_name(member)
               : STR_NONE;
}

void work_need_to_close(struct work *work, const struct json *json)
{
    struct str_list *needed = &work->form->need_to_close;
    if (!work_texts(work, json, NEEDED_MAX, needed, NULL))
        return;
    struct str *names = ARENA_ARRAY(work->arena, struct str, needed->n);
    if (names == NULL) {
        (void)work_no_memory(work);
        return;
    }
    for (size_t i = 0; i < needed->n; i++) {
        names[i] = needed_name(work->form, needed->items[i]);
        if (names[i].p == NULL)
            fault_add(work->faults, json->name, i, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                      "\"%.*s\" is not a field of this form, nor a member of a record.",
                      STR_ARG(fault_excerpt(needed->items[i])));
    }
    needed->items = names;
}

/* ---- the second person ---- */

static void confirm_amount(struct work *work, const struct json *json)
{
    struct form_confirm *confirm = &work->form->confirm;
    enum fault_code code;
    confirm->by_amount = json->kind == JSON_NUMBER
                             ? money_of_number(json->number, &confirm->amount, &code)
                             : money_read(json_text(json), &confirm->amount, &code);
    if (!confirm->by_amount)
        WRONG(work, json->name, NOT_A_NUMBER,
              "financialImpact must be an amount in euros, such as \"10000\" or \"10000.50\".");
}

static void confirm_priority(struct work *work, const struct json *json)
{
    struct str_list names;
    enum level level;
    if (!work_texts(work, json, 3, &names, NULL))
        return;
    for (size_t i = 0; i < names.n; i++)
        if (level_read(names.items[i], &level))
            work->form->confirm.priorities |= 1U << level;
        else
            fault_add(work->faults, json->name, i, FAULT_NOT_AN_OPTION, level_names(),
                      "\"%.*s\" is not a priority.", STR_ARG(fault_excerpt(names.items[i])));
}

static const struct work_member members[] = {
    {STR_INIT("financialImpact"), confirm_amount},
    {STR_INIT("priority"), confirm_priority},
};

/* "always", or an object that says of which records. */
void work_confirm_close(struct work *work, const struct json *json)
{
    static const struct str words[] = {STR_INIT("always")};
    size_t word;
    if (json->kind != JSON_OBJECT) {
        work->form->confirm.always = work_word(work, json, (struct str_list){words, 1}, &word);
        return;
    }
    if (json->n == 0)
        WRONG(work, json->name, REQUIRED,
              "confirmClose must be \"always\", or an object with \"financialImpact\", "
              "\"priority\" or both.");
    work->faults->base = STR("/confirmClose");
    work_members(work, json, "confirmClose", members, sizeof members / sizeof members[0]);
    work->faults->base = STR_NONE;
}
