#include "http/server.h"

#include "base/container.h"
#include "http/answer.h"
#include "http/connection.h"
#include "http/listen.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many connections may be open at once: files are also needed for everything else. The limit
 * that a process starts with is for programs that use select(), and may be raised. */
static size_t connections_max(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
        return HTTP_CONNECTIONS_MAX;
    if (files.rlim_cur / 2 <= HTTP_DESCRIPTORS_KEPT)
        return files.rlim_cur / 2;
    size_t max = files.rlim_cur - HTTP_DESCRIPTORS_KEPT;
    return max < HTTP_CONNECTIONS_MAX ? max : HTTP_CONNECTIONS_MAX;
}

enum err http_server_create(uv_loop_t *loop, const struct http_callbacks *callbacks,
                            struct http_server **ret_server)
{
    struct http_server *server = calloc(1, sizeof *server);
    struct connection *reserve = calloc(1, sizeof *reserve);
    if (server == NULL || reserve == NULL) {
        free(server);
        free(reserve);
        return ERR_MEMORY;
    }
    /* Big bodies and answers go back to the system when they are freed. Left to itself, malloc
     * learns to keep them, and a burst of them stays forever. */
    (void)mallopt(M_MMAP_THRESHOLD, HTTP_MMAP_THRESHOLD);
    (void)mallopt(M_TRIM_THRESHOLD, HTTP_TRIM_THRESHOLD);
    server->reserve = reserve;
    server->loop = loop;
    server->callbacks = *callbacks;
    server->connections_max = connections_max();
    buf_init(&server->head, HTTP_READ_SIZE);
    deadlines_init(&server->deadlines, loop, connection_expired);
    (void)uv_timer_init(loop, &server->drain_timer); /* cannot fail */
    server->drain_timer.data = server;
    server->handles = 2;
    *ret_server = server;
    return ERR_OK;
}

void http_server_scale_deadlines(struct http_server *server, int percent)
{
    deadlines_scale(&server->deadlines, percent);
}

/* ---- listening ---- */

static struct listener *listener_of_handle(void *handle)
{
    return container_of(handle, struct listener, handle);
}

/* Out of descriptors, libuv itself closes the newcomer with one that it holds in reserve, so that
 * the loop does not spin; there is nothing to be done here then. */
static void newcomer(uv_stream_t *stream, int status)
{
    if (status == 0)
        connection_accept(listener_of_handle(stream));
}

static void listener_closed(uv_handle_t *handle)
{
    struct listener *listener = listener_of_handle(handle);
    struct http_server *server = listener->server;
    free(listener->path);
    free(listener);
    server_handle_closed(server);
}

static void listener_close(struct listener *listener)
{
    struct stat file;
    if (listener->path != NULL && stat(listener->path, &file) == 0 &&
        file.st_dev == listener->device && file.st_ino == listener->inode)
        (void)unlink(listener->path);
    uv_close(&listener->handle, listener_closed);
}

static void listeners_close(struct http_server *server)
{
    while (server->listeners != NULL) {
        struct listener *listener = server->listeners;
        server->listeners = listener->next;
        listener_close(listener);
    }
}

/* Remembers the socket file, so that it can be removed at the end. */
static enum err listener_keep_path(struct op *op, struct listener *listener, struct str path)
{
    struct stat file;
    if (path.p == NULL)
        return ERR_OK;
    listener->path = strndup(path.p, path.n);
    if (listener->path == NULL)
        return op_fail(op, ERR_MEMORY, "out of memory");
    if (stat(listener->path, &file) != 0)
        return op_fail(op, ERR_IO, "the socket %s has vanished", listener->path);
    listener->device = file.st_dev;
    listener->inode = file.st_ino;
    return ERR_OK;
}

enum err http_server_listen(struct http_server *server, struct op *op, struct str address,
                            bool control, struct str *ret_address)
{
    int fd;
    struct str path, real;
    enum err err = listen_open(op, address, control, &fd, &path);
    if (err != ERR_OK)
        return err;
    struct listener *listener = calloc(1, sizeof *listener);
    if (listener == NULL) {
        err = op_fail(op, ERR_MEMORY, "out of memory");
        goto close_fd;
    }
    listener->server = server;
    listener->control = control;
    listener->local = listen_is_local(fd);
    if ((err = listen_address(op, fd, &real)) != ERR_OK ||
        (err = listener_keep_path(op, listener, path)) != ERR_OK)
        goto free_listener;

    int failed = listener->local ? uv_pipe_init(server->loop, &listener->pipe, 0)
                                 : uv_tcp_init(server->loop, &listener->tcp);
    if (failed != 0) {
        err =
            op_fail(op, ERR_IO, "cannot listen on %.*s: %s", STR_ARG(address), uv_strerror(failed));
        goto free_listener;
    }
    server->handles++;
    failed = listener->local ? uv_pipe_open(&listener->pipe, fd) : uv_tcp_open(&listener->tcp, fd);
    if (failed != 0)
        (void)close(fd);
    else
        failed = uv_listen(&listener->stream, HTTP_BACKLOG, newcomer);
    if (failed != 0) {
        err =
            op_fail(op, ERR_IO, "cannot listen on %.*s: %s", STR_ARG(address), uv_strerror(failed));
        listener_close(listener);
        return err;
    }
    listener->next = server->listeners;
    server->listeners = listener;
    *ret_address = real;
    return ERR_OK;

free_listener:
    free(listener->path);
    free(listener);
close_fd:
    (void)close(fd);
    return err;
}

/* ---- the end ---- */

static void server_free(struct http_server *server)
{
    void (*closed)(void *) = server->closed;
    void *arg = server->closed_arg;
    request_pool_finish(&server->requests);
    http_date_finish(&server->date);
    buf_finish(&server->head);
    free(server->reserve);
    free(server);
    if (closed != NULL)
        closed(arg);
}

static void drain_timer_fired(uv_timer_t *timer);

/* Was it the last that a drain, or the closing, waits for? The owner of a drain is told from the
 * loop, since this may be deep inside one of its own calls. */
void server_check_end(struct http_server *server)
{
    if (server->handling > 0)
        return;
    if (server->drained != NULL && server->connections == 0)
        (void)uv_timer_start(&server->drain_timer, drain_timer_fired, 0, 0);
    if (server->closing && server->handles == 0)
        server_free(server);
}

void server_handle_closed(struct http_server *server)
{
    server->handles--;
    server_check_end(server);
}

void http_respond(struct http_request *request, const struct http_response *response)
{
    struct request *mine = request_of(request);
    struct http_server *server = mine->server;
    server->handling--;
    mine->reader = NULL;
    if (mine->connection != NULL) {
        connection_answer(mine->connection, response);
        return;
    }
    if (server->callbacks.finished != NULL)
        server->callbacks.finished(server->callbacks.arg, request, response->status, 0);
    request_give_back(&server->requests, mine);
    server_check_end(server);
}

void http_read_body(struct http_request *request, const struct http_reader *reader)
{
    struct request *mine = request_of(request);
    struct http_server *server = mine->server;
    if (mine->connection != NULL) {
        mine->reader = reader;
        connection_read_body(mine->connection);
        return;
    }
    server->handling--;
    reader->gone(request);
    request_give_back(&server->requests, mine);
    server_check_end(server);
}

void connection_drain(struct connection *connection)
{
    int waiting = 0;
    enum http_state state = connection->deadline.state;
    if (state != HTTP_IDLE && state != HTTP_FRESH)
        return;
    /* A request that has arrived but was not read yet is under way, too. */
    if (ioctl(connection_fd(connection), FIONREAD, &waiting) != 0 || waiting == 0)
        connection_close(connection);
}

/* Runs `act` on every connection; it may close the one that it is given. */
static void each_connection(struct http_server *server, void (*act)(struct connection *))
{
    for (size_t i = 0; i < HTTP_CLOSED; i++) {
        struct deadline *entry = server->deadlines.lists[i].first;
        while (entry != NULL) {
            struct deadline *next = entry->next;
            act(connection_of(entry));
            entry = next;
        }
    }
}

/* Cuts off an answer in pieces. What its owner holds for it goes before the server does: at once,
 * or with the piece that is being made. */
static void connection_cut_stream(struct connection *connection)
{
    if (connection->request != NULL && connection->request->stream.owner != NULL)
        connection_reset(connection);
}

static void drain_timer_fired(uv_timer_t *timer)
{
    struct http_server *server = timer->data;
    void (*drained)(void *) = server->drained;
    server->drained = NULL;
    server->drain_over = true;
    each_connection(server, connection_cut_stream);
    if (drained != NULL)
        drained(server->drained_arg);
}

void http_server_drain(struct http_server *server, int timeout_ms, void (*drained)(void *arg),
                       void *arg)
{
    server->draining = true;
    server->drained = drained;
    server->drained_arg = arg;
    listeners_close(server);
    each_connection(server, connection_drain);
    (void)uv_timer_start(&server->drain_timer, drain_timer_fired,
                         timeout_ms > 0 ? (uint64_t)timeout_ms : 0, 0);
    server_check_end(server);
}

static void timer_closed(uv_handle_t *timer)
{
    server_handle_closed(timer->data);
}

static void deadlines_closed(uv_handle_t *timer)
{
    struct deadlines *deadlines = timer->data;
    server_handle_closed(container_of(deadlines, struct http_server, deadlines));
}

void http_server_close(struct http_server *server, void (*closed)(void *arg), void *arg)
{
    server->closing = true;
    server->draining = true;
    server->drained = NULL;
    server->closed = closed;
    server->closed_arg = arg;
    listeners_close(server);
    each_connection(server, connection_close);
    uv_close((uv_handle_t *)&server->drain_timer, timer_closed);
    uv_close((uv_handle_t *)&server->deadlines.timer, deadlines_closed);
}
