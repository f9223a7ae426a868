#include "daemon/control.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/lane.h"
#include "core/core.h"
#include "daemon/program.h"
#include "db/lock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    COMMAND_BODY_MAX = 9 * 1024 * 1024,
    COMMAND_WORDS_MAX = 64,
    OUTPUT_MAX = 16 * 1024 * 1024,
    PROGRESS_MS = 200, /* how often the server is asked how far it is */
};

/* ---- the server's side ---- */

struct control {
    struct http_server *server;
    struct core *core;
    struct str public_url;
    struct lane *lane;
    atomic_bool stopping;
    pthread_mutex_t lock; /* for what the lane reports to the network thread: */
    char step[64];        /* what the running command does; empty: nothing to report */
    int64_t done, total;
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

static bool control_step(void *arg, const struct watch_step *step)
{
    struct control *control = arg;
    pthread_mutex_lock(&control->lock);
    snprintf(control->step, sizeof control->step, "%s", step->name);
    control->done = step->done;
    control->total = step->total;
    pthread_mutex_unlock(&control->lock);
    return !atomic_load(&control->stopping);
}

static void step_forget(struct control *control)
{
    pthread_mutex_lock(&control->lock);
    control->step[0] = '\0';
    pthread_mutex_unlock(&control->lock);
}

/* The body: the input (empty: none), then one word per field. */
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
                              .watch = {control_step, job->control},
                              .input = input.n == 0 ? STR_NONE : input,
                              .out = &out,
                              .err = &err};
    int code = program_run_words(&run, words, n);
    step_forget(job->control);
    buf_i64(&job->answer, code);
    buf_char(&job->answer, '\0');
    buf_add(&job->answer, buf_str(&out));
    buf_char(&job->answer, '\0');
    buf_add(&job->answer, buf_str(&err));
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

/* How far the command is that runs now: three fields, or nothing. */
static void answer_progress(struct control *control, struct http_request *request)
{
    char text[sizeof control->step + 64];
    int n = 0;
    pthread_mutex_lock(&control->lock);
    if (control->step[0] != '\0')
        n = snprintf(text, sizeof text, "%s%c%lld%c%lld", control->step, '\0',
                     (long long)control->done, '\0', (long long)control->total);
    pthread_mutex_unlock(&control->lock);
    answer_text(request, 200, (struct str){text, (size_t)n});
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
    if (str_eq(request->method, STR("GET")) && str_eq(request->path, STR("/progress"))) {
        answer_progress(control, request);
        return;
    }
    if (str_eq(request->method, STR("GET")) && str_eq(request->path, STR("/database"))) {
        answer_database(control, request);
        return;
    }
    if (!str_eq(request->method, STR("POST")) || !str_eq(request->path, STR("/command"))) {
        answer_text(request, 404, STR("only POST /command, GET /progress and GET /database exist"));
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
    buf_init(&job->answer, 2 * OUTPUT_MAX + 64);
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

static void control_free(struct control *control)
{
    pthread_mutex_destroy(&control->lock);
    free(control);
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
    pthread_mutex_init(&control->lock, NULL);
    struct lane_options options = {
        .name = "control", .threads = 1, .queue_max = 16, .mailbox = mailbox};
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
    control_free(control);
    return err;
}

void control_flush(struct control *control)
{
    atomic_store(&control->stopping, true);
    lane_flush(control->lane);
}

void control_close(struct control *control, void (*closed)(void *arg), void *arg)
{
    atomic_store(&control->stopping, true);
    lane_destroy(control->lane);
    http_server_close(control->server, closed, arg);
    control_free(control);
}

/* ---- the command's side ---- */

static enum err control_connect(struct op *op, struct str path, int *ret_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path.p == NULL)
        return ERR_MEMORY;
    if (path.n >= sizeof address.sun_path)
        return op_fail(op, ERR_UNAVAILABLE, "the path %s is too long for a socket", path.p);
    for (size_t i = 0; i < path.n; i++)
        address.sun_path[i] = path.p[i];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        enum err err =
            op_fail(op, ERR_UNAVAILABLE,
                    "another process is using the data folder, and %s does not answer: %s", path.p,
                    strerror(errno));
        if (fd >= 0)
            close(fd);
        return err;
    }
    *ret_fd = fd;
    return ERR_OK;
}

/* Sends a request and reads its answer to the end. `meanwhile`, if any, runs now and then as long
 * as nothing comes. */
static enum err exchange(struct op *op, int fd, struct str request,
                         void (*meanwhile)(struct command_run *run), struct command_run *run,
                         struct buf *answer)
{
    while (request.n > 0) {
        ssize_t wrote = write(fd, request.p, request.n);
        if (wrote <= 0)
            return op_fail(op, ERR_UNAVAILABLE, "the server closed the connection: %s",
                           strerror(errno));
        request = str_from(request, (size_t)wrote);
    }
    for (;;) {
        char block[16384];
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        if (meanwhile != NULL && poll(&readable, 1, PROGRESS_MS) == 0) {
            meanwhile(run);
            continue;
        }
        ssize_t got = read(fd, block, sizeof block);
        if (got < 0)
            return op_fail(op, ERR_UNAVAILABLE, "the server closed the connection: %s",
                           strerror(errno));
        if (got == 0)
            return buf_err(answer);
        buf_bytes(answer, block, (size_t)got);
    }
}

/* Cuts the head off an HTTP answer. False unless it is a 200. */
static bool answer_body(struct str answer, struct str *ret_body)
{
    bool done = str_starts(answer, STR("HTTP/1.1 200"));
    for (size_t i = 0; i + 4 <= answer.n; i++) {
        if (!str_eq(str_sub(answer, i, 4), STR("\r\n\r\n")))
            continue;
        *ret_body = str_from(answer, i + 4);
        return done;
    }
    *ret_body = STR("the server closed the connection without an answer");
    return false;
}

/* Asks for `path`; the answer's body is in `answer`. */
static enum err control_get(struct op *op, struct str data_dir, const char *path,
                            struct buf *answer, struct str *ret_body)
{
    struct str request = arena_printf(
        op->arena, "GET %s HTTP/1.1\r\nHost: control\r\nConnection: close\r\n\r\n", path);
    int fd = -1;
    enum err err =
        request.p == NULL ? ERR_MEMORY : control_connect(op, socket_path(op, data_dir), &fd);
    if (err == ERR_OK)
        err = exchange(op, fd, request, NULL, NULL, answer);
    if (fd >= 0)
        close(fd);
    if (err == ERR_OK && !answer_body(buf_str(answer), ret_body))
        err = op_fail(op, ERR_UNAVAILABLE, "%.*s", STR_ARG(*ret_body));
    return err;
}

/* Asks for the command's progress and shows it. A failure does no harm. */
static void progress_ask(struct command_run *run)
{
    struct arena arena;
    struct buf answer;
    struct str rest;
    uint64_t done, total;
    arena_init(&arena, 64 * 1024);
    buf_init(&answer, 4096);
    struct op op = {.arena = &arena};
    if (control_get(&op, run->config.data, "/progress", &answer, &rest) == ERR_OK && rest.n > 0) {
        struct str name = arena_str(&arena, str_cut(&rest, '\0'));
        bool counted = str_to_u64(str_cut(&rest, '\0'), INT64_MAX, &done) &&
                       str_to_u64(rest, INT64_MAX, &total);
        if (name.p != NULL)
            watch_tell(&run->watch, name.p, counted ? (int64_t)done : 0,
                       counted ? (int64_t)total : -1);
    }
    buf_finish(&answer);
    arena_finish(&arena);
}

enum err control_database(struct command_run *run, struct str *ret_url)
{
    struct buf answer;
    struct str body;
    buf_init(&answer, 64 * 1024);
    enum err err = control_get(run->op, run->config.data, "/database", &answer, &body);
    struct str url = err == ERR_OK ? arena_str(run->op->arena, body) : STR_NONE;
    buf_finish(&answer);
    if (err == ERR_OK && url.p == NULL)
        err = ERR_MEMORY;
    if (err == ERR_OK)
        *ret_url = url;
    return err;
}

int control_ask(struct command_run *run, const struct str *words, size_t n)
{
    struct buf request, answer, body;
    buf_init(&request, 2 * COMMAND_BODY_MAX);
    buf_init(&body, COMMAND_BODY_MAX);
    buf_init(&answer, 3 * OUTPUT_MAX);
    buf_add(&body, run->input);
    buf_char(&body, '\0');
    for (size_t i = 0; i < n; i++) {
        buf_add(&body, words[i]);
        buf_char(&body, '\0');
    }
    buf_printf(&request,
               "POST /command HTTP/1.1\r\nHost: control\r\nConnection: close\r\n"
               "Content-Length: %zu\r\n\r\n",
               body.n);
    buf_add(&request, buf_str(&body));

    int fd = -1, code;
    enum err err = buf_err(&body);
    if (err == ERR_OK)
        err = buf_err(&request);
    if (err == ERR_OK)
        err = control_connect(run->op, socket_path(run->op, run->config.data), &fd);
    if (err == ERR_OK)
        err = exchange(run->op, fd, buf_str(&request), progress_ask, run, &answer);
    struct str rest;
    uint64_t number;
    if (err != ERR_OK) {
        code = command_fail(run, err);
    } else if (!answer_body(buf_str(&answer), &rest)) {
        code = command_fail(run, op_fail(run->op, ERR_UNAVAILABLE, "%.*s", STR_ARG(rest)));
    } else if (!str_to_u64(str_cut(&rest, '\0'), 255, &number)) {
        code = command_fail(run,
                            op_fail(run->op, ERR_UNAVAILABLE, "the server's answer is not valid"));
    } else {
        buf_add(run->out, str_cut(&rest, '\0'));
        buf_add(run->err, str_cut(&rest, '\0'));
        code = (int)number;
    }
    if (fd >= 0)
        close(fd);
    buf_finish(&answer);
    buf_finish(&body);
    buf_finish(&request);
    return code;
}
