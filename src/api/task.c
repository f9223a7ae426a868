#include "api/task.h"

#include "json/read.h"
#include "json/write.h"
#include "model/draft_json.h"
#include "model/key.h"
#include "model/task_json.h"
#include "model/task_state.h"

/* ---- decode ---- */

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

/* ---- encode ---- */

static void put_key(struct json_writer *json, const char *name, struct str workspace_key,
                    int64_t number)
{
    json_put_begin(json, name);
    buf_char(json->buf, '"');
    buf_record_key(json->buf, workspace_key, number);
    buf_char(json->buf, '"');
}

static void put_account(struct json_writer *json, const char *name, int64_t id,
                        const struct directory *directory)
{
    const struct account *account = directory_account_by_id(directory, id);
    json_put_text(json, name, account == NULL ? STR_NONE : account->email);
}

static void put_state(struct json_writer *json, const struct task *task,
                      const struct workspace *workspace, int64_t now)
{
    int32_t today = workspace == NULL || task->due_date == DATE_NONE
                        ? DATE_MIN
                        : zone_date(workspace->zone, now);
    json_put_flag(json, "open", status_is_open(task->status));
    json_put_flag(json, "overdue", task_is_overdue(task->status, task->due_date, today));
}

/* What only changes set, and what follows from the state. Nobody has closed what is not stored. */
static void put_follow_up(struct json_writer *json, const struct task *task,
                          const struct workspace *workspace, const struct directory *directory,
                          int64_t now)
{
    bool stored = task->number > 0;
    const struct workspace *parent =
        directory_workspace_by_id(directory, task->parent_workspace_id);
    put_state(json, task, workspace, now);
    json_put_time(json, "closedAt", stored ? task_closed_at(task) : TIME_NONE);
    put_account(json, "closedBy", stored ? task_closed_by(task) : 0, directory);
    json_put_date(json, "firstDueDate", task_first_due_date(task));
    json_put_i64(json, "dueMoves", task->due_moves);
    if (parent != NULL)
        put_key(json, "parent", parent->key, task->parent_number);
    else
        json_put_null(json, "parent");
    json_put_text(json, "cause", task->cause);
    json_put_task_followers(json, "followers", task, directory);
    if (task->proposed_by == 0) {
        json_put_null(json, "awaits");
        return;
    }
    json_begin_object(json, "awaits");
    put_account(json, "by", task->proposed_by, directory);
    json_put_time(json, "at", task->proposed_at);
    json_end(json);
}

void task_encode(struct json_writer *json, const char *name, const struct task *task,
                 const struct directory *directory, struct str public_url, int64_t now)
{
    const struct workspace *workspace = directory_workspace_by_id(directory, task->workspace_id);
    bool stored = task->number > 0 && workspace != NULL;
    json_begin_object(json, name);
    if (stored)
        put_key(json, "key", workspace->key, task->number);
    else
        json_put_null(json, "key");
    json_put_task_members(json, task, directory);
    json_put_i64(json, "commentCount", task->comment_count);
    json_put_i64(json, "attachmentCount", task->attachment_count);
    if (stored) {
        json_put_task_link(json, workspace->key, task->number, public_url);
        json_put_time(json, "createdAt", task->created_at);
        json_put_time(json, "updatedAt", task->updated_at);
        json_put_i64(json, "version", task->version);
    } else {
        json_put_null(json, "taskLink");
        json_put_null(json, "createdAt");
        json_put_null(json, "updatedAt");
        json_put_null(json, "version");
    }
    put_follow_up(json, task, workspace, directory, now);
    json_end(json);
}

void task_encode_short(struct json_writer *json, const char *name, const struct task *task,
                       const struct directory *directory, int64_t now)
{
    const struct workspace *workspace = directory_workspace_by_id(directory, task->workspace_id);
    json_begin_object(json, name);
    put_key(json, "key", workspace->key, task->number);
    json_put_text(json, "todoType", task_type_name(task->type));
    json_put_text(json, "title", task->title);
    json_put_text(json, "status", task_status_name(task->status));
    put_state(json, task, workspace, now);
    put_account(json, "assignee", task->assignee_id, directory);
    json_put_date(json, "dueDate", task->due_date);
    json_end(json);
}
