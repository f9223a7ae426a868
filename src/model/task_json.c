#include "model/task_json.h"

#include "json/write.h"

enum kind {
    KIND_TYPE,
    KIND_WORKSPACE,
    KIND_TEXT,
    KIND_TEXTS,
    KIND_MONEY,
    KIND_CURRENCY,
    KIND_LEVEL,
    KIND_STATUS,
    KIND_ACCOUNT,
    KIND_DATE,
    KIND_TIME,
    KIND_OBJECT,
    KIND_NUMBER,
};

#define LINE(name, kind, field)                                                                    \
    {                                                                                              \
        {"\"" name "\":", sizeof("\"" name "\":") - 1}, kind, offsetof(struct task, field)         \
    }

/* contract.md, "Names", in its order. */
static const struct line {
    struct str name; /* with quotes and colon */
    enum kind kind;
    size_t offset; /* of the field in struct task */
} lines[] = {
    LINE("todoType", KIND_TYPE, type),
    LINE("workspace", KIND_WORKSPACE, workspace_id),
    LINE("title", KIND_TEXT, title),
    LINE("description", KIND_TEXT, description),
    LINE("result", KIND_TEXT, result),
    LINE("financialImpact", KIND_MONEY, financial_impact),
    LINE("financialImpactCurrency", KIND_CURRENCY, financial_impact),
    LINE("impact", KIND_LEVEL, impact),
    LINE("likelihood", KIND_LEVEL, likelihood),
    LINE("status", KIND_STATUS, status),
    LINE("priority", KIND_LEVEL, priority),
    LINE("assignee", KIND_ACCOUNT, assignee_id),
    LINE("reporter", KIND_ACCOUNT, reporter_id),
    LINE("source", KIND_ACCOUNT, source_id),
    LINE("category", KIND_TEXTS, category),
    LINE("subCategory", KIND_TEXTS, sub_category),
    LINE("orderID", KIND_TEXTS, order_id),
    LINE("LRN", KIND_TEXT, lrn),
    LINE("tags", KIND_TEXTS, tags),
    LINE("dueDate", KIND_DATE, due_date),
    LINE("reminderDate", KIND_DATE, reminder_date),
    LINE("occurredAt", KIND_TIME, occurred_at),
    LINE("extra", KIND_OBJECT, extra),
    LINE("form", KIND_TEXT, form),
    LINE("formVersion", KIND_NUMBER, form_version),
};

enum { LINES = sizeof lines / sizeof lines[0] };

/* True if something is there to be written; then the text of the kinds that are one. */
static bool line_value(const struct line *line, const struct task *task,
                       const struct directory *directory, struct str *ret_text)
{
    const void *field = (const char *)task + line->offset;
    const struct workspace *workspace;
    const struct account *account;
    switch (line->kind) {
    case KIND_TYPE:
        *ret_text = task_type_name(*(const enum task_type *)field);
        return true;
    case KIND_WORKSPACE:
        workspace = directory_workspace_by_id(directory, *(const int64_t *)field);
        *ret_text = workspace == NULL ? STR_NONE : workspace->key;
        return workspace != NULL;
    case KIND_TEXT:
    case KIND_OBJECT:
        *ret_text = *(const struct str *)field;
        return ret_text->p != NULL;
    case KIND_TEXTS:
        return ((const struct str_list *)field)->n > 0;
    case KIND_MONEY:
    case KIND_CURRENCY:
        *ret_text = STR("EUR");
        return *(const int64_t *)field != CENTS_NONE;
    case KIND_LEVEL:
        *ret_text = level_name(*(const enum level *)field);
        return ret_text->p != NULL;
    case KIND_STATUS:
        *ret_text = task_status_name(*(const enum task_status *)field);
        return true;
    case KIND_ACCOUNT:
        account = directory_account_by_id(directory, *(const int64_t *)field);
        *ret_text = account == NULL ? STR_NONE : account->email;
        return account != NULL;
    case KIND_DATE:
        return *(const int32_t *)field != DATE_NONE;
    case KIND_TIME:
        return *(const int64_t *)field != TIME_NONE;
    case KIND_NUMBER:
        break;
    }
    return true;
}

/* Writes a value that line_value() has found. */
static void write_value(struct buf *buf, const struct line *line, const struct task *task,
                        struct str text)
{
    const void *field = (const char *)task + line->offset;
    switch (line->kind) {
    case KIND_TYPE:
    case KIND_WORKSPACE:
    case KIND_TEXT:
    case KIND_CURRENCY:
    case KIND_LEVEL:
    case KIND_STATUS:
    case KIND_ACCOUNT:
        buf_json_string(buf, text);
        break;
    case KIND_TEXTS:
        buf_json_strings(buf, *(const struct str_list *)field);
        break;
    case KIND_MONEY:
        buf_char(buf, '"');
        buf_money(buf, *(const int64_t *)field);
        buf_char(buf, '"');
        break;
    case KIND_DATE:
        buf_char(buf, '"');
        buf_date(buf, *(const int32_t *)field);
        buf_char(buf, '"');
        break;
    case KIND_TIME:
        buf_char(buf, '"');
        buf_time(buf, *(const int64_t *)field);
        buf_char(buf, '"');
        break;
    case KIND_OBJECT:
        buf_add(buf, text);
        break;
    case KIND_NUMBER:
        buf_i64(buf, *(const int64_t *)field);
        break;
    }
}

void buf_task_members(struct buf *buf, const struct task *task, const struct directory *directory)
{
    for (size_t i = 0; i < LINES; i++) {
        struct str text = STR_NONE;
        if (i > 0)
            buf_char(buf, ',');
        buf_add(buf, lines[i].name);
        if (line_value(&lines[i], task, directory, &text))
            write_value(buf, &lines[i], task, text);
        else
            buf_add(buf, lines[i].kind == KIND_TEXTS ? STR("[]") : STR("null"));
    }
}

void buf_task_created_changes(struct buf *buf, const struct task *task,
                              const struct directory *directory)
{
    char separator = '{';
    for (size_t i = 0; i < LINES; i++) {
        struct str text = STR_NONE;
        if (!line_value(&lines[i], task, directory, &text) ||
            (lines[i].kind == KIND_OBJECT && str_eq(text, STR("{}"))))
            continue;
        buf_char(buf, separator);
        separator = ',';
        buf_add(buf, lines[i].name);
        BUF_LIT(buf, "[null,");
        write_value(buf, &lines[i], task, text);
        buf_char(buf, ']');
    }
    buf_char(buf, '}');
}
