#include "api/dispatch.h"

#include "api/api.h"
#include "api/authentication.h"
#include "base/container.h"

enum {
    CALL_THREADS = 16, /* each waits for its commit, so as many changes can be in one batch */
    CALL_QUEUE_MAX = 4096,
};

/* A handler is about to run, maybe not for the first time. */
static enum err handler_run(struct call *call)
{
    buf_clear(&call->body);
    json_writer_init(&call->json, &call->body);
    call->answer.status = 0;
    call->query_count = 0;
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

/* The handler has returned: sends what it has set, or the problem that `err` stands for. */
static void call_finish(struct call *call, enum err err)
{
    if (err != ERR_OK && err != ERR_ANSWERED)
        call_fail(call, err);
    if (call_streams(call))
        call_stream_begin(call);
    else
        call_send(call);
}

/* ---- on the read lane ---- */

static enum err read_run(struct core_read *read, struct db *db)
{
    struct call *call = call_of_read(read);
    call->db = db;
    return handler_run(call);
}

static void read_done(struct core_read *read)
{
    call_finish(call_of_read(read), read->err);
}

/* ---- on the call lanes ---- */

/*
 * What a change was judged by can change before it is written, by another node, the operator or an
 * invitation; the core then answers ERR_OUTDATED, and has written nothing. So the handler runs
 * again from its top, by the directory that is now in force, and with the rights that its caller
 * has by that one.
 */
static void lane_run(struct lane_job *job, void *worker)
{
    struct call *call = container_of(job, struct call, job);
    struct arena_mark mark = arena_mark(call->op.arena);
    struct judging judging = {0};
    (void)worker;
    do {
        arena_rewind(call->op.arena, mark);
        call_refresh_directory(call);
        if (call->route->access != ACCESS_PUBLIC &&
            (call->caller == NULL || call->caller->disabled))
            call->err = call_challenge(call, 401, STR("invalid_token"), STR_NONE,
                                       "The token is unknown, expired or revoked; get a new one.");
        else
            call->err = handler_run(call);
    } while (judge_again(&judging, &call->op, call->err));
}

static void lane_done(struct lane_job *job)
{
    struct call *call = container_of(job, struct call, job);
    call_finish(call, call->err);
}

enum err call_lanes_start(struct mailbox *mailbox, struct call_lanes *ret_lanes)
{
    struct lane_options options = {
        .name = "bzctrl-call",
        .threads = CALL_THREADS,
        .queue_max = CALL_QUEUE_MAX,
        .mailbox = mailbox,
    };
    enum err err = lane_create(&options, &ret_lanes->call);
    options.name = "bzctrl-dir";
    options.threads = 1;
    return err == ERR_OK ? lane_create(&options, &ret_lanes->directory) : err;
}

void call_lanes_flush(struct call_lanes *lanes)
{
    lane_flush(lanes->call);
    lane_flush(lanes->directory);
}

void call_lanes_stop(struct call_lanes *lanes)
{
    lane_destroy(lanes->call);
    lane_destroy(lanes->directory);
}

enum err call_lane_submit(struct call *call)
{
    const struct call_lanes *lanes = api_call_lanes(call->api);
    return lane_submit(call->route->runs == RUNS_CALL ? lanes->call : lanes->directory, &call->job);
}

static void call_run(struct call *call)
{
    enum err err = ERR_OK;
    call->running = true;
    switch (call->route->runs) {
    case RUNS_READ:
        call->read = (struct core_read){.op = &call->op, .run = read_run, .done = read_done};
        err = core_read(api_core(call->api), &call->read);
        break;
    case RUNS_CALL:
    case RUNS_DIRECTORY:
        call->job = (struct lane_job){.run = lane_run, .done = lane_done};
        err = call_lane_submit(call);
        break;
    case RUNS_INLINE:
    case RUNS_ASYNC:
        call_finish(call, handler_run(call));
        return;
    }
    /* The queue is full: nothing will come back. */
    if (err != ERR_OK)
        call_finish(call, err);
}

void call_dispatch(struct call *call)
{
    if (call->route->runs == RUNS_ASYNC)
        call->route->start(call);
    else if (call->route->access == ACCESS_EARLY)
        upload_begin(call, call_run);
    else
        call_run(call);
}
