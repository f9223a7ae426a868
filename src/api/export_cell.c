#include "api/export_cell.h"

#include "model/key.h"
#include "model/task_field.h"
#include "model/task_json.h"
#include "model/task_state.h"

/* What is not in the table of a record's fields, or not under the name of the column. */
enum special {
    FIELD, /* it is */
    KEY,
    OPEN,
    OVERDUE,
    CREATED_AT,
    UPDATED_AT,
    CLOSED_AT,
    CLOSED_BY,
    FIRST_DUE_DATE,
    DUE_MOVES,
    PARENT,
    FOLLOWERS,
    COMMENTS,
    ATTACHMENTS,
    VERSION,
    LINK,
};

static const struct {
    const char *member;
    enum special special;
} columns[] = {
    {"key", KEY},
    {"todoType", FIELD},
    {"workspace", FIELD},
    {"title", FIELD},
    {"status", FIELD},
    {"priority", FIELD},
    {"assignee", FIELD},
    {"dueDate", FIELD},
    {"financialImpact", FIELD},
    {"impact", FIELD},
    {"likelihood", FIELD},
    {"category", FIELD},
    {"subCategory", FIELD},
    {"orderID", FIELD},
    {"LRN", FIELD},
    {"tags", FIELD},
    {"description", FIELD},
    {"result", FIELD},
    {"cause", FIELD},
    {"reporter", FIELD},
    {"source", FIELD},
    {"open", OPEN},
    {"overdue", OVERDUE},
    {"createdAt", CREATED_AT},
    {"updatedAt", UPDATED_AT},
    {"closedAt", CLOSED_AT},
    {"closedBy", CLOSED_BY},
    {"firstDueDate", FIRST_DUE_DATE},
    {"dueMoves", DUE_MOVES},
    {"reminderDate", FIELD},
    {"occurredAt", FIELD},
    {"parent", PARENT},
    {"followers", FOLLOWERS},
    {"commentCount", COMMENTS},
    {"attachmentCount", ATTACHMENTS},
    {"form", FIELD},
    {"formVersion", FIELD},
    {"version", VERSION},
    {"extra", FIELD},
    {"taskLink", LINK},
};

size_t export_columns(void)
{
    return sizeof columns / sizeof columns[0];
}

struct str export_header(size_t column)
{
    return str_of(columns[column].member);
}

/* ---- values ---- */

static struct export_cell of_text(struct str text)
{
    return (struct export_cell){.kind = text.n > 0 ? EXPORT_TEXT : EXPORT_EMPTY, .text = text};
}

static struct export_cell of_number(enum export_kind kind, int64_t number, int64_t none)
{
    return (struct export_cell){.kind = number == none ? EXPORT_EMPTY : kind, .number = number};
}

static struct export_cell of_account(const struct export_row *row, int64_t id)
{
    const struct account *account = directory_account_by_id(row->directory, id);
    return of_text(account == NULL ? STR_NONE : account->email);
}

/* What several values are joined by. */
static void separate(struct buf *buf)
{
    if (buf->n > 0)
        BUF_LIT(buf, "; ");
}

enum { TEXT_MAX = 4 * 1024 * 1024 }; /* more than a record has */

static enum err of_buf(struct arena *arena, struct buf *buf, struct export_cell *ret_cell)
{
    struct str text = STR_NONE;
    enum err err = buf_move(buf, arena, &text);
    *ret_cell = of_text(text);
    return err;
}

static enum err of_texts(struct arena *arena, const struct str_list *texts,
                         struct export_cell *ret_cell)
{
    struct buf buf;
    *ret_cell = of_text(texts->n == 1 ? texts->items[0] : STR_NONE);
    if (texts->n < 2)
        return ERR_OK;
    buf_init(&buf, TEXT_MAX);
    for (size_t i = 0; i < texts->n; i++) {
        separate(&buf);
        buf_add(&buf, texts->items[i]);
    }
    return of_buf(arena, &buf, ret_cell);
}

static enum err of_field(struct arena *arena, const struct export_row *row, const char *member,
                         struct export_cell *ret_cell)
{
    const struct task_field *field = task_field_named(str_of(member));
    const void *value = task_field_get(row->task, field);
    const struct workspace *workspace;
    *ret_cell = (struct export_cell){.kind = EXPORT_EMPTY};
    switch (field->kind) {
    case TASK_FIELD_TYPE:
        *ret_cell = of_text(task_type_name(*(const enum task_type *)value));
        break;
    case TASK_FIELD_STATUS:
        *ret_cell = of_text(task_status_name(*(const enum task_status *)value));
        break;
    case TASK_FIELD_LEVEL:
        *ret_cell = of_text(level_name(*(const enum level *)value));
        break;
    case TASK_FIELD_WORKSPACE:
        workspace = directory_workspace_by_id(row->directory, *(const int64_t *)value);
        *ret_cell = of_text(workspace == NULL ? STR_NONE : workspace->key);
        break;
    case TASK_FIELD_ACCOUNT:
        *ret_cell = of_account(row, *(const int64_t *)value);
        break;
    case TASK_FIELD_NAME:
    case TASK_FIELD_TEXT:
        *ret_cell = of_text(*(const struct str *)value);
        break;
    case TASK_FIELD_OBJECT:
        if (!str_eq(*(const struct str *)value, STR("{}")))
            *ret_cell = of_text(*(const struct str *)value);
        break;
    case TASK_FIELD_MONEY:
        *ret_cell = of_number(EXPORT_MONEY, *(const int64_t *)value, CENTS_NONE);
        break;
    case TASK_FIELD_DATE:
        *ret_cell = of_number(EXPORT_DATE, *(const int32_t *)value, DATE_NONE);
        break;
    case TASK_FIELD_TIME:
        *ret_cell = of_number(EXPORT_TIME, *(const int64_t *)value, TIME_NONE);
        break;
    case TASK_FIELD_NUMBER:
    case TASK_FIELD_RECORD:
        *ret_cell = of_number(EXPORT_NUMBER, *(const int64_t *)value, -1);
        break;
    case TASK_FIELD_TEXTS:
        return of_texts(arena, value, ret_cell);
    }
    return ERR_OK;
}

static enum err of_followers(struct arena *arena, const struct export_row *row,
                             struct export_cell *ret_cell)
{
    struct buf buf;
    buf_init(&buf, TEXT_MAX);
    for (int64_t i = 0; i < row->task->follower_count; i++) {
        struct export_cell one = of_account(row, row->task->followers[i]);
        if (one.kind == EXPORT_EMPTY)
            continue;
        separate(&buf);
        buf_add(&buf, one.text);
    }
    return of_buf(arena, &buf, ret_cell);
}

static enum err of_key(struct arena *arena, const struct export_row *row, int64_t workspace_id,
                       int64_t number, struct str link, struct export_cell *ret_cell)
{
    const struct workspace *workspace = directory_workspace_by_id(row->directory, workspace_id);
    struct buf buf;
    *ret_cell = of_text(STR_NONE);
    if (workspace == NULL)
        return ERR_OK;
    buf_init(&buf, TEXT_MAX);
    if (link.p != NULL)
        buf_task_link(&buf, workspace->key, number, link);
    else
        buf_record_key(&buf, workspace->key, number);
    return of_buf(arena, &buf, ret_cell);
}

static bool is_overdue(const struct export_row *row)
{
    const struct workspace *workspace =
        directory_workspace_by_id(row->directory, row->task->workspace_id);
    int32_t due = row->task->due_date;
    return workspace != NULL && due != DATE_NONE &&
           task_is_overdue(row->task->status, due, zone_date(workspace->zone, row->now));
}

enum err export_cell(struct arena *arena, const struct export_row *row, size_t column,
                     struct export_cell *ret_cell)
{
    const struct task *task = row->task;
    switch (columns[column].special) {
    case FIELD:
        return of_field(arena, row, columns[column].member, ret_cell);
    case KEY:
        return of_key(arena, row, task->workspace_id, task->number, STR_NONE, ret_cell);
    case LINK:
        return of_key(arena, row, task->workspace_id, task->number, row->public_url, ret_cell);
    case PARENT:
        return of_key(arena, row, task->parent_workspace_id, task->parent_number, STR_NONE,
                      ret_cell);
    case FOLLOWERS:
        return of_followers(arena, row, ret_cell);
    case OPEN:
        *ret_cell = of_number(EXPORT_FLAG, status_is_open(task->status), -1);
        break;
    case OVERDUE:
        *ret_cell = of_number(EXPORT_FLAG, is_overdue(row), -1);
        break;
    case CREATED_AT:
        *ret_cell = of_number(EXPORT_TIME, task->created_at, TIME_NONE);
        break;
    case UPDATED_AT:
        *ret_cell = of_number(EXPORT_TIME, task->updated_at, TIME_NONE);
        break;
    case CLOSED_AT:
        *ret_cell = of_number(EXPORT_TIME, task_closed_at(task), TIME_NONE);
        break;
    case CLOSED_BY:
        *ret_cell = of_account(row, task_closed_by(task));
        break;
    case FIRST_DUE_DATE:
        *ret_cell = of_number(EXPORT_DATE, task_first_due_date(task), DATE_NONE);
        break;
    case DUE_MOVES:
        *ret_cell = of_number(EXPORT_NUMBER, task->due_moves, -1);
        break;
    case COMMENTS:
        *ret_cell = of_number(EXPORT_NUMBER, task->comment_count, -1);
        break;
    case ATTACHMENTS:
        *ret_cell = of_number(EXPORT_NUMBER, task->attachment_count, -1);
        break;
    case VERSION:
        *ret_cell = of_number(EXPORT_NUMBER, task->version, -1);
        break;
    }
    return ERR_OK;
}
