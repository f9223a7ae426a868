/* GET /stats. */
#include "core/stats.h"

#include "api/api.h"
#include "api/call.h"
#include "api/handlers.h"
#include "api/list_query.h"
#include "api/people.h"
#include "api/query.h"
#include "base/near.h"
#include "base/percent.h"

#include <inttypes.h>
#include <stdlib.h>

enum { STATS_PEOPLE_MAX = 1000 }; /* who are named beside the cells */

/* What a record can be counted by: its member, and the parameter of GET /tasks for a value of it. */
static const struct grouping {
    const char *member, *parameter;
} groupings[STATS_BY_COUNT] = {
    [STATS_STATUS] = {"status", "status"},
    [STATS_TYPE] = {"todoType", "todoType"},
    [STATS_PRIORITY] = {"priority", "priority"},
    [STATS_IMPACT] = {"impact", "impact"},
    [STATS_LIKELIHOOD] = {"likelihood", "likelihood"},
    [STATS_ASSIGNEE] = {"assignee", "assignee"},
    [STATS_CATEGORY] = {"category", "category"},
    [STATS_WORKSPACE] = {"workspace", "workspace"},
    [STATS_DOMAIN] = {"domain", "domainOnly"},
    [STATS_SOURCE] = {"source", "source"},
    [STATS_MONTH] = {"month", "month"},
};

/* ---- by ---- */

#define ALLOWED                                                                                    \
    "status, todoType, priority, impact, likelihood, assignee, category, workspace, domain, "      \
    "source, month"

static enum err by_add(struct call *call, struct str name, struct stats_request *request)
{
    struct near near = {.name = name};
    for (size_t i = 0; i < STATS_BY_COUNT; i++) {
        near_look(&near, str_of(groupings[i].member));
        if (!str_eq(str_of(groupings[i].member), name))
            continue;
        for (size_t k = 0; k < request->n; k++)
            if (request->by[k] == i)
                return call_refuse(call, 400, "by names %s twice.", groupings[i].member);
        if (request->n == STATS_BY_MAX)
            return call_refuse(call, 400, "by takes one or two members, not more.");
        request->by[request->n++] = (enum stats_by)i;
        return ERR_OK;
    }
    return call_refuse(call, 400, "by must be one or two of " ALLOWED ", not \"%.*s\"%s%.*s%s",
                       STR_ARG(utf8_cut(name, 60)), near.best.p == NULL ? "" : "; did you mean \"",
                       STR_ARG(near.best), near.best.p == NULL ? "." : "\"?");
}

/* "by=status,month", or by=status&by=month. */
static enum err by_read(struct call *call, struct stats_request *request)
{
    struct str_list values;
    enum err err = call_query_all(call, "by", &values);
    for (size_t i = 0; i < values.n && err == ERR_OK; i++)
        for (struct str rest = values.items[i]; rest.p != NULL && err == ERR_OK;)
            err = by_add(call, str_trim(str_cut(&rest, ',')), request);
    if (err == ERR_OK && request->n == 0)
        err = call_refuse(call, 400, "by is missing: one or two of " ALLOWED ".");
    return err;
}

/* ---- cells ---- */

/* A cell with what it is ordered by: numbers, and texts that have one number. */
struct stats_row {
    const struct stats_cell *cell;
    struct str text[STATS_BY_MAX]; /* as it is shown; absent: null */
    int64_t rank[STATS_BY_MAX];
};

static enum err text_of(struct call *call, enum stats_by by, int64_t value, struct str category,
                        struct str *ret_text)
{
    const struct workspace *workspace;
    const struct account *account;
    const struct domain *domain;
    struct buf month;
    *ret_text = STR_NONE;
    switch (by) {
    case STATS_STATUS:
        *ret_text = task_status_name((enum task_status)value);
        break;
    case STATS_TYPE:
        *ret_text = task_type_name((enum task_type)value);
        break;
    case STATS_PRIORITY:
    case STATS_IMPACT:
    case STATS_LIKELIHOOD:
        *ret_text = level_name((enum level)value);
        break;
    case STATS_ASSIGNEE:
    case STATS_SOURCE:
        account = directory_account_by_id(call->directory, value);
        *ret_text = account == NULL ? STR_NONE : account->email;
        break;
    case STATS_CATEGORY:
        *ret_text = category;
        break;
    case STATS_WORKSPACE:
        workspace = directory_workspace_by_id(call->directory, value);
        *ret_text = workspace == NULL ? STR_NONE : workspace->key;
        break;
    case STATS_DOMAIN:
        domain = directory_domain_by_id(call->directory, value);
        *ret_text = domain == NULL ? STR_NONE : domain->key;
        break;
    case STATS_MONTH:
        buf_init(&month, 32);
        buf_month(&month, (int32_t)value);
        return buf_move(&month, call->op.arena, ret_text);
    case STATS_BY_COUNT:
        break;
    }
    return ERR_OK;
}

/* Statuses and levels have the order of their scale, months that of time, all else that of its text;
 * what is without a value comes last. */
static int64_t rank_of(enum stats_by by, int64_t value, struct str text)
{
    bool scale = by <= STATS_LIKELIHOOD || by == STATS_MONTH;
    if (text.p == NULL)
        return INT64_MAX;
    return scale ? value : 0;
}

static int row_cmp(const void *a, const void *b)
{
    const struct stats_row *x = a, *y = b;
    for (size_t i = 0; i < STATS_BY_MAX; i++) {
        if (x->rank[i] != y->rank[i])
            return x->rank[i] < y->rank[i] ? -1 : 1;
        int order = str_cmp(x->text[i], y->text[i]);
        if (order != 0)
            return order;
    }
    return 0;
}

static enum err rows_make(struct call *call, const struct stats_request *request,
                          const struct stats *stats, struct stats_row **ret_rows)
{
    struct stats_row *rows = ARENA_ARRAY(call->op.arena, struct stats_row, stats->n);
    enum err err = rows == NULL ? ERR_MEMORY : ERR_OK;
    for (size_t i = 0; i < stats->n && err == ERR_OK; i++) {
        const struct stats_cell *cell = &stats->cells[i];
        rows[i].cell = cell;
        for (size_t k = 0; k < request->n && err == ERR_OK; k++) {
            err = text_of(call, request->by[k], cell->value[k], cell->text[k], &rows[i].text[k]);
            rows[i].rank[k] = rank_of(request->by[k], cell->value[k], rows[i].text[k]);
        }
    }
    if (err == ERR_OK)
        qsort(rows, stats->n, sizeof *rows, row_cmp);
    *ret_rows = rows;
    return err;
}

/* ---- the list that a cell counts ---- */

static void put_parameter(struct buf *url, struct str name, struct str value)
{
    buf_char(url, str_find(buf_str(url), '?') == url->n ? '?' : '&');
    buf_add(url, name);
    buf_char(url, '=');
    buf_percent(url, value, STR(":@,"));
}

/* What all cells have in common: the filters of this call, but for those that a cell's own value is
 * narrower than. */
static void put_filters(struct buf *url, const struct call *call,
                        const struct stats_request *request)
{
    buf_printf(url, "%.*s/bzctrl-core-api/api/v1/tasks", STR_ARG(api_public_url(call->api)));
    for (size_t i = 0; i < call->query.n; i++) {
        struct str name = call->query.items[i].name, value = call->query.items[i].value;
        bool own = str_eq(name, STR("by"));
        for (size_t k = 0; k < request->n && !own; k++)
            own = request->by[k] != STATS_CATEGORY &&
                  str_eq(name, str_of(groupings[request->by[k]].parameter));
        if (!own)
            put_parameter(url, name, value);
    }
}

static void put_href(struct call *call, const struct stats_request *request, struct str filters,
                     const struct stats_row *row)
{
    struct buf url;
    buf_init(&url, CALL_ANSWER_MAX);
    buf_add(&url, filters);
    for (size_t k = 0; k < request->n; k++) {
        struct str name = str_of(groupings[request->by[k]].parameter), value = row->text[k];
        if (request->by[k] == STATS_CATEGORY) {
            /* A record may have several: this one, beside one that was asked for. */
            name = call_query(call, "category").p == NULL ? name : STR("alsoCategory");
            value = value.p == NULL ? STR("") : value;
        }
        put_parameter(&url, name, value.p == NULL ? STR("none") : value);
    }
    json_put_text(&call->json, "href", buf_str(&url));
    if (buf_err(&url) != ERR_OK)
        call->body.err = buf_err(&url);
    buf_finish(&url);
}

/* ---- the answer ---- */

static void put_cell(struct call *call, const struct stats_request *request, struct str filters,
                     const struct stats_row *row)
{
    const struct stats_cell *cell = row->cell;
    json_begin_object(&call->json, NULL);
    for (size_t k = 0; k < request->n; k++)
        json_put_text(&call->json, groupings[request->by[k]].member, row->text[k]);
    json_put_i64(&call->json, "count", cell->count);
    json_put_begin(&call->json, "financialImpact");
    buf_printf(&call->body, "\"%" PRIu64 ".%02" PRIu64 "\"", cell->euros, cell->cents);
    if (cell->closing < 0) {
        json_put_null(&call->json, "medianDaysToClose");
    } else {
        json_put_begin(&call->json, "medianDaysToClose");
        buf_printf(&call->body, "%" PRId64 ".%02" PRId64, cell->closing / 100, cell->closing % 100);
    }
    json_put_i64(&call->json, "dueMoves", cell->due_moves);
    put_href(call, request, filters, row);
    json_end(&call->json);
}

/* Whom the cells name. */
static enum err put_people(struct call *call, const struct stats_request *request,
                           const struct stats *stats)
{
    struct people people;
    enum err err = people_begin(call, STATS_PEOPLE_MAX, &people);
    for (size_t k = 0; k < request->n && err == ERR_OK; k++)
        for (size_t i = 0; i < stats->n && people.n < STATS_PEOPLE_MAX; i++)
            if (request->by[k] == STATS_ASSIGNEE || request->by[k] == STATS_SOURCE)
                people_add(&people, stats->cells[i].value[k]);
    if (err == ERR_OK)
        people_encode(call, &people);
    return err;
}

enum err stats_get(struct call *call)
{
    static const char *const own[] = {"q", "by*", NULL};
    struct task_list_request list = {0};
    struct stats_request request = {.directory = call->directory};
    struct stats stats;
    struct stats_row *rows;
    enum err err = call_list_accept(call, own);
    if (err == ERR_OK)
        err = by_read(call, &request);
    if (err == ERR_OK)
        err = call_list_filter(call, &list);
    if (err != ERR_OK)
        return err;

    request.filter = list.filter;
    err = core_stats(call->db, &call->op, core_task_index(api_core(call->api)), &request, &stats);
    if (err == ERR_OK)
        err = rows_make(call, &request, &stats, &rows);
    if (err != ERR_OK)
        return err;

    struct buf filters;
    buf_init(&filters, CALL_ANSWER_MAX);
    put_filters(&filters, call, &request);
    json_begin_object(&call->json, NULL);
    json_begin_list(&call->json, "by");
    for (size_t k = 0; k < request.n; k++)
        json_put_text(&call->json, NULL, str_of(groupings[request.by[k]].member));
    json_end(&call->json);
    json_begin_list(&call->json, "cells");
    for (size_t i = 0; i < stats.n; i++)
        put_cell(call, &request, buf_str(&filters), &rows[i]);
    json_end(&call->json);
    err = put_people(call, &request, &stats);
    json_put_time(&call->json, "asOf", call->op.now);
    json_end(&call->json);
    if (err == ERR_OK)
        err = buf_err(&filters);
    buf_finish(&filters);
    return err == ERR_OK ? call_answer_json(call, 200) : err;
}
