#include "api/api.h"

#include "api/authentication.h"
#include "api/dispatch.h"
#include "api/feed.h"
#include "api/handlers.h"
#include "api/intake.h"
#include "api/metrics.h"
#include "api/problem.h"
#include "api/router.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/network.h"
#include "base/percent.h"
#include "core/login.h"
#include "core/rate_limit.h"
#include "core/request_log.h"

#include <stdlib.h>
#include <string.h>

struct api {
    struct api_options options;
    struct buf public_url;
    struct call_lanes lanes;
    struct feed *feed;
    struct login *login;
    struct tokens *tokens;
    struct request_log *request_log;
    struct rate_limit *rate_limit;
    struct upload *uploads;
    struct metrics metrics;
    atomic_uint dry_runs;
    int64_t started_at;
    bool stopping;
};

#define HANDLER_INLINE(handler)    .handle = (handler)
#define HANDLER_READ(handler)      .handle = (handler)
#define HANDLER_CALL(handler)      .handle = (handler)
#define HANDLER_BULK(handler)      .handle = (handler)
#define HANDLER_FETCH(handler)     .handle = (handler)
#define HANDLER_DIRECTORY(handler) .handle = (handler)
#define HANDLER_ASYNC(handler)     .start = (handler)

static const struct route routes[] = {
#define ROUTE(m, p, handler, r, a, s, size)      ROUTE_OF(false, m, p, handler, r, a, s, size)
#define ROUTE_ONCE(m, p, handler, r, a, s, size) ROUTE_OF(true, m, p, handler, r, a, s, size)
#define ROUTE_OF(is_once, m, p, handler, r, a, s, size)                                            \
    {.method = STR_INIT(m),                                                                        \
     .path = STR_INIT(p),                                                                          \
     .runs = RUNS_##r,                                                                             \
     HANDLER_##r(handler),                                                                         \
     .access = ACCESS_##a,                                                                         \
     .scope = STR_INIT(s),                                                                         \
     .body_max = (size),                                                                           \
     .once = (is_once)},
#include "api/routes.def"
#undef ROUTE_OF
#undef ROUTE_ONCE
#undef ROUTE
};

const struct route *api_routes(size_t *ret_count)
{
    *ret_count = sizeof routes / sizeof routes[0];
    return routes;
}

struct core *api_core(const struct api *api)
{
    return api->options.core;
}

struct str api_public_url(const struct api *api)
{
    return buf_str(&api->public_url);
}

bool api_sends_mail(const struct api *api)
{
    return api->options.sends_mail;
}

struct str api_public_path(const struct api *api)
{
    struct str url = api_public_url(api);
    struct str host = str_from(url, str_find(url, ':') + 3);
    return str_from(host, str_find(host, '/'));
}

struct str api_environment(const struct api *api)
{
    return api->options.environment;
}

struct login *api_login(const struct api *api)
{
    return api->login;
}

const struct api_sign_in *api_sign_in(const struct api *api)
{
    return &api->options.sign_in;
}

struct call_lanes *api_call_lanes(struct api *api)
{
    return &api->lanes;
}

struct metrics *api_metrics(struct api *api)
{
    return &api->metrics;
}

const struct networks *api_proxies(const struct api *api)
{
    return api->options.proxies;
}

void api_look(struct api *api)
{
    if (!api->stopping)
        metrics_look(&api->metrics, api->options.core);
}

struct tokens *api_tokens(const struct api *api)
{
    return api->tokens;
}

struct request_log *api_request_log(const struct api *api)
{
    return api->request_log;
}

const struct seal_key *api_secret_key(const struct api *api)
{
    return api->options.secret_key;
}

const struct networks *api_webhook_allow(const struct api *api)
{
    return api->options.webhook_allow;
}

atomic_uint *api_dry_runs(struct api *api)
{
    return &api->dry_runs;
}

struct rate_limit *api_rate_limit(const struct api *api)
{
    return api->rate_limit;
}

struct upload **api_uploads(struct api *api)
{
    return &api->uploads;
}

void api_write_log(struct api *api, bool all)
{
    enum err err = request_log_write(api->request_log, all);
    if (err != ERR_OK)
        LOG(LOG_WARN, "part of the request log was lost", LOG_TEXT("error", str_of(err_name(err))));
}

void api_flush(struct api *api)
{
    call_lanes_flush(&api->lanes);
}

bool api_stopping(const struct api *api)
{
    return api->stopping;
}

int64_t api_started_at(const struct api *api)
{
    return api->started_at;
}

const struct api_setting *api_settings(const struct api *api, size_t *ret_n)
{
    *ret_n = api->options.setting_count;
    return api->options.settings;
}

struct feed *api_feed(const struct api *api)
{
    return api->feed;
}

int api_turn(struct api *api)
{
    return feed_turn(api->feed);
}

void api_set_stopping(struct api *api)
{
    api->stopping = true;
    feed_wake_all(api->feed);
    api->options.wake(api->options.wake_arg);
}

struct str call_client_address(struct call *call)
{
    static const struct str name = STR_INIT("x-forwarded-for");
    const struct http_request *request = call->request;
    const struct networks *proxies = call->api->options.proxies;
    struct str client = request->peer;
    struct address address;

    /* Each proxy appends whom it heard from, to the list or as a further header (RFC 9110 section
     * 5.3): walk back from the end of the last one for as long as the one who speaks is trusted. */
    for (size_t i = request->header_count; proxies != NULL && i > 0; i--) {
        struct str forwarded = request->headers[i - 1].value;
        if (!str_eq_case(request->headers[i - 1].name, name))
            continue;
        while (forwarded.n > 0) {
            if (!address_read(client, &address) || !networks_contain(proxies, &address))
                return client;
            size_t at = forwarded.n;
            while (at > 0 && forwarded.p[at - 1] != ',')
                at--;
            struct str last = str_trim(str_from(forwarded, at));
            if (!address_read(last, &address))
                return client;
            client = last;
            forwarded = str_sub(forwarded, 0, at == 0 ? 0 : at - 1);
        }
    }
    return client;
}

/* ---- the way of a request ---- */

/* Looked up once, as soon as the head is there; the match stays with the request. */
static struct http_limits api_route(void *arg, struct http_request *request)
{
    (void)arg;
    struct route_match *match = ARENA_NEW(&request->arena, struct route_match);
    if (match != NULL)
        *match =
            router_find(routes, sizeof routes / sizeof routes[0], request->method, request->path);
    const struct route *route = match == NULL ? NULL : match->route;
    request->route = match;
    /* A small body of a request to an unknown path is read, so that the client gets its 404; and one of a
     * call that takes none, as long as it may be nothing. */
    return (struct http_limits){
        .body_max = route == NULL                                                ? 64 * 1024
                    : route->body_max == 0 && !str_eq(route->method, STR("GET")) ? 1024
                                                                                 : route->body_max,
        .early = route != NULL && route->access == ACCESS_EARLY};
}

static enum err call_parameters(struct call *call, const struct route_match *match)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < PATH_PARAMETERS_MAX && match->parameters[i].p != NULL; i++)
        if (err == ERR_OK)
            err = percent_decode(call->op.arena, match->parameters[i], false, &call->parameters[i]);
    return err;
}

static void api_handle(void *arg, struct http_request *request)
{
    struct api *api = arg;
    const struct route_match *match = request->route;
    struct call *call = match == NULL ? NULL : ARENA_NEW(&request->arena, struct call);
    if (call == NULL) {
        struct http_response response = {.status = 503, .close = true};
        http_respond(request, &response);
        return;
    }
    request->user = call;
    call->request = request;
    call->api = api;
    call->route = match->route;
    call->op = (struct op){.arena = &request->arena, .now = clock_now()};
    buf_init(&call->body, CALL_ANSWER_MAX);
    json_writer_init(&call->json, &call->body);

    if (call->route == NULL) {
        if (match->path_exists)
            call_refuse(call, 405, "%.*s is not supported here; see the Allow header.",
                        STR_ARG(request->method));
        else
            call_refuse(call, 404, "There is nothing at %.*s.",
                        STR_ARG(str_sub(request->path, 0, 200)));
        return;
    }
    enum err err = call_parameters(call, match);
    if (err == ERR_SYNTAX)
        op_say(&call->op,
               "The path is not encoded correctly; use percent-encoded UTF-8 without NUL.");
    if (err != ERR_OK) {
        call_fail(call, err);
        return;
    }
    call->directory = core_directory(api->options.core);
    if (call->route->access == ACCESS_PUBLIC)
        call_dispatch(call);
    else
        call_authenticate(call, call_dispatch);
}

static void api_refuse(void *arg, struct http_request *request, int status, const char *detail,
                       struct http_response *response, struct buf *body)
{
    static const struct http_header headers[] = {
        {STR_INIT("Content-Type"), STR_INIT("application/problem+json")},
        {STR_INIT("X-Content-Type-Options"), STR_INIT("nosniff")},
        {STR_INIT("Cache-Control"), STR_INIT("no-store")},
        {STR_INIT("Retry-After"), STR_INIT("5")}, /* of a 503 */
    };
    (void)arg;
    const struct route_match *match = request->route;
    if (match != NULL && match->route != NULL && match->route->start == add_task)
        intake_count(VIA_ADD_TASK, status, false, false);
    problem_encode(body, status, str_of(detail), NULL);
    response->headers = headers;
    response->header_count =
        sizeof headers / sizeof headers[0] - (problem_retry_after(status) == 0);
}

static void api_finished(void *arg, const struct http_request *request, int status, size_t bytes)
{
    (void)arg;
    (void)bytes;
    metrics_answered(request, status);
}

struct http_callbacks api_callbacks(struct api *api)
{
    return (struct http_callbacks){.route = api_route,
                                   .handle = api_handle,
                                   .open = api_handle,
                                   .refuse = api_refuse,
                                   .finished = api_finished,
                                   .arg = api};
}

/* ---- life ---- */

enum err api_create(const struct api_options *options, struct api **ret_api)
{
    struct api *api = calloc(1, sizeof *api);
    if (api == NULL)
        return ERR_MEMORY;
    api->options = *options;
    api->started_at = clock_now();
    api->metrics.allowed = options->metrics_allow;
    api->metrics.started_at = api->started_at;
    buf_init(&api->public_url, 2048);
    enum err err = tokens_create(options->core, &api->tokens);
    if (err != ERR_OK)
        goto fail;
    err = login_create(options->core, options->sign_in.passwords, &api->login);
    if (err != ERR_OK)
        goto fail;
    err = call_lanes_start(options->mailbox, &api->lanes);
    if (err != ERR_OK)
        goto fail;
    err = request_log_create(options->core, &api->request_log);
    if (err == ERR_OK && options->rate_limit > 0)
        err = rate_limit_create(options->rate_limit, &api->rate_limit);
    if (err == ERR_OK) /* last: from here on the core knows it */
        err = feed_create(options->core, options->wake, options->wake_arg, &api->feed);
    if (err != ERR_OK)
        goto fail;
    *ret_api = api;
    return ERR_OK;
fail:
    api_destroy(api);
    return err;
}

enum err api_set_public_url(struct api *api, struct str url)
{
    buf_clear(&api->public_url);
    buf_add(&api->public_url, url);
    return buf_err(&api->public_url);
}

void api_destroy(struct api *api)
{
    if (api == NULL)
        return;
    call_lanes_stop(&api->lanes);
    feed_destroy(api->feed);
    login_destroy(api->login);
    tokens_destroy(api->tokens);
    request_log_destroy(api->request_log);
    rate_limit_destroy(api->rate_limit);
    metrics_finish(&api->metrics);
    buf_finish(&api->public_url);
    free(api);
}
