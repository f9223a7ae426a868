/*
 * The way of a report against any bytes: decode, judge, encode. Oracle: a refusal says where or
 * why; what is taken becomes a record that is JSON, in which the texts are those of the record, and
 * whose own members, sent again as a report, are the same record.
 */
#include "form/judge.h"
#include "json/read.h"
#include "json/write.h"
#include "model/draft_json.h"
#include "model/task_encode.h"
#include "model/task_json.h"

#include "report.h"

static enum err judge(struct op *op, struct str body, struct judged *judged)
{
    struct task_draft draft;
    struct faults faults, warnings;
    enum err err = task_decode(op, body, &draft);
    must(err == ERR_OK || err == ERR_SYNTAX || err == ERR_MEMORY);
    must(err != ERR_SYNTAX || str_starts(str_of(op->detail), STR("line ")));
    if (err != ERR_OK)
        return err;
    faults_init(&warnings, op->arena);
    faults_init(&faults, op->arena);
    err = task_judge(op, &draft, &form_default, NULL, &fixture_directory,
                     directory_account_by_id(&fixture_directory, ID_EXAMPLE), &faults, &warnings,
                     judged);
    if (warnings.n > 0)
        check_faults(&warnings);
    must(err == ERR_OK || err == ERR_INVALID || err == ERR_MEMORY);
    if (err == ERR_INVALID)
        check_faults(&faults);
    return err;
}

static bool lists_equal(struct str_list a, struct str_list b)
{
    bool equal = a.n == b.n;
    for (size_t i = 0; i < a.n && equal; i++)
        equal = str_eq(a.items[i], b.items[i]);
    return equal;
}

/* The record's members as a report that means the same. */
static void buf_report(struct buf *buf, const struct task *task)
{
    BUF_LIT(buf, "{\"domainWorkSpace\":");
    buf_json_string(buf, directory_workspace_by_id(&fixture_directory, task->workspace_id)->key);
    BUF_LIT(buf, ",\"todoType\":");
    buf_json_string(buf, task_type_name(task->type));
    BUF_LIT(buf, ",\"title\":");
    buf_json_string(buf, task->title);
    BUF_LIT(buf, ",\"description\":");
    buf_json_string(buf, task->description);
    BUF_LIT(buf, ",\"reporter\":");
    buf_json_string(buf, directory_account_by_id(&fixture_directory, task->reporter_id)->email);
    BUF_LIT(buf, ",\"status\":");
    buf_json_string(buf, task_status_name(task->status));
    BUF_LIT(buf, ",\"orderID\":");
    buf_json_strings(buf, task->order_id);
    if (task->financial_impact != CENTS_NONE) {
        BUF_LIT(buf, ",\"financialImpact\":\"");
        buf_money(buf, task->financial_impact);
        buf_char(buf, '"');
    }
    if (task->due_date != DATE_NONE) {
        BUF_LIT(buf, ",\"dueDate\":\"");
        buf_date(buf, task->due_date);
        buf_char(buf, '"');
    }
    if (task->occurred_at != TIME_NONE) {
        BUF_LIT(buf, ",\"occurredAt\":\"");
        buf_time(buf, task->occurred_at);
        buf_char(buf, '"');
    }
    buf_char(buf, '}');
}

static void check_again(struct op *op, struct buf *buf, const struct task *task)
{
    struct judged again;
    buf_clear(buf);
    buf_report(buf, task);
    must(buf_err(buf) == ERR_OK);
    must(judge(op, buf_str(buf), &again) == ERR_OK);
    must(again.task.workspace_id == task->workspace_id && again.task.type == task->type);
    must(again.task.status == task->status && again.task.reporter_id == task->reporter_id);
    must(again.task.financial_impact == task->financial_impact);
    must(again.task.due_date == task->due_date && again.task.occurred_at == task->occurred_at);
    must(str_eq(again.task.title, task->title));
    must(str_eq(again.task.description, task->description));
    must(lists_equal(again.task.order_id, task->order_id));
}

static void check_record(struct op *op, struct buf *buf, const struct task *task)
{
    const struct json *root;
    struct json_writer json;
    json_writer_init(&json, buf);
    task_encode(&json, NULL, task, &fixture_directory, STR("http://localhost"), 0);
    must(buf_err(buf) == ERR_OK);
    /* The report may have been as deep as is allowed, and is one deeper under `extra`. */
    if (json_read(op, op->arena, buf_str(buf), &root) != ERR_OK) {
        must(strstr(op->detail, "more than 32 levels deep") != NULL);
        return;
    }
    must(root->kind == JSON_OBJECT && root->n == 30);
    must(str_eq(json_text(json_member(root, STR("title"))), task->title));
    must(str_eq(json_text(json_member(root, STR("description"))), task->description));
    must(json_member(root, STR("tags"))->n == task->tags.n);
    must(json_member(root, STR("extra"))->kind == JSON_OBJECT);
    buf_clear(buf);
    buf_task_created_changes(buf, task, &fixture_directory);
    must(buf_err(buf) == ERR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buf buf;
    struct judged judged;
    arena_init(&arena, 16 * 1024 * 1024);
    buf_init(&buf, 16 * 1024 * 1024);
    struct op op = {.arena = &arena, .now = now};
    if (judge(&op, (struct str){(const char *)data, size}, &judged) == ERR_OK) {
        must(judged.task.title.n > 0 && judged.task.order_id.n > 0);
        must(judged.task.tags.n >= 1 && judged.task.tags.n <= 201);
        must(judged.task.status != STATUS_DONE || judged.task.due_date != DATE_NONE);
        check_record(&op, &buf, &judged.task);
        check_again(&op, &buf, &judged.task);
    }
    buf_finish(&buf);
    arena_finish(&arena);
    return 0;
}
