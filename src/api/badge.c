/*
 * GET /tasks/{key}/badge and GET /badge/{key}.{until}.{account}.{signature}.svg: a small picture with a record's
 * status, for a page of another system, whose readers need no account here. The address is signed with
 * the store's key, is about one record, and expires; it shows nothing but key and status, and only as
 * long as the account that made it may read the record.
 */
#include "api/api.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/record.h"
#include "base/percent.h"
#include "core/feed.h"
#include "model/date.h"
#include "model/key.h"
#include "model/task_state.h"
#include "store/alias.h"
#include "store/task.h"

#include <sodium.h>

enum {
    SIGNATURE_BYTES = 16,
    DAYS = 30, /* unless `days` says otherwise */
    DAYS_MAX = 366,
};

static const int64_t DAY_SECONDS = 24 * 60 * 60;

/* Of the record's id, so that the address stays valid when the record moves, its end and its maker. */
static void signature_make(const struct call *call, int64_t task_id, int64_t until,
                           int64_t account_id, unsigned char ret_signature[SIGNATURE_BYTES])
{
    crypto_generichash_state state;
    const unsigned char *key = core_feed_key(api_core(call->api));
    const int64_t numbers[] = {task_id, until, account_id};
    struct str purpose = STR("bzctrl badge 1");
    crypto_generichash_init(&state, key, FEED_KEY_SIZE, SIGNATURE_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)purpose.p, purpose.n);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        for (int shift = 56; shift >= 0; shift -= 8) {
            unsigned char byte = (unsigned char)((uint64_t)numbers[i] >> shift);
            crypto_generichash_update(&state, &byte, 1);
        }
    crypto_generichash_final(&state, ret_signature, SIGNATURE_BYTES);
}

/* ---- its address ---- */

enum err badge_address_get(struct call *call)
{
    static const char *const parameters[] = {"days", NULL};
    unsigned char signature[SIGNATURE_BYTES];
    struct record record;
    uint64_t days = DAYS;
    enum err err = call_query_accept(call, parameters);
    struct str text = err == ERR_OK ? call_query(call, "days") : STR_NONE;
    if (err == ERR_OK && text.p != NULL && (!str_to_u64(text, DAYS_MAX, &days) || days == 0))
        return call_refuse(call, 400, "days must be a number from 1 to %d, not \"%.*s\".", DAYS_MAX,
                           STR_ARG(utf8_cut(text, 60)));
    if (err == ERR_OK)
        err = record_find(call, RIGHT_READ, &record);
    if (err != ERR_OK)
        return err;
    int64_t until = call->op.now / 1000 + (int64_t)days * DAY_SECONDS;
    signature_make(call, record.task.id, until, call->caller->id, signature);
    struct json_writer *json = &call->json;
    json_begin_object(json, NULL);
    json_put_begin(json, "url");
    buf_printf(json->buf, "\"%.*s/badge/", STR_ARG(api_public_url(call->api)));
    buf_record_key(json->buf, record.workspace->key, record.task.number);
    buf_printf(json->buf, ".%lld.%lld.", (long long)until, (long long)call->caller->id);
    buf_base64url(json->buf, signature, sizeof signature);
    BUF_LIT(json->buf, ".svg\"");
    json_put_time(json, "expiresAt", until * 1000);
    json_end(json);
    return call_answer_json(call, 200);
}

/* ---- the picture ---- */

/* The colours of the web app's status marks. */
static const char *colour_of(const struct task *task, bool overdue)
{
    static const char *const colours[] = {[STATUS_TODO] = "#5b6472",
                                          [STATUS_IN_PROGRESS] = "#1f5fbf",
                                          [STATUS_DONE] = "#1c7a3e",
                                          [STATUS_EXPIRED] = "#8a5a00"};
    return overdue ? "#b3261e" : colours[task->status];
}

/* Keys and statuses are plain ASCII without a character that XML knows. Widths are those of the letters
 * of the usual fonts, with some room. */
static void picture_put(struct buf *buf, struct str key, struct str status, const char *colour)
{
    int left = 14 + 7 * (int)key.n, right = 14 + 7 * (int)status.n;
    buf_printf(buf,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"20\" role=\"img\""
               " aria-label=\"%.*s: %.*s\"><title>%.*s: %.*s</title>"
               "<rect width=\"%d\" height=\"20\" rx=\"3\" fill=\"#3b4252\"/>"
               "<rect x=\"%d\" width=\"%d\" height=\"20\" rx=\"3\" fill=\"%s\"/>"
               "<g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\""
               " text-anchor=\"middle\"><text x=\"%d\" y=\"14\" textLength=\"%d\">%.*s</text>"
               "<text x=\"%d\" y=\"14\" textLength=\"%d\">%.*s</text></g></svg>\n",
               left + right, STR_ARG(key), STR_ARG(status), STR_ARG(key), STR_ARG(status),
               left + right, left, right, colour, left / 2, left - 12, STR_ARG(key),
               left + right / 2, right - 12, STR_ARG(status));
}

static enum err refuse_unknown(struct call *call)
{
    return call_refuse(call, 404, "There is no such picture; its address may have expired.");
}

/* Takes the name apart, and finds its record. ERR_NOT_FOUND unless it was signed here, has not expired,
 * and its maker may read the record. */
static enum err badge_find(struct call *call, struct task *ret_task, struct str *ret_key)
{
    unsigned char sent[SIGNATURE_BYTES], right[SIGNATURE_BYTES];
    struct str rest = call->parameters[0], workspace_key;
    struct str key = str_cut(&rest, '.'), end = str_cut(&rest, '.'), by = str_cut(&rest, '.');
    struct str signature = str_cut(&rest, '.');
    int64_t number;
    uint64_t until, account_id;
    if (!str_eq(rest, STR("svg")) || !str_to_u64(end, INT64_MAX, &until) ||
        !str_to_u64(by, INT64_MAX, &account_id) || !base64url_read(signature, sent, sizeof sent) ||
        (int64_t)until <= call->op.now / 1000)
        return ERR_NOT_FOUND;
    enum err err = key_read_record(call->op.arena, key, &workspace_key, &number);
    if (err != ERR_OK)
        return err == ERR_SYNTAX ? ERR_NOT_FOUND : err;
    const struct workspace *workspace = directory_workspace(call->directory, workspace_key);
    if (workspace == NULL)
        return ERR_NOT_FOUND;
    err = store_task_get(call->db, &call->op, workspace->id, number, ret_task);
    if (err == ERR_NOT_FOUND)
        err = store_task_get_moved(call->db, &call->op, workspace->id, number, ret_task);
    if (err != ERR_OK)
        return err;

    const struct account *maker = directory_account_by_id(call->directory, (int64_t)account_id);
    workspace = directory_workspace_by_id(call->directory, ret_task->workspace_id);
    signature_make(call, ret_task->id, (int64_t)until, (int64_t)account_id, right);
    *ret_key = key;
    return bytes_equal_slowly(sent, right, sizeof sent) && maker != NULL && !maker->disabled &&
                   workspace != NULL &&
                   reach_covers(right_reach(call->directory, maker, RIGHT_READ, workspace), maker,
                                ret_task->source_id)
               ? ERR_OK
               : ERR_NOT_FOUND;
}

enum err badge_get(struct call *call)
{
    static const struct http_header headers[] = {
        {STR_INIT("Cache-Control"), STR_INIT("public, max-age=60")},
        {STR_INIT("Cross-Origin-Resource-Policy"), STR_INIT("cross-origin")},
        {STR_INIT("X-Robots-Tag"), STR_INIT("noindex")},
    };
    struct task task;
    struct str key;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = badge_find(call, &task, &key);
    if (err == ERR_NOT_FOUND)
        return refuse_unknown(call);
    if (err != ERR_OK)
        return err;
    const struct workspace *workspace =
        directory_workspace_by_id(call->directory, task.workspace_id);
    int32_t today = workspace == NULL ? DATE_MIN : zone_date(workspace->zone, call->op.now);
    bool overdue = task_is_overdue(task.status, task.due_date, today);
    picture_put(&call->body, key, task_status_name(task.status), colour_of(&task, overdue));
    return call_answer(call, 200, STR("image/svg+xml"), headers,
                       sizeof headers / sizeof headers[0]);
}
