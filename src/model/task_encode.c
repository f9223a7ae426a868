#include "model/task_encode.h"

#include "model/key.h"
#include "model/task_json.h"
#include "model/task_state.h"

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
    const struct workspace *original =
        directory_workspace_by_id(directory, task->original_workspace_id);
    if (original != NULL)
        put_key(json, "duplicateOf", original->key, task->original_number);
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
