#include "api/call_log.h"

#include "api/api.h"
#include "api/handlers.h"
#include "api/intake.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/trace.h"
#include "base/clock.h"
#include "core/request_log.h"
#include "form/form_json.h"
#include "json/read.h"
#include "json/write.h"
#include "model/faults.h"

enum {
    PROBLEM_MAX = 4096,         /* bytes */
    JSON_TRIED_MAX = 64 * 1024, /* a longer body that was not read is not read for the log either */
};

/* The routes whose calls are kept. */
static void (*const logged[])(struct call *call) = {add_task, add_tasks};

static bool is_logged(const struct route *route)
{
    for (size_t i = 0; route != NULL && i < sizeof logged / sizeof logged[0]; i++)
        if (route->start == logged[i])
            return true;
    return false;
}

/* {"detail": …, "errors": […]} with as many whole errors as fit. */
static void add_problem(struct buf *buf, const struct call_note *note)
{
    size_t start = buf->n, count = note->faults == NULL ? 0 : note->faults->n;
    buf_char(buf, '{');
    if (note->detail.n > 0) { /* faults never come without */
        BUF_LIT(buf, "\"detail\":");
        buf_json_string(buf, note->detail);
    }
    size_t end = buf->n;
    for (size_t i = 0; i < count; i++) {
        if (i == 0)
            BUF_LIT(buf, ",\"errors\":[");
        else
            buf_char(buf, ',');
        fault_encode(buf, &note->faults->items[i]);
        if (buf->n - start > PROBLEM_MAX - 2) {
            count = i;
            break;
        }
        end = buf->n;
    }
    buf_cut(buf, end);
    if (count > 0)
        buf_char(buf, ']');
    buf_char(buf, '}');
}

/* Most bodies were read on the way. One that was not, since the call was refused before, is tried
 * here: as JSON it may be shown further. */
static bool is_json(const struct call *call)
{
    const struct json *json;
    struct op op = {.arena = call->op.arena};
    return call->note.json ||
           (call->note.body.p == NULL && call->request->body.n <= JSON_TRIED_MAX &&
            json_read(&op, op.arena, call->request->body, &json) == ERR_OK);
}

void call_log(const struct call *call, int status)
{
    const struct http_request *http = call->request;
    const struct call_note *note = &call->note;
    struct str asked = call_query(call, "form");
    struct str body = note->body.p != NULL ? note->body : http->body;
    struct buf problem;
    if (call->route != NULL && call->route->start == add_task)
        intake_count(VIA_ADD_TASK, status, note->replayed, note->dry_run);
    if (call->caller == NULL || !is_logged(call->route))
        return;
    buf_init(&problem, CALL_ANSWER_MAX);
    if (note->detail.n > 0)
        add_problem(&problem, note);
    struct logged_request request = {
        .account_id = call->caller->id,
        .workspace_id = note->workspace_id,
        .at = clock_now(),
        .duration_ms = clock_ticks() - http->started,
        .status = status,
        .dry_run = note->dry_run,
        .replayed = note->replayed,
        .method = call->route->method,
        .path = call->route->path,
        .form = note->form,
        .asked_form = form_name_valid(asked) ? asked : STR_NONE,
        .idempotency_key = note->idempotency_key,
        .key = note->key,
        .trace_id = call_trace(call).id,
        .problem = problem.n > 0 ? buf_str(&problem) : STR_NONE,
        .body = body.n > 0 ? body : STR_NONE,
        .body_json = is_json(call),
    };
    if (buf_err(&problem) == ERR_OK)
        request_log_add(api_request_log(call->api), &request);
    buf_finish(&problem);
}
