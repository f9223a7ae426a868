#include "http/answer.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* The last answer is out. To close now would make the kernel send a reset if the peer is still
 * sending, and a reset can overtake the answer: so say that nothing more will come, and read on for
 * a while (RFC 9112 section 9.6). */
static void connection_linger(struct connection *connection)
{
    buf_finish(&connection->input);
    connection->input_at = 0;
    if (connection->ended || shutdown(connection_fd(connection), SHUT_WR) != 0)
        connection_close(connection);
    else
        connection_enter(connection, HTTP_LINGERING);
    connection_read_start(connection);
}

void answer_sent(struct connection *connection)
{
    if (connection->close_behind) {
        connection_linger(connection);
        return;
    }
    connection_enter(connection, HTTP_IDLE);
    connection_go_on(connection);
    /* An answer that began before the drain could not say that it is the last. */
    if (connection->server->draining)
        connection_drain(connection);
}

void answer_count(struct connection *connection, size_t kept)
{
    connection->server->unsent += kept - connection->output_counted;
    connection->output_counted = kept;
}

static void rest_sent(uv_write_t *write, int status)
{
    struct connection *connection = connection_of_handle(write->handle);
    answer_count(connection, 0);
    buf_finish(&connection->output);
    if (connection->deadline.state == HTTP_CLOSED)
        return;
    if (status < 0) {
        connection_close(connection);
        return;
    }
    answer_sent(connection);
}

/* How much of the answer the peer has not taken yet, here or in the kernel. */
static uint64_t bytes_unsent(const struct connection *connection)
{
    int in_kernel = 0;
    if (ioctl(connection_fd(connection), SIOCOUTQ, &in_kernel) != 0 || in_kernel < 0)
        in_kernel = 0;
    return uv_stream_get_write_queue_size(&connection->stream) + (uint64_t)in_kernel;
}

/* Too much is kept for peers that do not take it: those who have been at it longest lose theirs. */
static void bound_output(const struct connection *newest)
{
    struct http_server *server = newest->server;
    while (server->unsent > HTTP_UNSENT_MAX) {
        struct deadline *oldest = deadline_oldest(&server->deadlines, HTTP_WRITING);
        if (oldest == &newest->deadline)
            return;
        connection_reset(connection_of(oldest));
    }
}

void answer_waits(struct connection *connection, size_t kept)
{
    connection->unsent = bytes_unsent(connection);
    answer_count(connection, kept);
    bound_output(connection);
}

bool answer_moves(struct connection *connection, uint64_t due)
{
    uint64_t unsent = bytes_unsent(connection);
    bool moves = unsent + due <= connection->unsent;
    if (moves)
        connection->unsent = unsent;
    return moves;
}

/* Has the rest of an answer sent as the peer takes it; copies all but a body that stays. */
static void rest_send(struct connection *connection, struct str head, struct str body, bool stays)
{
    size_t copied = head.n + (stays ? 0 : body.n);
    if (copied > 0 && buf_reserve(&connection->output, copied) == NULL) {
        connection_close(connection);
        return;
    }
    buf_add(&connection->output, head);
    if (!stays)
        buf_add(&connection->output, body);
    uv_buf_t parts[] = {
        {.base = connection->output.p, .len = connection->output.n},
        {.base = (char *)(uintptr_t)body.p, .len = body.n},
    };
    size_t first = copied > 0 ? 0 : 1, last = stays && body.n > 0 ? 2 : 1;
    if (uv_write(&connection->write, &connection->stream, parts + first, (unsigned)(last - first),
                 rest_sent) != 0) {
        connection_close(connection);
        return;
    }
    answer_waits(connection, copied);
}

/* Sends head and body: what the kernel takes at once is never copied. True if that was all of it;
 * else the rest is on its way, or the connection closed. */
static bool answer_send(struct connection *connection, struct str head, struct str body, bool stays)
{
    /* libuv's buffers are not const, yet it only reads them. */
    uv_buf_t parts[] = {
        {.base = (char *)(uintptr_t)head.p, .len = head.n},
        {.base = (char *)(uintptr_t)body.p, .len = body.n},
    };
    int written = uv_try_write(&connection->stream, parts, body.n > 0 ? 2 : 1);
    if (written < 0 && written != UV_EAGAIN) {
        connection_close(connection);
        return false;
    }
    size_t sent = written > 0 ? (size_t)written : 0;
    if (sent == head.n + body.n)
        return true;
    rest_send(connection, str_from(head, sent), str_from(body, sent > head.n ? sent - head.n : 0),
              stays);
    return false;
}

enum http_reuse answer_reuse(struct connection *connection, bool close)
{
    const struct request *request = connection->request;
    connection->close_behind =
        close || connection->server->draining || !request->parser.keep_alive || request->unread;
    return connection->close_behind      ? HTTP_REUSE_NEVER
           : request->parser.version_1_0 ? HTTP_REUSE_SAID
                                         : HTTP_REUSE_IMPLIED;
}

bool answer_has_body(const struct request *request, int status)
{
    return !str_eq(request->http.method, STR("HEAD")) && response_may_have_body(status);
}

void connection_answer(struct connection *connection, const struct http_response *response)
{
    struct http_server *server = connection->server;
    struct request *request = connection->request;
    struct buf *head = &server->head;
    buf_clear(head);
    response_head(head, &server->date, response, (int64_t)response->body.n,
                  answer_reuse(connection, response->close));
    struct str body = answer_has_body(request, response->status) ? response->body : STR("");

    /* The request stays until its answer, which may lie in its arena, has been sent or copied. */
    connection->request = NULL;
    connection_enter(connection, HTTP_WRITING);
    bool sent = false;
    if (buf_err(head) == ERR_OK)
        sent = answer_send(connection, buf_str(head), body, response->body_stays);
    else
        connection_close(connection);
    if (server->callbacks.finished != NULL)
        server->callbacks.finished(server->callbacks.arg, &request->http, response->status, body.n);
    request_give_back(&server->requests, request);
    if (sent)
        answer_sent(connection);
}
