/* GET /export/tasks.csv and .xlsx: all pages of a list, one after another. */
#include "api/api.h"
#include "api/call.h"
#include "api/export_csv.h"
#include "api/handlers.h"
#include "api/list_query.h"
#include "api/query.h"
#include "api/xlsx.h"
#include "core/core.h"
#include "core/task_cursor.h"
#include "core/task_index.h"

enum {
    ROWS_MAX = 64 * 1024 * 1024, /* of a page, should each byte become an escape */
    ABOUT_LINES_MAX = QUERY_PARAMETERS_MAX + 8,
    PIECE_RECORDS = TASK_LIST_MAX,
};

/* How far an export is. */
struct export_walk {
    struct task_list_request list;
    char cursor[TASK_LIST_CURSOR_MAX];
    int64_t records;           /* so far */
    int64_t directory_version; /* with which the caller's rights were looked at last */
    struct xlsx xlsx;
    bool begun, workbook;
};

/* ---- pieces ---- */

static enum err record_add(struct call *call, struct export_walk *walk, const struct task *task,
                           struct buf *rows)
{
    struct task shown = *task;
    const struct export_row row = {&shown, call->directory, api_public_url(call->api),
                                   call->op.now};
    struct arena_mark mark = arena_mark(call->op.arena);
    enum err err = ERR_OK;
    if (call->caller->kind == ACCOUNT_PERSON) /* clients do not know of internal comments */
        shown.comment_count += shown.internal_count;
    if (walk->workbook)
        xlsx_row_begin(&walk->xlsx, rows);
    for (size_t i = 0; i < export_columns() && err == ERR_OK; i++) {
        struct export_cell cell;
        err = export_cell(call->op.arena, &row, i, &cell);
        if (err == ERR_OK && walk->workbook)
            xlsx_cell(&walk->xlsx, rows, i, &cell);
        else if (err == ERR_OK)
            csv_cell(rows, i, &cell);
    }
    if (walk->workbook)
        xlsx_row_end(rows);
    else
        csv_row_end(rows);
    arena_rewind(call->op.arena, mark);
    return err;
}

static struct export_cell of_text(struct str text)
{
    return (struct export_cell){.kind = EXPORT_TEXT, .text = text};
}

/* Filter, time, person, count. */
static enum err about_add(struct call *call, struct export_walk *walk)
{
    struct xlsx_line lines[ABOUT_LINES_MAX] = {
        {"Records", {.kind = EXPORT_NUMBER, .number = walk->records}},
        {"Exported at (UTC)", {.kind = EXPORT_TIME, .number = call->op.now}},
        {"Exported by", of_text(call->caller->email)},
        {"From", of_text(api_public_url(call->api))},
        {"Times", of_text(STR("All times are in UTC."))},
        {"financialImpact", of_text(STR("Potential financial impact of the incident (EUR)"))},
    };
    size_t n = 0;
    while (lines[n].name != NULL)
        n++;
    for (size_t i = 0; i < call->query.n && n < ABOUT_LINES_MAX; i++) {
        struct str name = call->query.items[i].name, value = call->query.items[i].value;
        struct str line = arena_printf(call->op.arena, "%.*s: %.*s", STR_ARG(name), STR_ARG(value));
        if (line.p == NULL)
            return ERR_MEMORY;
        lines[n++] = (struct xlsx_line){"Filter", of_text(line)};
    }
    if (call->query.n == 0)
        lines[n++] = (struct xlsx_line){"Filter", of_text(STR("none: all records"))};
    return xlsx_end(&walk->xlsx, lines, n, &call->body);
}

static enum err page_add(struct call *call, struct export_walk *walk, const struct task_list *tasks)
{
    struct buf rows;
    struct buf *to = walk->workbook ? &rows : &call->body;
    enum err err = ERR_OK;
    buf_init(&rows, ROWS_MAX);
    for (size_t i = 0; i < tasks->n && err == ERR_OK; i++)
        err = record_add(call, walk, &tasks->items[i], to);
    if (err == ERR_OK)
        err = buf_err(&rows);
    if (err == ERR_OK && walk->workbook)
        err = xlsx_add(&walk->xlsx, buf_str(&rows), &call->body);
    buf_finish(&rows);
    walk->records += (int64_t)tasks->n;
    return err;
}

static enum err export_more(struct call *call, bool *ret_last)
{
    struct export_walk *walk = call->state;
    struct task_page page;
    enum err err = ERR_OK;
    if (walk->begun) /* it may take as long as its reader likes */
        err = call_list_expect_still(call, &walk->list.filter, &walk->directory_version);
    /* The list first: all that is asked of the database, so that what follows is done once. */
    if (err == ERR_OK)
        err = core_task_list(call->db, &call->op, core_task_index(api_core(call->api)), &walk->list,
                             &page);
    if (err == ERR_OK && !walk->begun && walk->workbook)
        err = xlsx_begin(&walk->xlsx, &call->body);
    if (err == ERR_OK && !walk->begun && !walk->workbook)
        csv_begin(&call->body);
    if (err == ERR_OK)
        err = page_add(call, walk, &page.tasks);
    if (err != ERR_OK)
        return err;

    walk->begun = true;
    *ret_last = page.next.p == NULL;
    if (*ret_last)
        return walk->workbook ? about_add(call, walk) : ERR_OK;
    walk->list.cursor = task_cursor_keep(page.next, walk->cursor);
    return ERR_OK;
}

/* ---- the calls ---- */

/* "tasks-2026-11-23-201504.csv" */
static struct http_header disposition(struct call *call, const char *ending)
{
    struct buf time;
    buf_init(&time, 64);
    buf_time(&time, call->op.now);
    const char *t = time.p;
    struct str value =
        t == NULL
            ? STR_NONE
            : arena_printf(call->op.arena, "attachment; filename=\"tasks-%.10s-%.2s%.2s%.2s%s\"", t,
                           t + 11, t + 14, t + 17, ending);
    buf_finish(&time);
    return (struct http_header){STR("Content-Disposition"), value};
}

static enum err export_begin(struct call *call, bool workbook, const char *ending, struct str type)
{
    static const char *const own[] = {"q", "sort", NULL};
    struct export_walk *walk = ARENA_NEW(call->op.arena, struct export_walk);
    enum err err = call_list_accept(call, own);
    if (walk == NULL)
        return ERR_MEMORY;
    if (err == ERR_OK)
        err = call_list_sort(call, &walk->list);
    if (err == ERR_OK)
        err = call_list_filter(call, &walk->list);
    if (err != ERR_OK)
        return err;
    walk->list.limit = PIECE_RECORDS;
    walk->workbook = workbook;
    walk->directory_version = call->directory->version;
    call->state = walk;
    const struct http_header header = disposition(call, ending);
    if (header.value.p == NULL)
        return ERR_MEMORY;
    return call_answer_stream(call, 200, type, &header, 1,
                              &(struct call_stream){.more = export_more,
                                                    .state_size = sizeof *walk,
                                                    .length = HTTP_LENGTH_UNKNOWN});
}

enum err export_csv(struct call *call)
{
    return export_begin(call, false, ".csv", STR("text/csv; charset=utf-8"));
}

enum err export_xlsx(struct call *call)
{
    return export_begin(call, true, ".xlsx",
                        STR("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
}
