/* GET, POST and DELETE /me/calendar, and the feed itself, GET /calendar/{secret}.ics. */
#include "core/calendar.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/list_query.h"
#include "api/query.h"
#include "core/task.h"
#include "core/task_cursor.h"
#include "core/task_index.h"
#include "model/calendar.h"
#include "store/calendar.h"

enum { FEED_RECORDS_MAX = 2000 /* of each list */ };

/* ---- the address ---- */

/* A system has no calendar. */
static enum err expect_person(struct call *call)
{
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK && call->caller->kind != ACCOUNT_PERSON)
        err = call_refuse(call, 403, "A calendar is for people.");
    return err;
}

static void calendar_encode(struct call *call, int64_t created_at, struct str secret)
{
    struct json_writer *json = &call->json;
    json_begin_object(json, NULL);
    json_put_flag(json, "active", created_at != TIME_NONE);
    json_put_time(json, "createdAt", created_at);
    if (secret.p != NULL) {
        json_put_begin(json, "url");
        buf_printf(json->buf, "\"%.*s/calendar/%.*s.ics\"", STR_ARG(api_public_url(call->api)),
                   STR_ARG(secret));
    }
    json_end(json);
}

enum err calendar_get(struct call *call)
{
    int64_t created_at = TIME_NONE;
    enum err err = expect_person(call);
    if (err == ERR_OK)
        err = store_calendar_get(call->db, &call->op, call->caller->id, &created_at);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    calendar_encode(call, created_at, STR_NONE);
    return call_answer_json(call, 200);
}

enum err calendar_create(struct call *call)
{
    struct calendar_save save = {
        .op = &call->op, .directory = call->directory, .person = call->caller};
    enum err err = expect_person(call);
    if (err == ERR_OK)
        err = core_calendar_save(api_core(call->api), &save);
    if (err != ERR_OK)
        return err;
    calendar_encode(call, call->op.now, save.secret);
    return call_answer_json(call, 201);
}

enum err calendar_revoke(struct call *call)
{
    struct calendar_save save = {
        .op = &call->op, .directory = call->directory, .person = call->caller, .drops = true};
    enum err err = expect_person(call);
    if (err == ERR_OK)
        err = core_calendar_save(api_core(call->api), &save);
    return err == ERR_OK ? call_answer_empty(call) : err;
}

/* ---- the feed ---- */

/* Whose feed the address is; they are the caller from here on, and what they may read now is shown. */
static enum err feed_caller(struct call *call)
{
    struct str name = call->parameters[0], ending = STR(".ics");
    struct str secret = str_sub(name, 0, name.n < ending.n ? 0 : name.n - ending.n);
    struct sha256 hash = sha256(secret);
    int64_t id = 0;
    enum err err = calendar_secret_valid(secret) && str_eq(str_from(name, secret.n), ending)
                       ? store_calendar_owner(call->db, &call->op, &hash, &id)
                       : ERR_NOT_FOUND;
    const struct account *person = directory_account_by_id(call->directory, id);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && (person == NULL || person->disabled)))
        return call_refuse(call, 404,
                           "There is no such calendar; its address may have been revoked.");
    call->caller = person;
    return err;
}

/* The open records of a list, those with the next due dates first; `skips` those that are assigned to the
 * caller, since the list of these has come before. */
static enum err feed_list(struct call *call, struct buf *buf, const char *query, bool skips)
{
    struct task_list_request list;
    struct task_page page;
    char cursor[TASK_LIST_CURSOR_MAX];
    bool filters;
    enum err err = call_list_select(call, str_of(query), &filters, &list);
    struct arena_mark mark = arena_mark(call->op.arena);
    list.sort = SORT_DUE;
    list.descending = false;
    for (size_t left = FEED_RECORDS_MAX; left > 0 && err == ERR_OK; left -= page.tasks.n) {
        list.limit = left < TASK_LIST_MAX ? left : TASK_LIST_MAX;
        err =
            core_task_list(call->db, &call->op, core_task_index(api_core(call->api)), &list, &page);
        for (size_t k = 0; err == ERR_OK && k < page.tasks.n; k++) {
            const struct task *task = &page.tasks.items[k];
            const struct workspace *workspace =
                directory_workspace_by_id(call->directory, task->workspace_id);
            if (workspace != NULL && !(skips && task->assignee_id == call->caller->id))
                buf_calendar_task(buf, task, workspace, api_public_url(call->api));
        }
        if (err != ERR_OK || page.next.p == NULL)
            break;
        list.cursor = task_cursor_keep(page.next, cursor);
        arena_rewind(call->op.arena, mark);
    }
    return err;
}

/* Programs ask for it every few minutes or hours; most of the time nothing has changed. */
enum err calendar_feed(struct call *call)
{
    struct buf *body = &call->body;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = feed_caller(call);
    if (err != ERR_OK)
        return err;
    buf_calendar_begin(body);
    err = feed_list(call, body, "assignee=me&open=true", false);
    if (err == ERR_OK)
        err = feed_list(call, body, "follower=me&open=true", true);
    buf_calendar_end(body);
    if (err == ERR_OK)
        err = buf_err(body);
    if (err != ERR_OK)
        return err;

    struct sha256 hash = sha256(buf_str(body));
    struct buf etag;
    struct http_header headers[] = {
        {STR("ETag"), STR_NONE},
        {STR("Cache-Control"), STR("private, no-cache")},
        {STR("X-Robots-Tag"), STR("noindex")},
    };
    buf_init(&etag, 64);
    buf_char(&etag, '"');
    buf_base64url(&etag, hash.bytes, 16);
    buf_char(&etag, '"');
    err = buf_move(&etag, call->op.arena, &headers[0].value);
    if (err != ERR_OK)
        return err;
    bool known = call_client_has(call, headers[0].value);
    if (known)
        buf_clear(body);
    return call_answer(call, known ? 304 : 200,
                       known ? STR_NONE : STR("text/calendar; charset=utf-8"), headers,
                       sizeof headers / sizeof headers[0]);
}
