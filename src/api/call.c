#include "api/call.h"

#include "api/api.h"
#include "api/problem.h"
#include "api/router.h"
#include "api/trace.h"
#include "base/container.h"
#include "base/log.h"
#include "core/form_cache.h"
#include "model/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct call *call_of_read(struct core_read *read)
{
    return container_of(read, struct call, read);
}

/* ---- the body ---- */

enum err call_expect_type(struct call *call, struct str_list types, size_t *ret_place)
{
    struct str type = http_header_get(call->request, STR("content-type"));
    struct str media = str_trim(str_cut(&type, ';'));
    if (http_header_get(call->request, STR("content-encoding")).p != NULL)
        return call_refuse(call, 415, "Send the body as it is, without a Content-Encoding.");
    size_t i = 0;
    while (i < types.n && !str_eq_case(media, types.items[i]))
        i++;
    if (i == types.n || http_header_count(call->request, STR("content-type")) != 1)
        return call_refuse(call, 415, "Send the body with Content-Type: %.*s%s%.*s.",
                           STR_ARG(types.items[0]), types.n > 1 ? " or " : "",
                           STR_ARG(types.n > 1 ? types.items[1] : STR("")));
    *ret_place = i;
    return ERR_OK;
}

enum err call_expect_json(struct call *call)
{
    static const struct str json[] = {STR_INIT("application/json")};
    size_t place;
    return call_expect_type(call, (struct str_list){json, 1}, &place);
}

/* ---- work on a lane ---- */

void call_read(struct call *call, enum err (*run)(struct core_read *, struct db *),
               void (*done)(struct core_read *))
{
    call->read = (struct core_read){.op = &call->op, .run = run, .done = done};
    enum err err = core_read(api_core(call->api), &call->read);
    if (err != ERR_OK)
        call_fail(call, err);
}

struct waiting {
    struct core_read read;
    struct call *call;
    enum err (*run)(struct call *call, void *arg);
    void *arg;
};

static enum err waiting_run(struct core_read *read, struct db *db)
{
    const struct waiting *waiting = container_of(read, struct waiting, read);
    waiting->call->db = db;
    return waiting->run(waiting->call, waiting->arg);
}

enum err call_read_wait(struct call *call, enum err (*read)(struct call *call, void *arg),
                        void *arg)
{
    struct waiting waiting = {
        .read = {.op = &call->op, .run = waiting_run}, .call = call, .run = read, .arg = arg};
    return core_read_wait(api_core(call->api), &waiting.read);
}

/* Takes over a reference. */
static void directory_set(struct call *call, const struct directory *directory)
{
    int64_t caller = call->caller == NULL ? 0 : call->caller->id;
    directory_release(call->directory);
    call->directory = directory;
    call->caller = caller == 0 ? NULL : directory_account_by_id(directory, caller);
}

void call_refresh_directory(struct call *call)
{
    directory_set(call, core_directory(api_core(call->api)));
}

enum err call_view_directory(struct call *call)
{
    const struct directory *directory;
    enum err err = core_directory_of_view(api_core(call->api), call->db, &call->op, &directory);
    if (err == ERR_OK)
        directory_set(call, directory);
    return err;
}

/* ---- the answers ---- */

struct http_header call_etag(struct call *call, int64_t version)
{
    struct http_header etag = {.name = STR("ETag")};
    struct buf buf;
    buf_init(&buf, 32);
    buf_char(&buf, '"');
    buf_i64(&buf, version);
    buf_char(&buf, '"');
    if (buf_move(&buf, call->op.arena, &etag.value) != ERR_OK)
        etag.value = STR_NONE;
    return etag;
}

/* Does a list of tags have this one, weak or strong, or "*"? */
static bool tags_have(struct str tags, struct str etag)
{
    while (tags.p != NULL) {
        struct str tag = str_trim(str_cut(&tags, ','));
        if (str_starts(tag, STR("W/")))
            tag = str_from(tag, 2);
        if (str_eq(tag, etag) || str_eq(tag, STR("*")))
            return true;
    }
    return false;
}

bool call_client_has(const struct call *call, struct str etag)
{
    return tags_have(http_header_get(call->request, STR("if-none-match")), etag);
}

enum err call_expect_match(struct call *call, struct str etag)
{
    struct str tags = http_header_get(call->request, STR("if-match"));
    if (tags.p == NULL)
        return call_refuse(
            call, 428,
            "Send If-Match with the ETag that you read, so that nobody's change is lost.");
    if (!tags_have(tags, etag))
        return call_refuse(call, 412, "This has changed since you read it; read it again.");
    return ERR_OK;
}

/* The same on every answer: nothing that is served here is for caches or for sniffing. */
static const struct http_header usual_headers[] = {
    {STR_INIT("X-Content-Type-Options"), STR_INIT("nosniff")},
    {STR_INIT("Cache-Control"), STR_INIT("no-store")},
};

static void call_let_go(struct call *call)
{
    if (call->let_go != NULL)
        call->let_go(call);
    if (call->directory != NULL)
        directory_release(call->directory);
    form_release(call->form);
    upload_end(call);
}

void call_drop(struct call *call)
{
    call_let_go(call);
    buf_finish(&call->body);
}

enum err call_answer(struct call *call, int status, struct str content_type,
                     const struct http_header *headers, size_t header_count)
{
    struct call_answer *answer = &call->answer;
    /* What could not be built whole is not sent at all. */
    if (buf_err(&call->body) != ERR_OK) {
        buf_clear(&call->body);
        status = 503;
        content_type = STR_NONE;
        header_count = 0;
    }
    *answer = (struct call_answer){.status = status};
    call->stream.more = NULL;
    for (size_t i = 0; i < header_count; i++)
        answer->headers[answer->header_count++] = headers[i];
    if (content_type.n > 0)
        answer->headers[answer->header_count++] =
            (struct http_header){STR("Content-Type"), content_type};
    for (size_t i = 0; i < sizeof usual_headers / sizeof usual_headers[0]; i++) {
        bool given = false;
        for (size_t k = 0; k < header_count; k++)
            given = given || str_eq(headers[k].name, usual_headers[i].name);
        if (!given)
            answer->headers[answer->header_count++] = usual_headers[i];
    }
    if (!call->running)
        call_send(call);
    return ERR_OK;
}

struct http_response call_response(struct call *call)
{
    struct call_answer *answer = &call->answer;
    answer->header_count += call_rate_headers(&call->rate, answer->headers + answer->header_count);
    call_log(call, answer->status);
    return (struct http_response){.status = answer->status,
                                  .headers = answer->headers,
                                  .header_count = answer->header_count,
                                  .body = buf_str(&call->body)};
}

void call_send(struct call *call)
{
    struct http_response response = call_response(call);
    struct buf body = call->body; /* the call itself lies in the request's arena */
    call_let_go(call);
    http_respond(call->request, &response);
    buf_finish(&body);
}

enum err call_answer_json(struct call *call, int status)
{
    if (buf_err(&call->body) == ERR_OK)
        return call_answer(call, status, STR("application/json"), NULL, 0);
    if (!call->running)
        call_fail(call, ERR_MEMORY);
    return ERR_MEMORY;
}

enum err call_answer_empty(struct call *call)
{
    buf_clear(&call->body);
    return call_answer(call, 204, STR_NONE, NULL, 0);
}

enum err call_refuse_problem(struct call *call, int status, struct str detail,
                             const struct faults *faults)
{
    struct http_header headers[2];
    size_t n = 0;
    int64_t retry_after = call->retry_after > 0 ? call->retry_after : problem_retry_after(status);
    if (status == 429 && call->rate.counted)
        retry_after = call->rate.state.retry_after;
    if (retry_after > 0) {
        struct str seconds = arena_printf(call->op.arena, "%lld", (long long)retry_after);
        headers[n++] =
            (struct http_header){STR("Retry-After"), seconds.p == NULL ? STR("5") : seconds};
    }
    if (status == 401) /* RFC 9110 section 15.5.2 wants it with each */
        headers[n++] = (struct http_header){
            STR("WWW-Authenticate"), STR("Bearer realm=\"bzctrl\", error=\"invalid_token\"")};
    if (status == 405) {
        struct buf list;
        size_t count;
        const struct route *routes = api_routes(&count);
        buf_init(&list, 128);
        router_allow(routes, count, call->request->path, &list);
        headers[n++] =
            (struct http_header){STR("Allow"), arena_str(call->op.arena, buf_str(&list))};
        buf_finish(&list);
    }
    call->note.detail = detail;
    call->note.faults = faults;
    buf_clear(&call->body);
    problem_encode(&call->body, status, detail, faults);
    (void)call_answer(call, status, STR("application/problem+json"), headers, n);
    return ERR_ANSWERED;
}

void call_fail(struct call *call, enum err err)
{
    int status = problem_status(err);
    struct str detail = str_of(call->op.detail);
    if (status >= 500 && err != ERR_NOT_READY) {
        struct trace trace = call_trace(call);
        LOG(LOG_ERROR, "request failed", LOG_TEXT("error", str_of(err_name(err))),
            LOG_TEXT("method", call->request->method), LOG_TEXT("path", call->request->path),
            LOG_TEXT("detail", detail), LOG_TEXT_IF_ANY("trace_id", trace.id),
            LOG_TEXT_IF_ANY("span_id", trace.parent));
    }
    (void)call_refuse_problem(call, status, problem_detail(err, detail), NULL);
}

enum err call_refuse_faults(struct call *call, const struct faults *faults)
{
    return call_refuse_problem(call, 422, problem_faults_detail(call->op.arena, faults), faults);
}

void call_refuse_status(struct call *call, int status, const char *detail, ...)
{
    char text[512];
    va_list args;
    va_start(args, detail);
    vsnprintf(text, sizeof text, detail, args);
    va_end(args);
    /* The call may be sent after this returns, so the text moves to its arena. */
    struct str kept = arena_str(call->op.arena, str_of(text));
    (void)call_refuse_problem(call, status, kept, NULL);
}
