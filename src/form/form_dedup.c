#include "form/form_work.h"

/* Members for the place of a report, and values that are not its own, do not show that two reports
 * are the same. */
static bool is_compared(enum member member)
{
    return member != MEMBER_DOMAIN_WORKSPACE && member != MEMBER_DOMAIN &&
           member != MEMBER_WORKSPACE && member != MEMBER_STATUS;
}

/* Each name as records have it; adds a fault for an unknown name. */
static void dedup_by(struct work *work, const struct json *json)
{
    struct form_dedup *dedup = &work->form->dedup;
    if (!work_texts(work, json, FORM_DEDUP_MAX, &dedup->by, NULL))
        return;
    struct str *names = ARENA_ARRAY(work->arena, struct str, dedup->by.n);
    if (names == NULL) {
        (void)work_no_memory(work);
        return;
    }
    for (size_t i = 0; i < dedup->by.n; i++) {
        enum member member;
        struct str name = dedup->by.items[i];
        const struct form_custom *custom = form_custom(work->form, name);
        if (custom != NULL)
            names[i] = custom->name;
        else if (member_read(name, &member) && is_compared(member))
            names[i] = member_name(member);
        else
            fault_add(work->faults, json->name, i, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                      "\"%.*s\" is not a field of this form, nor a member that can be compared.",
                      STR_ARG(fault_excerpt(name)));
    }
    dedup->by.items = names;
}

static void dedup_then(struct work *work, const struct json *json)
{
    static const struct str words[] = {STR_INIT("answer"), STR_INIT("occurrence"),
                                       STR_INIT("refuse")};
    static const enum dedup_then meanings[] = {DEDUP_ANSWER, DEDUP_OCCURRENCE, DEDUP_REFUSE};
    size_t word;
    if (work_word(work, json, (struct str_list){words, 3}, &word))
        work->form->dedup.then = meanings[word];
}

static void dedup_sources(struct work *work, const struct json *json)
{
    (void)work_truth(work, json, &work->form->dedup.across_sources);
}

/* The first so many must be there. */
enum { MEMBERS_NEEDED = 2 };

static const struct work_member members[] = {
    {STR_INIT("by"), dedup_by},
    {STR_INIT("then"), dedup_then},
    {STR_INIT("acrossSources"), dedup_sources},
};

void work_dedup(struct work *work, const struct json *json)
{
    if (json->kind != JSON_OBJECT) {
        WRONG(work, json->name, WRONG_TYPE,
              "dedup must be an object with \"by\", \"then\" and optionally \"acrossSources\".");
        return;
    }
    work->faults->base = STR("/dedup");
    work_members(work, json, "dedup", members, sizeof members / sizeof members[0]);
    for (size_t i = 0; i < MEMBERS_NEEDED; i++)
        if (json_member(json, members[i].name) == NULL)
            WRONG(work, members[i].name, REQUIRED, "dedup needs \"%.*s\".",
                  STR_ARG(members[i].name));
    work->faults->base = STR_NONE;
}
