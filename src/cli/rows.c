#include "cli/rows.h"

#include "cli/cli.h"
#include "cli/input.h"
#include "json/write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_MAX = 4 * 1024 * 1024, TREE_MAX = 64 * 1024 * 1024 };

/* ---- defaults ---- */

int defaults_read(struct defaults *defaults, const char *json)
{
    struct op op = {.arena = &defaults->arena};
    arena_init(&defaults->arena, TREE_MAX);
    struct str text = arena_str(&defaults->arena, str_of(json));
    if (text.p == NULL || json_read(&op, &defaults->arena, text, &defaults->members) != ERR_OK)
        return fail_memory();
    return EXIT_DONE;
}

void defaults_finish(struct defaults *defaults)
{
    arena_finish(&defaults->arena);
}

static bool is_blank(const struct json *value)
{
    return value->kind == JSON_NULL || (value->kind == JSON_LIST && value->n == 0) ||
           (value->kind == JSON_TEXT && str_trim(value->text).n == 0);
}

static bool has(const struct json *root, struct str name)
{
    for (const struct json *member = root->first; member != NULL; member = member->next)
        if (str_eq_case(member->name, name) && !is_blank(member))
            return true;
    return false;
}

/* A workspace is given by its whole key, or in two parts. */
static bool is_missing(const struct json *root, struct str name)
{
    return !has(root, name) && !(str_eq_case(name, STR("domainWorkSpace")) &&
                                 (has(root, STR("domain")) || has(root, STR("workspace"))));
}

static bool is_replaced(const struct json *member, const struct json *root,
                        const struct json *defaults)
{
    for (const struct json *one = defaults->first; one != NULL; one = one->next)
        if (str_eq_case(one->name, member->name) && is_missing(root, one->name))
            return true;
    return false;
}

static void add_member(struct buf *buf, bool *first, const struct json *member)
{
    buf_char(buf, *first ? '{' : ',');
    *first = false;
    buf_json_string(buf, member->name);
    buf_char(buf, ':');
    buf_add(buf, member->raw);
}

void buf_with_defaults(struct buf *buf, struct str json, const struct json *root,
                       const struct defaults *defaults)
{
    bool any = false, first = true;
    if (root != NULL && root->kind == JSON_OBJECT)
        for (const struct json *one = defaults->members->first; one != NULL; one = one->next)
            any = any || is_missing(root, one->name);
    if (!any) {
        buf_add(buf, json);
        return;
    }
    for (const struct json *member = root->first; member != NULL; member = member->next)
        if (!is_replaced(member, root, defaults->members))
            add_member(buf, &first, member);
    for (const struct json *one = defaults->members->first; one != NULL; one = one->next)
        if (is_missing(root, one->name))
            add_member(buf, &first, one);
    buf_char(buf, '}');
}

/* ---- opening ---- */

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), end_n = strlen(end);
    return n > end_n && strcasecmp(name + n - end_n, end) == 0;
}

/* Finds the format of the file by its name or its first character. */
static int see_kind(struct rows *rows)
{
    rows->lines = ends_with(rows->name, ".ndjson") || ends_with(rows->name, ".jsonl");
    if (rows->lines || ends_with(rows->name, ".csv"))
        return EXIT_DONE;
    char head[64];
    struct str text = STR("");
    int code = input_head(rows->name, rows->file, head, sizeof head, &text);
    if (str_starts(text, STR("\xEF\xBB\xBF")))
        text = str_from(text, 3);
    text = str_trim(text);
    if (text.n > 0 && text.p[0] == '[')
        return fail(EXIT_DATA,
                    "%s is a JSON list; a batch must be CSV, or NDJSON with one report per line: "
                    "convert it with jq -c '.[]'",
                    rows->name);
    rows->lines = text.n > 0 && text.p[0] == '{';
    return code;
}

static int fail_csv(const struct rows *rows, enum csv_result result)
{
    if (result == CSV_IO)
        return fail(EXIT_NOINPUT, "%s cannot be read: %s", rows->name, strerror(rows->csv.error));
    return fail(EXIT_DATA, "%s, line %ld: %s", rows->name, rows->csv.why_line, rows->csv.why);
}

/* Finds faults of the file as a whole before the first row is sent. */
static int look_through(struct rows *rows)
{
    enum csv_result result;
    csv_init(&rows->csv, rows->file);
    while ((result = csv_next(&rows->csv)) == CSV_ROW)
        continue;
    if (result == CSV_END)
        return EXIT_DONE;
    int code = fail_csv(rows, result);
    fail(code, "nothing in %s was reported; correct the file and try again", rows->name);
    return code;
}

/* Only letters and digits of a name count: "Order ID" is orderID. */
static bool means(const char *written, const char *member)
{
    for (;; written++, member++) {
        while (*written != '\0' && strchr(" _-", *written) != NULL)
            written++;
        while (*member != '\0' && strchr(" _-", *member) != NULL)
            member++;
        if (ascii_lower(*written) != ascii_lower(*member) || *written == '\0')
            return *written == *member;
    }
}

static char *head_of(struct str written)
{
    static const char *const members[] = {
#define REPORT_MEMBER(member, flag, asked, label) member,
#include "cli/member.def"
#undef REPORT_MEMBER
    };
    struct str name = str_trim(written);
    char *head = strndup(name.n == 0 ? "" : name.p, name.n);
    for (size_t i = 0; head != NULL && i < sizeof members / sizeof members[0]; i++)
        if (means(head, members[i])) {
            free(head);
            return strdup(members[i]);
        }
    return head;
}

static int read_heads(struct rows *rows)
{
    struct csv *csv = &rows->csv;
    enum csv_result result = csv_next(csv);
    bool found = rows->key_column == NULL;
    if (result != CSV_ROW)
        return result == CSV_END
                   ? fail(EXIT_DATA, "%s needs a first row with the names of its columns",
                          rows->name)
                   : fail_csv(rows, result);
    for (size_t i = 0; i < csv->n; i++) {
        const char *text = csv_field(csv, i);
        rows->written[i] = strdup(text);
        rows->heads[i] = head_of(str_of(text));
        rows->head_count = i + 1;
        if (rows->written[i] == NULL || rows->heads[i] == NULL)
            return fail_memory();
        found = found || means(text, rows->key_column);
    }
    return found ? EXIT_DONE
                 : fail(EXIT_DATA, "%s has no column \"%.60s\", as --key-column asks", rows->name,
                        rows->key_column);
}

int rows_open(struct rows *rows, const char *name, FILE *file)
{
    rows->name = name;
    rows->file = file;
    buf_init(&rows->json, REPORT_MAX);
    buf_init(&rows->key, REPORT_MAX);
    arena_init(&rows->arena, TREE_MAX);
    int code = see_kind(rows);
    if (code != EXIT_DONE || rows->lines)
        return code;
    code = look_through(rows);
    csv_finish(&rows->csv);
    csv_init(&rows->csv, file);
    return code == EXIT_DONE ? read_heads(rows) : code;
}

void rows_finish(struct rows *rows)
{
    for (size_t i = 0; i < rows->head_count; i++) {
        free(rows->heads[i]);
        free(rows->written[i]);
    }
    csv_finish(&rows->csv);
    buf_finish(&rows->json);
    buf_finish(&rows->key);
    arena_finish(&rows->arena);
    free(rows->text);
}

int rows_rewind(struct rows *rows)
{
    rows->number = 0;
    if (rows->lines)
        return input_rewind(rows->name, rows->file);
    csv_finish(&rows->csv);
    csv_init(&rows->csv, rows->file);
    enum csv_result result = csv_next(&rows->csv);
    return result == CSV_ROW ? EXIT_DONE : fail_csv(rows, result);
}

/* ---- a row ---- */

static void take(struct rows *rows, struct str json)
{
    const struct json *root = NULL;
    struct op op = {.arena = &rows->arena};
    arena_reset(&rows->arena);
    const struct json_place place = {rows->lines ? (size_t)rows->line - 1 : 0, 0};
    enum err err = json_read_at(&op, &rows->arena, json, place, &root);
    if (err != ERR_OK)
        snprintf(rows->fault, sizeof rows->fault, "the report is not well-formed JSON: %.140s",
                 err == ERR_MEMORY ? "it is too large" : op.detail);
    else if (root->kind != JSON_OBJECT)
        snprintf(rows->fault, sizeof rows->fault, "a report must be a JSON object, not %.*s",
                 STR_ARG(json_kind_name(root->kind)));
    root = err == ERR_OK ? root : NULL;
    buf_with_defaults(&rows->json, json, root, rows->defaults);
    buf_char(&rows->json, '\0');
    if (!rows->lines || rows->key_column == NULL)
        return;
    const struct json *key = json_member(root, str_of(rows->key_column));
    if (key != NULL && (key->kind == JSON_TEXT || key->kind == JSON_NUMBER))
        buf_add(&rows->key, str_trim(key->kind == JSON_TEXT ? key->text : key->raw));
}

/* Turns the cells of the row into members. A cell without a name is refused, not dropped. */
static enum rows_result take_cells(struct rows *rows)
{
    struct csv *csv = &rows->csv;
    struct bzctrl_draft *draft = bzctrl_draft_new();
    for (size_t i = 0; i < csv->n; i++) {
        const char *text = csv_field(csv, i);
        if (str_trim(str_of(text)).n == 0)
            continue;
        if (i >= rows->head_count)
            snprintf(rows->fault, sizeof rows->fault,
                     "the row has more columns than the first row has names");
        else if (rows->heads[i][0] == '\0')
            snprintf(rows->fault, sizeof rows->fault,
                     "column %zu has a value but no name in the first row", i + 1);
        else
            bzctrl_draft_add(draft, rows->heads[i], text);
        if (i < rows->head_count && rows->key_column != NULL && rows->key.n == 0 &&
            means(rows->written[i], rows->key_column))
            buf_add(&rows->key, str_trim(str_of(text)));
    }
    const char *json = bzctrl_draft_json(draft);
    if (json != NULL)
        take(rows, str_of(json));
    bzctrl_draft_free(draft);
    if (json == NULL)
        fail_memory();
    return json == NULL ? ROWS_BAD : ROWS_ROW;
}

static enum rows_result next_row(struct rows *rows)
{
    struct csv *csv = &rows->csv;
    bool blank = true;
    enum csv_result result;
    do {
        result = csv_next(csv);
        for (size_t i = 0; result == CSV_ROW && i < csv->n; i++)
            blank = blank && str_trim(str_of(csv_field(csv, i))).n == 0;
    } while (result == CSV_ROW && blank);
    if (result == CSV_END)
        return ROWS_END;
    if (result != CSV_ROW) {
        fail_csv(rows, result);
        return ROWS_BAD;
    }
    rows->line = csv->line;
    return take_cells(rows);
}

static enum rows_result next_line(struct rows *rows)
{
    ssize_t n;
    struct str text;
    do {
        n = getline(&rows->text, &rows->text_size, rows->file);
        rows->number++;
        text = (struct str){rows->text, n < 0 ? 0 : (size_t)n};
        if (rows->number == 1 && str_starts(text, STR("\xEF\xBB\xBF")))
            text = str_from(text, 3);
        text = str_trim(text);
    } while (n >= 0 && text.n == 0);
    /* Also when memory is used up, which the stream does not remember. */
    if (n < 0 && !feof(rows->file)) {
        fail(EXIT_NOINPUT, "%s cannot be read: %s", rows->name, strerror(errno));
        return ROWS_BAD;
    }
    if (n < 0)
        return ROWS_END;
    rows->line = rows->number;
    rows->taken = text;
    take(rows, text);
    return ROWS_ROW;
}

enum rows_result rows_next(struct rows *rows)
{
    rows->fault[0] = '\0';
    buf_clear(&rows->json);
    buf_clear(&rows->key);
    enum rows_result result = rows->lines ? next_line(rows) : next_row(rows);
    buf_char(&rows->key, '\0');
    if (result != ROWS_ROW)
        return result;
    if (buf_err(&rows->json) == ERR_TOO_LONG)
        snprintf(rows->fault, sizeof rows->fault, "the report is larger than 1 MiB");
    else if (buf_err(&rows->json) != ERR_OK || buf_err(&rows->key) != ERR_OK)
        return fail_memory(), ROWS_BAD;
    else if (rows->key_column != NULL && rows->key.p[0] == '\0' && rows->fault[0] == '\0')
        snprintf(rows->fault, sizeof rows->fault, "the key column \"%.60s\" is empty",
                 rows->key_column);
    return ROWS_ROW;
}

/* ---- writing ---- */

void rows_write_heads(const struct rows *rows, FILE *file)
{
    if (!rows->lines)
        csv_write(file, rows->csv.separator, (const char *const *)rows->written, rows->head_count);
}

void rows_write(const struct rows *rows, FILE *file)
{
    const char *fields[CSV_FIELDS_MAX];
    if (rows->lines) {
        fprintf(file, "%.*s\n", STR_ARG(rows->taken));
        return;
    }
    for (size_t i = 0; i < rows->csv.n; i++)
        fields[i] = csv_field(&rows->csv, i);
    csv_write(file, rows->csv.separator, fields, rows->csv.n);
}
