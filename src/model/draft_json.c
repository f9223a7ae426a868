#include "model/draft_json.h"

/* The first elements; the rest is counted. Lists in lists are right nowhere and not looked into. */
static enum err decode_list(struct arena *arena, const struct json *json, struct draft_value *value)
{
    value->kind = DRAFT_LIST;
    value->n = json->n;
    size_t kept = value->n < DRAFT_ITEMS_MAX ? value->n : DRAFT_ITEMS_MAX;
    struct draft_value *items = ARENA_ARRAY(arena, struct draft_value, kept);
    if (items == NULL)
        return ERR_MEMORY;
    const struct json *element = json->first;
    for (size_t i = 0; i < kept; i++, element = element->next) {
        enum err err = ERR_OK;
        if (element->kind == JSON_LIST)
            items[i].kind = DRAFT_OTHER;
        else
            err = draft_value_read(arena, element, &items[i]);
        if (err != ERR_OK)
            return err;
    }
    value->items = items;
    return ERR_OK;
}

enum err draft_value_read(struct arena *arena, const struct json *json, struct draft_value *value)
{
    switch (json->kind) {
    case JSON_NULL:
        value->kind = DRAFT_NULL;
        return ERR_OK;
    case JSON_TEXT:
        value->kind = DRAFT_TEXT;
        return arena_copy(arena, json->text, &value->text);
    case JSON_NUMBER:
        value->kind = DRAFT_NUMBER;
        value->number = json->number;
        return arena_copy(arena, json->raw, &value->text);
    case JSON_LIST:
        return decode_list(arena, json, value);
    case JSON_BOOL:
        value->kind = DRAFT_BOOL;
        value->truth = str_eq(json->raw, STR("true"));
        return ERR_OK;
    case JSON_OBJECT:
        break;
    }
    value->kind = DRAFT_OTHER;
    return ERR_OK;
}

/* ---- records ---- */

enum {
    TREE_MAX = 64 * 1024 * 1024, /* more than a body of the greatest size can need */
    INSIDE_MAX = 100,            /* members of an object that are looked at */
};

/* What is gathered beside the members of the source; the arrays have room for all members. */
struct rest {
    size_t member_count;
    struct draft_other *others;
    struct draft_repeat *repeats;
};

uint32_t task_members_inside(const struct json *object)
{
    _Static_assert(MEMBER_COUNT <= 32, "a bit for each member");
    uint32_t members = 0;
    enum member member;
    size_t left = INSIDE_MAX;
    const struct json *m = object->kind == JSON_OBJECT ? object->first : NULL;
    for (; m != NULL && left > 0; m = m->next, left--)
        if (member_read(m->name, &member))
            members |= UINT32_C(1) << member;
    return members;
}

static enum err decode_other(struct op *op, const struct json *member, struct rest *rest,
                             struct task_draft *draft)
{
    if (rest->others == NULL)
        rest->others = ARENA_ARRAY(op->arena, struct draft_other, rest->member_count);
    if (rest->others == NULL)
        return ERR_MEMORY;
    struct draft_other *other = &rest->others[draft->other_count];
    struct buf json;
    buf_init(&json, member->raw_name.n + member->raw.n + 1);
    buf_add(&json, member->raw_name);
    buf_char(&json, ':');
    buf_json_compact(&json, member->raw);
    enum err err = buf_err(&json);
    if (err == ERR_OK)
        err = arena_copy(op->arena, buf_str(&json), &other->json);
    if (err == ERR_OK)
        err = arena_copy(op->arena, member->name, &other->value.name);
    buf_finish(&json);
    if (err == ERR_OK)
        err = draft_value_read(op->arena, member, &other->value);
    other->members = task_members_inside(member);
    draft->others = rest->others;
    draft->other_count++;
    return err;
}

static enum err decode_repeat(struct op *op, enum member member, struct str name, struct rest *rest,
                              struct task_draft *draft)
{
    if (rest->repeats == NULL)
        rest->repeats = ARENA_ARRAY(op->arena, struct draft_repeat, rest->member_count);
    if (rest->repeats == NULL)
        return ERR_MEMORY;
    struct draft_repeat *repeat = &rest->repeats[draft->repeat_count];
    enum err err = arena_copy(op->arena, name, &repeat->name);
    if (err != ERR_OK)
        return err;
    repeat->member = member;
    draft->repeats = rest->repeats;
    draft->repeat_count++;
    return ERR_OK;
}

static enum err decode_member(struct op *op, const struct json *json, struct rest *rest,
                              struct task_draft *draft)
{
    enum member member;
    if (!member_read(json->name, &member))
        return decode_other(op, json, rest, draft);
    struct draft_value *value = &draft->members[member];
    if (value->kind != DRAFT_ABSENT)
        return decode_repeat(op, member, json->name, rest, draft);
    enum err err = ERR_OK;
    if (str_eq(json->name, member_name(member)))
        value->name = member_name(member);
    else
        err = arena_copy(op->arena, json->name, &value->name);
    return err == ERR_OK ? draft_value_read(op->arena, json, value) : err;
}

enum err task_decode_json(struct op *op, const struct json *json, struct task_draft *ret_draft)
{
    if (json->kind != JSON_OBJECT)
        return ERR_SYNTAX;
    struct task_draft draft = {0};
    struct rest rest = {.member_count = json->n};
    enum err err = ERR_OK;
    for (const struct json *m = json->first; err == ERR_OK && m != NULL; m = m->next)
        err = decode_member(op, m, &rest, &draft);
    if (err == ERR_OK)
        *ret_draft = draft;
    return err;
}

/* A patch names what it changes of `extra` as records show it, inside "extra", or like a report,
 * beside the other members. */
static enum err decode_patch(struct op *op, const struct json *json, struct task_draft *ret_draft)
{
    if (json->kind != JSON_OBJECT)
        return ERR_SYNTAX;
    struct task_draft draft = {0};
    const struct json *extra = json->first;
    while (extra != NULL && (extra->kind != JSON_OBJECT || !str_eq_case(extra->name, STR("extra"))))
        extra = extra->next;
    struct rest rest = {.member_count = json->n + (extra == NULL ? 0 : extra->n)};
    enum err err = extra == NULL ? ERR_OK : arena_copy(op->arena, extra->name, &draft.extra);
    for (const struct json *m = json->first; err == ERR_OK && m != NULL; m = m->next)
        if (m != extra)
            err = decode_member(op, m, &rest, &draft);
    const struct json *m = extra == NULL ? NULL : extra->first;
    for (; err == ERR_OK && m != NULL; m = m->next) {
        err = decode_other(op, m, &rest, &draft);
        if (err == ERR_OK)
            rest.others[draft.other_count - 1].inside = true;
    }
    if (err == ERR_OK)
        *ret_draft = draft;
    return err;
}

/* Parses a body and hands the tree to `decode`. */
static enum err decode_body(struct op *op, struct str body, struct task_draft *ret_draft,
                            enum err (*decode)(struct op *op, const struct json *json,
                                               struct task_draft *ret_draft))
{
    /* Not in op->arena: a tree may be forty times as large as its text, and is done with here. */
    struct arena arena;
    const struct json *root;
    arena_init(&arena, TREE_MAX);
    enum err err = json_read(op, &arena, body, &root);
    if (err == ERR_OK)
        err = decode(op, root, ret_draft);
    if (err == ERR_SYNTAX && op->detail[0] == '\0')
        err = op_fail(op, ERR_SYNTAX,
                      "line 1, column 1: the body must be an object with the members of the "
                      "report, not %.*s",
                      STR_ARG(json_kind_name(root->kind)));
    arena_finish(&arena);
    return err;
}

enum err task_decode(struct op *op, struct str body, struct task_draft *ret_draft)
{
    return decode_body(op, body, ret_draft, task_decode_json);
}

enum err task_decode_patch(struct op *op, struct str body, struct task_draft *ret_draft)
{
    return decode_body(op, body, ret_draft, decode_patch);
}
