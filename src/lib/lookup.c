/* The public calls that store nothing: dry runs, records, lists, forms, receipts. */
#include "base/clock.h"
#include "base/percent.h"
#include "json/read.h"
#include "lib/answer.h"
#include "lib/client.h"

enum { MOVES_MAX = 5, EVENT_PAGES_MAX = 200, DRY_RUN_MAX = 16 * 1024 * 1024 };

/* Turns to the record by the key that it has now, at the server of the settings. */
static enum err follow(struct bzctrl *client, struct op *op, struct str moved_to,
                       struct fetch_request *request)
{
    struct buf url;
    enum err err = client_url(client, op, "/tasks/", &url);
    if (err != ERR_OK)
        return err;
    buf_add(&url, moved_to);
    err = buf_err(&url);
    if (err == ERR_OK)
        err = arena_copy(op->arena, buf_str(&url), &request->url);
    buf_finish(&url);
    return err;
}

/* Calls the API; its answer, with the faults, becomes ours. Finishes `url`. */
static enum err ask(struct bzctrl *client, struct bzctrl_answer *answer, const char *method,
                    struct buf *url, struct str body)
{
    struct op *op = &answer->op;
    struct fetch_request request = {.method = str_of(method), .body = body};
    struct fetch_answer got;
    if (body.p != NULL)
        request.content_type = STR("application/json");
    enum err err = buf_err(url);
    request.url = err == ERR_OK ? arena_str(op->arena, buf_str(url)) : STR_NONE;
    buf_finish(url);
    if (err == ERR_OK && request.url.p == NULL)
        err = ERR_MEMORY;
    if (err == ERR_OK)
        err = client_call(client, op, &request, client_deadline(client), &got);
    for (int i = 0; err == ERR_OK && got.status == 308; i++) {
        if (i == MOVES_MAX)
            return op_fail(op, ERR_UNAVAILABLE, "the server leads from one key to the next");
        err = follow(client, op, client_moved_to(&request, &got), &request);
        if (err == ERR_OK)
            err = client_call(client, op, &request, client_deadline(client), &got);
    }
    if (err != ERR_OK)
        return err;
    answer->status = got.status;
    answer->json = arena_str(op->arena, got.body);
    if (answer->json.p == NULL)
        return ERR_MEMORY;
    if (got.status < 400)
        return ERR_OK;
    err = answer_problem(answer, answer->json);
    if (err != ERR_OK)
        return err;
    return got.status == 404 ? ERR_NOT_FOUND : got.status == 403 ? ERR_FORBIDDEN : ERR_INVALID;
}

struct bzctrl_answer *bzctrl_dry_run(struct bzctrl *client, const char *form, const char *json)
{
    enum err err;
    struct buf url;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    if (err == ERR_OK && json == NULL)
        err = op_fail(&answer->op, ERR_MISUSE, "no report was given");
    if (err == ERR_OK)
        err = client_url(client, &answer->op, "/task/add-task?dryRun=true", &url);
    if (err == ERR_OK && form != NULL && form[0] != '\0') {
        BUF_LIT(&url, "&form=");
        buf_percent(&url, str_of(form), STR_NONE);
    }
    if (err == ERR_OK)
        err = ask(client, answer, "POST", &url, str_of(json));
    return answer_end(answer, err);
}

struct bzctrl_answer *bzctrl_dry_run_all(struct bzctrl *client, const char *form,
                                         const char *const *reports, size_t count)
{
    enum err err;
    struct buf url, body;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    buf_init(&body, DRY_RUN_MAX);
    for (size_t i = 0; i < count; i++) {
        buf_char(&body, i == 0 ? '[' : ',');
        BUF_LIT(&body, "{\"task\":");
        buf_add(&body, str_of(reports[i]));
        buf_char(&body, '}');
    }
    buf_char(&body, ']');
    if (err == ERR_OK)
        err = buf_err(&body);
    if (err == ERR_OK)
        err = client_url(client, &answer->op, "/task/add-tasks?dryRun=true", &url);
    if (err == ERR_OK && form != NULL && form[0] != '\0') {
        BUF_LIT(&url, "&form=");
        buf_percent(&url, str_of(form), STR_NONE);
    }
    if (err == ERR_OK)
        err = ask(client, answer, "POST", &url, buf_str(&body));
    buf_finish(&body);
    return answer_end(answer, err);
}

struct bzctrl_answer *bzctrl_show(struct bzctrl *client, const char *record)
{
    enum err err;
    struct buf url;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    if (err == ERR_OK)
        err = client_url(client, &answer->op, "/tasks/", &url);
    if (err == ERR_OK) {
        buf_percent(&url, str_of(record), STR_NONE);
        err = ask(client, answer, "GET", &url, STR_NONE);
    }
    if (err == ERR_OK)
        answer->record = arena_str(&answer->arena, str_of(record));
    return answer_end(answer, err);
}

struct bzctrl_answer *bzctrl_list(struct bzctrl *client, const char *const *filters)
{
    enum err err;
    struct buf url;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    if (err == ERR_OK)
        err = client_url(client, &answer->op, "/tasks", &url);
    for (size_t i = 0; err == ERR_OK && filters != NULL && filters[i] != NULL; i++) {
        struct str value = str_of(filters[i]), name = str_cut(&value, '=');
        if (str_eq(name, STR("source")) && str_eq(value, STR("me")))
            value = client_account(client);
        buf_char(&url, i == 0 ? '?' : '&');
        buf_percent(&url, name, STR_NONE);
        buf_char(&url, '=');
        buf_percent(&url, value, STR_NONE);
    }
    if (err == ERR_OK)
        err = ask(client, answer, "GET", &url, STR_NONE);
    return answer_end(answer, err);
}

struct bzctrl_answer *bzctrl_form(struct bzctrl *client, const char *workspace, const char *name,
                                  const char *part)
{
    enum err err;
    struct buf url;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    if (err == ERR_OK)
        err = client_url(client, &answer->op, "/workspaces/", &url);
    if (err == ERR_OK) {
        buf_percent(&url, str_of(workspace), STR_NONE);
        BUF_LIT(&url, "/forms");
        if (name != NULL) {
            buf_char(&url, '/');
            buf_percent(&url, str_of(name), STR_NONE);
        }
        if (name != NULL && part != NULL && part[0] != '\0') {
            buf_char(&url, '/');
            buf_percent(&url, str_of(part), STR_NONE);
        }
        err = ask(client, answer, "GET", &url, STR_NONE);
    }
    return answer_end(answer, err);
}

/* ---- receipts ---- */

/* Searches a page of events, newest first. *ret_found is true if the receipt's event is there and
 * has the hash `hash`. */
static enum err look_for(struct op *op, struct str json, struct str domain, int64_t seq,
                         struct str hash, bool *ret_found, struct str *ret_next)
{
    const struct json *root, *items;
    struct op quiet = {.arena = op->arena};
    enum err err = json_read_written(&quiet, op->arena, json, &root);
    if (err != ERR_OK)
        return err == ERR_MEMORY ? err
                                 : op_fail(op, ERR_UNAVAILABLE, "the server's answer is not JSON");
    items = json_member(root, STR("items"));
    if (items == NULL || items->kind != JSON_LIST)
        return op_fail(op, ERR_UNAVAILABLE, "the server's answer has no events");
    *ret_next = json_text(json_member(root, STR("next")));
    for (const struct json *item = items->first; item != NULL; item = item->next) {
        const struct json *number = json_member(item, STR("seq"));
        if (number == NULL || number->kind != JSON_NUMBER || number->number != (double)seq ||
            !str_eq_case(json_text(json_member(item, STR("domain"))), domain))
            continue;
        if (!str_eq(json_text(json_member(item, STR("hash"))), hash))
            return op_fail(op, ERR_CONFLICT,
                           "the server's history has another event in place of the receipt's: it "
                           "was rewritten");
        *ret_found = true;
    }
    return ERR_OK;
}

static enum err verify(struct bzctrl *client, struct bzctrl_answer *answer, struct str record,
                       struct str receipt)
{
    struct op *op = &answer->op;
    struct str hash = receipt, domain = str_cut(&hash, ':'), number = str_cut(&hash, ':'), next;
    uint64_t seq;
    bool found = false;
    if (!str_to_u64(number, INT64_MAX, &seq) || domain.n == 0 || hash.n != 44)
        return op_fail(op, ERR_INVALID, "a receipt looks like EXA-CON-BUS:1042:BASE64-HASH");
    next = STR("");
    for (int page = 0; !found && next.p != NULL && page < EVENT_PAGES_MAX; page++) {
        struct buf url;
        enum err err = client_url(client, op, "/tasks/", &url);
        if (err != ERR_OK)
            return err;
        buf_percent(&url, record, STR_NONE);
        BUF_LIT(&url, "/events?limit=200");
        if (next.n > 0) {
            BUF_LIT(&url, "&cursor=");
            buf_percent(&url, next, STR_NONE);
        }
        err = ask(client, answer, "GET", &url, STR_NONE);
        if (err == ERR_OK)
            err = look_for(op, answer->json, domain, (int64_t)seq, hash, &found, &next);
        if (err != ERR_OK)
            return err;
    }
    return found ? ERR_OK
                 : op_fail(op, ERR_CONFLICT,
                           "the server's history of this record has no event %.*s of %.*s",
                           STR_ARG(number), STR_ARG(domain));
}

struct bzctrl_answer *bzctrl_verify(struct bzctrl *client, const char *record, const char *receipt)
{
    enum err err;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    if (err == ERR_OK)
        err = verify(client, answer, str_of(record), str_trim(str_of(receipt)));
    return answer_end(answer, err);
}
