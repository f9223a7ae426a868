#include "daemon/control.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/lane.h"
#include "core/core.h"
#include "daemon/program.h"
#include "db/lock.h"
#include "fetch/fetch.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    COMMAND_BODY_MAX = 9 * 1024 * 1024,
    COMMAND_WORDS_MAX = 64,
    OUTPUT_MAX = 16 * 1024 * 1024,
};

/* ---- the server's side ---- */

struct control {
    struct http_server *server;
    struct core *core;
    struct str public_url;
    struct lane *lane;
};

struct command_job {
    struct lane_job job;
    struct control *control;
    struct http_request *request;
    struct buf answer;
};

static void answer_text(struct http_request *request, int status, struct str text)
{
    static const struct http_header headers[] = {
        {STR_INIT("Content-Type"), STR_INIT("application/octet-stream")},
    };
    struct http_response response = {
        .status = status, .headers = headers, .header_count = 1, .body = text, .close = true};
    http_respond(request, &response);
}

/* The body: the input (empty: none), then one word per field. The answer: the exit code, the output,
 * the messages, the secret that the command has made (empty: none), and the server's version. */
static void command_run_job(struct lane_job *lane_job, void *worker)
{
    struct command_job *job = container_of(lane_job, struct command_job, job);
    struct op op = {.arena = &job->request->arena, .now = clock_now()};
    struct str words[COMMAND_WORDS_MAX], rest = job->request->body;
    struct str input = str_cut(&rest, '\0');
    size_t n = 0;
    (void)worker;
    while (rest.n > 0 && n < COMMAND_WORDS_MAX) {
        words[n] = arena_str(op.arena, str_cut(&rest, '\0'));
        if (words[n++].p == NULL)
            return; /* with no answer yet: a command without one of its words is another */
    }
    struct buf out, err;
    buf_init(&out, OUTPUT_MAX);
    buf_init(&err, OUTPUT_MAX);
    struct command_run run = {.op = &op,
                              .core = job->control->core,
                              .public_url = job->control->public_url,
                              .input = input.n == 0 ? STR_NONE : input,
                              .out = &out,
                              .err = &err};
    int code = EXIT_USAGE;
    if (rest.n > 0)
        buf_printf(&err, "bzctrld: a command has at most %d words\n", COMMAND_WORDS_MAX);
    else
        code = program_run_words(&run, words, n);
    buf_i64(&job->answer, code);
    buf_char(&job->answer, '\0');
    buf_add(&job->answer, buf_str(&out));
    buf_char(&job->answer, '\0');
    buf_add(&job->answer, buf_str(&err));
    buf_char(&job->answer, '\0');
    buf_add(&job->answer, run.secret);
    buf_char(&job->answer, '\0');
    buf_add(&job->answer, STR(BZCTRL_VERSION));
    buf_char(&job->answer, '\0');
    buf_finish(&out);
    buf_finish(&err);
}

static void command_done(struct lane_job *lane_job)
{
    struct command_job *job = container_of(lane_job, struct command_job, job);
    struct buf answer = job->answer; /* the job lies in the request's arena */
    if (answer.n == 0 || buf_err(&answer) != ERR_OK)
        answer_text(job->request, 503, STR("out of memory"));
    else
        answer_text(job->request, 200, buf_str(&answer));
    buf_finish(&answer);
}

static struct http_limits control_route(void *arg, struct http_request *request)
{
    (void)arg;
    (void)request;
    return (struct http_limits){.body_max = COMMAND_BODY_MAX};
}

/* The server's database, for those who may read it anyway; a file by its full path. */
static void answer_database(struct control *control, struct http_request *request)
{
    struct str url = core_database(control->core);
    char real[PATH_MAX];
    if (db_file(url).p != NULL && realpath(db_file(url).p, real) != NULL)
        url = arena_printf(&request->arena, "sqlite:%s", real);
    answer_text(request, url.p == NULL ? 503 : 200, url);
}

static void control_handle(void *arg, struct http_request *request)
{
    struct control *control = arg;
    if (request->peer_uid != geteuid() && request->peer_uid != 0) {
        answer_text(request, 403, STR("only the server's own user and root may give commands"));
        return;
    }
    if (str_eq(request->method, STR("GET")) && str_eq(request->path, STR("/database"))) {
        answer_database(control, request);
        return;
    }
    if (!str_eq(request->method, STR("POST")) || !str_eq(request->path, STR("/command"))) {
        answer_text(request, 404, STR("only POST /command and GET /database exist"));
        return;
    }
    struct command_job *job = ARENA_NEW(&request->arena, struct command_job);
    if (job == NULL) {
        answer_text(request, 503, STR("out of memory"));
        return;
    }
    *job = (struct command_job){.job = {.run = command_run_job, .done = command_done},
                                .control = control,
                                .request = request};
    buf_init(&job->answer, 2 * OUTPUT_MAX + 4096);
    if (lane_submit(control->lane, &job->job) != ERR_OK)
        answer_text(request, 503, STR("too many commands are waiting; try again later"));
}

static void control_refuse(void *arg, struct http_request *request, int status, const char *detail,
                           struct http_response *response, struct buf *body)
{
    (void)arg;
    (void)request;
    (void)status;
    (void)response;
    buf_add(body, str_of(detail));
}

static struct str socket_path(struct op *op, struct str data_dir)
{
    return arena_printf(op->arena, "%.*s/control.sock", STR_ARG(data_dir));
}

void control_set_public_url(struct control *control, struct str url)
{
    control->public_url = url;
}

enum err control_create(uv_loop_t *loop, struct core *core, struct mailbox *mailbox,
                        struct str data_dir, struct op *op, struct control **ret_control)
{
    struct control *control = calloc(1, sizeof *control);
    if (control == NULL)
        return ERR_MEMORY;
    control->core = core;
    struct lane_options options = {.name = "control",
                                   .metric = LANE_CONTROL,
                                   .threads = 1,
                                   .queue_max = 16,
                                   .mailbox = mailbox};
    struct http_callbacks callbacks = {
        .route = control_route, .handle = control_handle, .refuse = control_refuse, .arg = control};
    struct str path = socket_path(op, data_dir);
    struct str address =
                   path.p == NULL ? path : arena_printf(op->arena, "unix:%.*s", STR_ARG(path)),
               ignored;
    enum err err = address.p == NULL ? ERR_MEMORY : lane_create(&options, &control->lane);
    if (err == ERR_OK)
        err = http_server_create(loop, &callbacks, &control->server);
    if (err == ERR_OK)
        err = http_server_listen(control->server, op, address, true, &ignored);
    if (err == ERR_OK) {
        *ret_control = control;
        return ERR_OK;
    }
    if (control->server != NULL)
        http_server_close(control->server, NULL, NULL);
    lane_destroy(control->lane);
    free(control);
    return err;
}

void control_flush(struct control *control)
{
    lane_flush(control->lane);
}

void control_close(struct control *control, void (*closed)(void *arg), void *arg)
{
    lane_destroy(control->lane);
    http_server_close(control->server, closed, arg);
    free(control);
}

/* ---- the command's side ---- */

/* Of a server that has not been restarted since bzctrld was upgraded; an older one does not say
 * its `version`. */
static enum err fail_version(struct op *op, struct str version)
{
    return version.n == 0
               ? op_fail(op, ERR_UNAVAILABLE,
                         "the running server is older than this command (bzctrld %s): restart the "
                         "server, and try again",
                         BZCTRL_VERSION)
               : op_fail(op, ERR_UNAVAILABLE,
                         "the running server is bzctrld %.*s, and this command is bzctrld %s: "
                         "restart the server, and try again",
                         STR_ARG(version), BZCTRL_VERSION);
}

/* One exchange with the server that has the data folder. *ret_body is borrowed from `fetch`. */
static enum err control_exchange(struct command_run *run, struct fetch *fetch,
                                 const struct fetch_request *request, struct str *ret_body)
{
    struct op *op = run->op, quiet = {.arena = op->arena}; /* its detail is a part of ours */
    struct fetch_options options = {.socket = socket_path(op, run->config.data)};
    struct fetch_answer answer;
    if (options.socket.p == NULL)
        return ERR_MEMORY;
    enum err err = fetch_exchange(fetch, &quiet, &options, request, &answer);
    if (err == ERR_MEMORY)
        return err;
    if (err != ERR_OK && !fetch_sent(fetch))
        return op_fail(op, ERR_UNAVAILABLE,
                       "another process is using the data folder, and %.100s does not answer: %s",
                       options.socket.p, quiet.detail);
    if (err != ERR_OK)
        return op_fail(op, ERR_UNAVAILABLE, "the server closed the connection: %s", quiet.detail);
    if (answer.status == 404)
        return fail_version(op, STR_NONE);
    if (answer.status != 200)
        return op_fail(op, ERR_UNAVAILABLE, "%.*s", STR_ARG(answer.body));
    *ret_body = answer.body;
    return ERR_OK;
}

enum err control_database(struct command_run *run, struct str *ret_url)
{
    struct fetch *fetch;
    struct fetch_request request = {.method = STR("GET"), .url = STR("http://control/database")};
    struct str body;
    enum err err = fetch_create(&fetch);
    if (err != ERR_OK)
        return err;
    err = control_exchange(run, fetch, &request, &body);
    if (err == ERR_OK) {
        *ret_url = arena_str(run->op->arena, body);
        err = ret_url->p == NULL ? ERR_MEMORY : ERR_OK;
    }
    fetch_destroy(fetch);
    return err;
}

/* The exit code, the output and the secret of a command; see command_run_job(). */
static enum err result_read(struct command_run *run, struct str body, int *ret_code)
{
    uint64_t code;
    struct str rest = body, number = str_cut(&rest, '\0'), out = str_cut(&rest, '\0'),
               messages = str_cut(&rest, '\0'), secret = str_cut(&rest, '\0'),
               version = str_cut(&rest, '\0');
    if (secret.p == NULL || !str_to_u64(number, 255, &code))
        return fail_version(run->op, version);
    if (secret.n > 0) {
        run->secret = arena_str(run->op->arena, secret);
        if (run->secret.p == NULL)
            return ERR_MEMORY;
    }
    buf_add(run->out, out);
    buf_add(run->err, messages);
    *ret_code = (int)code;
    /* This program has found the words right, so they may be unknown only to that version. */
    return code == EXIT_USAGE && !str_eq(version, STR(BZCTRL_VERSION))
               ? fail_version(run->op, version)
               : ERR_OK;
}

int control_ask(struct command_run *run, const struct str *words, size_t n)
{
    struct fetch *fetch;
    struct buf body;
    struct str answer;
    int code = EXIT_DONE;
    enum err err = fetch_create(&fetch);
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_init(&body, COMMAND_BODY_MAX);
    buf_add(&body, run->input);
    buf_char(&body, '\0');
    for (size_t i = 0; i < n; i++) {
        buf_add(&body, words[i]);
        buf_char(&body, '\0');
    }
    err = buf_err(&body);
    if (err == ERR_OK) {
        struct fetch_request request = {.method = STR("POST"),
                                        .url = STR("http://control/command"),
                                        .content_type = STR("application/octet-stream"),
                                        .body = buf_str(&body)};
        err = control_exchange(run, fetch, &request, &answer);
    }
    if (err == ERR_OK)
        err = result_read(run, answer, &code);
    buf_finish(&body);
    fetch_destroy(fetch);
    return err == ERR_OK ? code : command_fail(run, err);
}
