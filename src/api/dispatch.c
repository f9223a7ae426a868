#include "api/dispatch.h"

#include "api/api.h"
#include "api/authentication.h"
#include "api/once.h"
#include "api/problem.h"
#include "base/container.h"

#include <unistd.h>

enum {
    CALL_THREADS = 64, /* each waits for its commit, so as many changes can be in one batch */
    CALL_QUEUE_MAX = 4096,
    BULK_THREADS = 2, /* each keeps a read lane or the write lane at work */
    BULK_QUEUE_MAX = 64,
    FETCH_THREADS = 4, /* so many exchanges with the provider of identities at a time */
    FETCH_QUEUE_MAX = 64,
    HASH_THREADS = 2,
    HASH_QUEUE_MAX = 1024,
    ORIGIN_MAX = 128, /* characters of Bzctrl-Origin */
};

/* ---- where the route says ---- */

static enum err read_run(struct core_read *read, struct db *db)
{
    struct call *call = call_of_read(read);
    call->db = db;
    return call->run(call);
}

static void read_done(struct core_read *read)
{
    call_of_read(read)->done(call_of_read(read), read->err);
}

static void lane_run(struct lane_job *job, void *worker)
{
    struct call *call = container_of(job, struct call, job);
    (void)worker;
    call->err = call->run(call);
}

static void lane_done(struct lane_job *job)
{
    struct call *call = container_of(job, struct call, job);
    call->done(call, call->err);
}

void call_run(struct call *call, enum err (*run)(struct call *),
              void (*done)(struct call *, enum err))
{
    const struct call_lanes *lanes = api_call_lanes(call->api);
    enum err err = ERR_OK;
    call->run = run;
    call->done = done;
    switch (call->route->runs) {
    case RUNS_READ:
        call->read = (struct core_read){.op = &call->op, .run = read_run, .done = read_done};
        err = core_read(api_core(call->api), &call->read);
        break;
    case RUNS_CALL:
    case RUNS_BULK:
    case RUNS_FETCH:
    case RUNS_DIRECTORY:
        call->job = (struct lane_job){.run = lane_run, .done = lane_done};
        err = lane_submit(call->hashing                         ? lanes->hash
                          : call->route->runs == RUNS_DIRECTORY ? lanes->directory
                          : call->route->runs == RUNS_BULK      ? lanes->bulk
                          : call->route->runs == RUNS_FETCH     ? lanes->fetch
                                                                : lanes->call,
                          &call->job);
        break;
    case RUNS_INLINE:
    case RUNS_ASYNC:
        done(call, run(call));
        return;
    }
    /* The queue is full: nothing will come back. */
    if (err != ERR_OK)
        done(call, err);
}

/* ---- a handler ---- */

/* It is about to run, maybe not for the first time. */
static enum err handler_run(struct call *call)
{
    buf_clear(&call->body);
    json_writer_init(&call->json, &call->body);
    call->answer.status = 0;
    call->query = (struct query){0};
    enum err err = call->route->handle(call);
    if (err == ERR_OK && call->stream.more != NULL)
        err = call_stream_piece(call);
    /* Should it run again, it takes what it needs again. */
    if (err != ERR_OK && call->let_go != NULL) {
        call->let_go(call);
        call->let_go = NULL;
    }
    return err;
}

/* People and workspaces that another node has just made are known to a read, too. */
static enum err handler_run_read(struct call *call)
{
    enum err err = core_is_shared(api_core(call->api)) ? call_view_directory(call) : ERR_OK;
    if (err == ERR_OK && call->route->access != ACCESS_PUBLIC)
        err = call_expect_caller(call);
    return err == ERR_OK ? handler_run(call) : err;
}

static enum err view_read(struct call *call, void *arg)
{
    (void)arg;
    return call_view_directory(call);
}

/* Where nodes share the database, another one may just have made what is unknown here: then a refusal, which has
 * written nothing, is outdated. */
static enum err refusal_look(struct call *call, enum err err, bool *viewed)
{
    const struct route *route = call->route;
    int status = err == ERR_ANSWERED ? call->answer.status : problem_status(err);
    if (err == ERR_OK || status < 400 || status >= 500 || *viewed || call->hashing ||
        route->access == ACCESS_PUBLIC || route->runs == RUNS_BULK ||
        !core_is_shared(api_core(call->api)))
        return err;
    *viewed = true;
    int64_t version = call->directory->version;
    enum err looked = call_read_wait(call, view_read, NULL);
    if (looked != ERR_OK)
        return looked;
    return call->directory->version != version ? ERR_OUTDATED : err;
}

/*
 * What a change was judged by can change before it is written, by another node, the operator or an
 * invitation; the core then answers ERR_OUTDATED, and has written nothing. So the handler runs
 * again from its top, by the directory that is now in force, and with the rights that its caller
 * has by that one.
 */
static enum err handler_run_judged(struct call *call)
{
    struct judging judging = {0};
    struct once once = {0};
    bool viewed = false;
    enum err err = call->route->once ? call_once_read(call, &once) : ERR_OK;
    if (err != ERR_OK)
        return err;
    bool keyed = once.key.key.p != NULL;
    struct arena_mark mark = arena_mark(call->op.arena);
    do {
        arena_rewind(call->op.arena, mark);
        call_refresh_directory(call);
        err = call->route->access == ACCESS_PUBLIC ? ERR_OK : call_expect_caller(call);
        if (err == ERR_OK && keyed)
            err = call_once_replay(call, &once.key);
        call->op.once = keyed ? &once : NULL;
        if (err == ERR_OK)
            err = handler_run(call);
        call->op.once = NULL;
        err = refusal_look(call, err, &viewed);
    } while (judge_again(&judging, &call->op, err));
    if (err == ERR_OK && keyed)
        call_once_keep(call, &once);
    return err;
}

/* It has returned: sends what it has set, or the problem that `err` stands for. One that must hash
 * a password is run again where that may be done. */
static void call_finish(struct call *call, enum err err)
{
    if (err == ERR_ELSEWHERE && !call->hashing) {
        call->hashing = true;
        call_run(call, handler_run_judged, call_finish);
        return;
    }
    bool streams = err == ERR_OK && call_streams(call);
    if (streams)
        err = call_stream_begin(call);
    if (err != ERR_OK && err != ERR_ANSWERED)
        call_fail(call, err);
    if (!streams || err != ERR_OK)
        call_send(call);
}

/* Its body is there. */
static void handler_begin(struct call *call)
{
    enum runs runs = call->route->runs;
    bool changes = runs == RUNS_CALL || runs == RUNS_BULK || runs == RUNS_DIRECTORY;
    call->running = true;
    call_run(call,
             changes             ? handler_run_judged
             : runs == RUNS_READ ? handler_run_read
                                 : handler_run,
             call_finish);
}

/* ---- what all calls have in common that may change something ---- */

/* Many clients send an empty object with a call that takes nothing. */
static bool body_says_nothing(struct str body)
{
    body = str_trim(body);
    return body.n == 0 || (body.n >= 2 && body.p[0] == '{' && body.p[body.n - 1] == '}' &&
                           str_trim(str_sub(body, 1, body.n - 2)).n == 0);
}

static enum err origin_read(struct call *call)
{
    struct str origin = http_header_get(call->request, STR("bzctrl-origin"));
    size_t printable = 0;
    if (origin.p == NULL)
        return ERR_OK;
    while (printable < origin.n && origin.p[printable] >= ' ' && origin.p[printable] <= '~')
        printable++;
    if (origin.n == 0 || origin.n > ORIGIN_MAX || printable < origin.n ||
        http_header_count(call->request, STR("bzctrl-origin")) > 1)
        return call_refuse(call, 400,
                           "Bzctrl-Origin must be one text of 1 to %d printable ASCII characters.",
                           ORIGIN_MAX);
    call->origin = origin;
    return ERR_OK;
}

static enum err change_expect(struct call *call)
{
    const struct route *route = call->route;
    if (str_eq(route->method, STR("GET"))) /* HEAD has that, too */
        return ERR_OK;
    if (route->body_max == 0 && !body_says_nothing(call->request->body))
        return call_refuse(call, 400, "This call takes no body: send none, or {}.");
    return route->access == ACCESS_PUBLIC ? ERR_OK : origin_read(call);
}

void call_dispatch(struct call *call)
{
    if (change_expect(call) != ERR_OK)
        return;
    if (call->route->runs == RUNS_ASYNC)
        call->route->start(call);
    else if (call->route->access == ACCESS_EARLY)
        upload_begin(call, handler_begin);
    else
        handler_begin(call);
}

/* ---- the lanes ---- */

enum err call_lanes_start(struct mailbox *mailbox, struct call_lanes *ret_lanes)
{
    struct lane_options options = {
        .name = "bzctrl-call",
        .metric = LANE_CALL,
        .threads = CALL_THREADS,
        .queue_max = CALL_QUEUE_MAX,
        .mailbox = mailbox,
    };
    enum err err = lane_create(&options, &ret_lanes->call);
    options.name = "bzctrl-dir";
    options.metric = LANE_DIRECTORY;
    options.threads = 1;
    if (err == ERR_OK)
        err = lane_create(&options, &ret_lanes->directory);
    options.name = "bzctrl-bulk";
    options.metric = LANE_BULK;
    options.threads = BULK_THREADS;
    options.queue_max = BULK_QUEUE_MAX;
    if (err == ERR_OK)
        err = lane_create(&options, &ret_lanes->bulk);
    options.name = "bzctrl-fetch";
    options.metric = LANE_FETCH;
    options.threads = FETCH_THREADS;
    options.queue_max = FETCH_QUEUE_MAX;
    if (err == ERR_OK)
        err = lane_create(&options, &ret_lanes->fetch);
    options.name = "bzctrl-hash";
    options.metric = LANE_HASH;
    options.threads = sysconf(_SC_NPROCESSORS_ONLN) < HASH_THREADS ? 1 : HASH_THREADS;
    options.queue_max = HASH_QUEUE_MAX;
    return err == ERR_OK ? lane_create(&options, &ret_lanes->hash) : err;
}

void call_lanes_flush(struct call_lanes *lanes)
{
    lane_flush(lanes->call);
    lane_flush(lanes->hash);
    lane_flush(lanes->bulk);
    lane_flush(lanes->fetch);
    lane_flush(lanes->directory);
}

void call_lanes_stop(struct call_lanes *lanes)
{
    lane_destroy(lanes->call);
    lane_destroy(lanes->hash);
    lane_destroy(lanes->bulk);
    lane_destroy(lanes->fetch);
    lane_destroy(lanes->directory);
}
