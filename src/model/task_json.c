#include "model/task_json.h"

#include "model/key.h"
#include "model/task_field.h"

/* A text in quotes, for texts that need no escape. */
#define PUT_QUOTED(json, append, value)                                                            \
    do {                                                                                           \
        json_put_begin((json), NULL);                                                              \
        buf_char((json)->buf, '"');                                                                \
        append((json)->buf, (value));                                                              \
        buf_char((json)->buf, '"');                                                                \
    } while (0)

static struct str email_of(const struct directory *directory, int64_t id)
{
    const struct account *account = directory_account_by_id(directory, id);
    return account == NULL ? STR_NONE : account->email;
}

static struct str workspace_key(const struct directory *directory, int64_t id)
{
    const struct workspace *workspace = directory_workspace_by_id(directory, id);
    return workspace == NULL ? STR_NONE : workspace->key;
}

/* Is there a value? Then it is written, unless `json` is NULL: after its name, or in a list. */
static bool put_value(struct json_writer *json, const struct task_field *line,
                      const struct task *task, const struct directory *directory)
{
    const void *field = task_field_get(task, line);
    struct str text;
    switch (line->kind) {
    case TASK_FIELD_TYPE:
        text = task_type_name(*(const enum task_type *)field);
        break;
    case TASK_FIELD_STATUS:
        text = task_status_name(*(const enum task_status *)field);
        break;
    case TASK_FIELD_LEVEL:
        text = level_name(*(const enum level *)field);
        break;
    case TASK_FIELD_WORKSPACE:
        text = workspace_key(directory, *(const int64_t *)field);
        break;
    case TASK_FIELD_ACCOUNT:
        text = email_of(directory, *(const int64_t *)field);
        break;
    case TASK_FIELD_NAME:
    case TASK_FIELD_TEXT:
        text = *(const struct str *)field;
        break;
    case TASK_FIELD_NUMBER:
    case TASK_FIELD_RECORD:
        if (json != NULL)
            json_put_i64(json, NULL, *(const int64_t *)field);
        return true;
    case TASK_FIELD_MONEY:
        if (*(const int64_t *)field != CENTS_NONE && json != NULL)
            PUT_QUOTED(json, buf_money, *(const int64_t *)field);
        return *(const int64_t *)field != CENTS_NONE;
    case TASK_FIELD_DATE:
        if (*(const int32_t *)field != DATE_NONE && json != NULL)
            PUT_QUOTED(json, buf_date, *(const int32_t *)field);
        return *(const int32_t *)field != DATE_NONE;
    case TASK_FIELD_TIME:
        if (*(const int64_t *)field != TIME_NONE && json != NULL)
            PUT_QUOTED(json, buf_time, *(const int64_t *)field);
        return *(const int64_t *)field != TIME_NONE;
    case TASK_FIELD_OBJECT:
        text = *(const struct str *)field;
        if (text.p != NULL && json != NULL)
            json_put_raw(json, NULL, text);
        return text.p != NULL;
    case TASK_FIELD_TEXTS:
        if (json != NULL)
            json_put_texts(json, NULL, *(const struct str_list *)field);
        return ((const struct str_list *)field)->n > 0;
    }
    if (text.p != NULL && json != NULL)
        json_put_text(json, NULL, text);
    return text.p != NULL;
}

void json_put_task_members(struct json_writer *json, const struct task *task,
                           const struct directory *directory)
{
    for (size_t i = 0; i < TASK_FIELDS_CREATED; i++) {
        const struct task_field *field = &task_fields[i];
        if (field->member == NULL)
            continue;
        json_put_key(json, field->member);
        /* An empty list has written itself. */
        bool there = put_value(json, field, task, directory);
        if (!there && field->kind != TASK_FIELD_TEXTS)
            json_put_null(json, NULL);
        if (field->kind == TASK_FIELD_MONEY)
            json_put_text(json, "financialImpactCurrency", there ? STR("EUR") : STR_NONE);
    }
}

void buf_task_created_changes(struct buf *buf, const struct task *task,
                              const struct directory *directory)
{
    struct json_writer json;
    json_writer_init(&json, buf);
    json_begin_object(&json, NULL);
    for (size_t i = 0; i < TASK_FIELDS_CREATED; i++) {
        const struct task_field *field = &task_fields[i];
        if (field->member == NULL || !put_value(NULL, field, task, directory) ||
            (field->kind == TASK_FIELD_OBJECT && str_eq(task->extra, STR("{}"))))
            continue;
        json_begin_list(&json, field->member);
        json_put_null(&json, NULL);
        (void)put_value(&json, field, task, directory);
        json_end(&json);
        if (field->kind != TASK_FIELD_MONEY)
            continue;
        json_begin_list(&json, "financialImpactCurrency");
        json_put_null(&json, NULL);
        json_put_text(&json, NULL, STR("EUR"));
        json_end(&json);
    }
    json_end(&json);
}

/* ---- what a change says ---- */

void json_put_task_value(struct json_writer *json, const struct task_field *field,
                         const struct task *task, const struct directory *directory)
{
    if (!put_value(json, field, task, directory) && field->kind != TASK_FIELD_TEXTS)
        json_put_null(json, NULL);
}

void json_put_task_parent(struct json_writer *json, const char *name, const struct task *task,
                          const struct directory *directory)
{
    struct str workspace = workspace_key(directory, task->parent_workspace_id);
    if (task->parent_id == 0 || workspace.p == NULL) {
        json_put_null(json, name);
        return;
    }
    json_put_begin(json, name);
    buf_char(json->buf, '"');
    buf_record_key(json->buf, workspace, task->parent_number);
    buf_char(json->buf, '"');
}

static void put_parent(struct json_writer *json, const struct task *task,
                       const struct directory *directory)
{
    json_put_task_parent(json, NULL, task, directory);
}

static bool followers_same(const struct task *a, const struct task *b)
{
    bool same = a->follower_count == b->follower_count;
    for (int64_t i = 0; i < a->follower_count && same; i++)
        same = a->followers[i] == b->followers[i];
    return same;
}

void json_put_task_followers(struct json_writer *json, const char *name, const struct task *task,
                             const struct directory *directory)
{
    json_begin_list(json, name);
    for (int64_t i = 0; i < task->follower_count; i++)
        json_put_text(json, NULL, email_of(directory, task->followers[i]));
    json_end(json);
}

static void put_awaits(struct json_writer *json, const struct task *task,
                       const struct directory *directory)
{
    if (task->proposed_by == 0) {
        json_put_null(json, NULL);
        return;
    }
    json_begin_object(json, NULL);
    json_put_text(json, "by", email_of(directory, task->proposed_by));
    json_end(json);
}

void json_put_task_change(struct json_writer *json, const struct task_field *field,
                          const struct task *before, const struct task *after,
                          const struct directory *directory)
{
    json_begin_list(json, field->member);
    json_put_task_value(json, field, before, directory);
    json_put_task_value(json, field, after, directory);
    json_end(json);
}

bool json_put_task_changes(struct json_writer *json, const struct task *before,
                           const struct task *after, const struct directory *directory)
{
    bool any = false;
    for (size_t i = 0; i < TASK_FIELDS; i++) {
        const struct task_field *field = &task_fields[i];
        if (field->member == NULL || task_field_same(before, after, field))
            continue;
        any = true;
        json_put_task_change(json, field, before, after, directory);
        bool was = task_field_has(before, field), is = task_field_has(after, field);
        if (field->kind != TASK_FIELD_MONEY || was == is)
            continue;
        json_begin_list(json, "financialImpactCurrency");
        json_put_text(json, NULL, was ? STR("EUR") : STR_NONE);
        json_put_text(json, NULL, is ? STR("EUR") : STR_NONE);
        json_end(json);
    }
    const struct {
        const char *member;
        bool same;
        void (*put)(struct json_writer *json, const struct task *task,
                    const struct directory *directory);
    } others[] = {
        {"parent", before->parent_id == after->parent_id, put_parent},
        {"awaits", before->proposed_by == after->proposed_by, put_awaits},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (others[i].same)
            continue;
        any = true;
        json_begin_list(json, others[i].member);
        others[i].put(json, before, directory);
        others[i].put(json, after, directory);
        json_end(json);
    }
    if (!followers_same(before, after)) {
        any = true;
        json_begin_list(json, "followers");
        json_put_task_followers(json, NULL, before, directory);
        json_put_task_followers(json, NULL, after, directory);
        json_end(json);
    }
    return any;
}

void buf_task_link(struct buf *buf, struct str key, int64_t number, struct str public_url)
{
    buf_add(buf, public_url);
    BUF_LIT(buf, "/app/#/todo/");
    buf_record_key(buf, key, number);
}

/* It needs no escape: the public URL is checked where it is set, keys are letters and digits. */
void json_put_task_link(struct json_writer *json, struct str key, int64_t number,
                        struct str public_url)
{
    json_put_begin(json, "taskLink");
    buf_char(json->buf, '"');
    buf_task_link(json->buf, key, number, public_url);
    buf_char(json->buf, '"');
}

void buf_task_created(struct buf *buf, const struct task *task, const struct workspace *workspace,
                      struct str public_url)
{
    struct json_writer json;
    json_writer_init(&json, buf);
    json_begin_object(&json, NULL);
    json_put_text(&json, "title", task->title);
    json_put_text(&json, "taskType", task_type_name(task->type));
    json_put_text(&json, "description", task->description);
    json_put_task_link(&json, workspace->key, task->number, public_url);
    json_put_texts(&json, "tags", task->tags);
    json_end(&json);
}
