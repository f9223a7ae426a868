#include "http/stream.h"

#include "http/answer.h"

#include "base/log.h"

void stream_end(struct request *request, bool whole)
{
    struct http_server *server = request->server;
    const struct http_callbacks *callbacks = &server->callbacks;
    struct request_stream stream = request->stream;
    stream.owner->ended(&request->http, whole);
    if (callbacks->finished != NULL)
        callbacks->finished(callbacks->arg, &request->http, stream.status, stream.sent);
    request_give_back(&server->requests, request);
    server_check_end(server);
}

/* The kernel has taken all that there was. */
static void piece_out(struct connection *connection)
{
    struct request *request = connection->request;
    if (!request->stream.last) {
        connection_enter(connection, HTTP_HANDLING);
        connection->server->handling++;
        request->stream.owner->more(&request->http);
        return;
    }
    connection->request = NULL;
    stream_end(request, true);
    answer_sent(connection);
}

static void piece_sent(uv_write_t *write, int status)
{
    struct connection *connection = connection_of_handle(write->handle);
    answer_count(connection, 0);
    buf_finish(&connection->output);
    if (connection->deadline.state == HTTP_CLOSED)
        return;
    if (status < 0)
        connection_close(connection);
    else
        piece_out(connection);
}

/*
 * Sends what the output has (the head, or nothing) and then the piece, as a chunk if need be. The
 * piece itself is not copied. What the kernel takes at once is told later too, by the loop: so an
 * owner that always has a next piece calls itself to no depth, and others get their turn.
 */
static void piece_send(struct connection *connection, struct str piece)
{
    const struct request_stream *stream = &connection->request->stream;
    struct buf *front = &connection->output;
    struct str end = STR("");
    if (stream->chunked && piece.n > 0) {
        buf_printf(front, "%zx\r\n", piece.n);
        end = stream->last ? STR("\r\n0\r\n\r\n") : STR("\r\n");
    } else if (stream->chunked && stream->last) {
        end = STR("0\r\n\r\n");
    }
    if (buf_err(front) != ERR_OK) {
        connection_close(connection);
        return;
    }
    const struct str parts[] = {buf_str(front), piece, end};
    uv_buf_t filled[sizeof parts / sizeof parts[0]];
    unsigned n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].n > 0)
            filled[n++] = uv_buf_init((char *)(uintptr_t)parts[i].p, (unsigned)parts[i].n);
    if (n == 0)
        piece_out(connection);
    else if (uv_write(&connection->write, &connection->stream, filled, n, piece_sent) != 0)
        connection_close(connection);
    else if (uv_stream_get_write_queue_size(&connection->stream) > 0)
        answer_waits(connection, front->n + piece.n);
}

/* Notes a piece. False: the pieces are more, or fewer, than the head has said. */
static bool piece_note(struct request *request, size_t n, bool last)
{
    struct request_stream *stream = &request->stream;
    stream->last = last;
    stream->sent += n;
    if (stream->left < 0)
        return true;
    bool fits = last ? (uint64_t)stream->left == n : (uint64_t)stream->left >= n;
    if (fits)
        stream->left -= (int64_t)n;
    else
        LOG(LOG_ERROR, "an answer does not have the length that its head says",
            LOG_TEXT("path", request->http.path));
    return fits;
}

void http_stream_begin(struct http_request *request, const struct http_response *response,
                       int64_t length, const struct http_stream *stream)
{
    struct request *mine = request_of(request);
    struct http_server *server = mine->server;
    server->handling--;
    mine->reader = NULL;
    mine->stream =
        (struct request_stream){.owner = stream, .status = response->status, .left = length};
    if (server->drain_over && mine->connection != NULL)
        connection_reset(mine->connection);
    struct connection *connection = mine->connection;
    if (connection == NULL) {
        stream_end(mine, false);
        return;
    }

    bool until_close = length < 0 && mine->parser.version_1_0;
    enum http_reuse reuse = answer_reuse(connection, response->close || until_close);
    response_head(&connection->output, &server->date, response,
                  until_close  ? HTTP_UNTIL_CLOSE
                  : length < 0 ? HTTP_CHUNKED
                               : length,
                  reuse);
    connection_enter(connection, HTTP_WRITING);
    if (!answer_has_body(mine, response->status)) {
        mine->stream.last = true;
        piece_send(connection, STR(""));
        return;
    }
    mine->stream.chunked = length < 0 && !until_close;
    if (piece_note(mine, response->body.n, false))
        piece_send(connection, response->body);
    else
        connection_reset(connection);
}

void http_stream_send(struct http_request *request, struct str piece, bool last)
{
    struct request *mine = request_of(request);
    struct connection *connection = mine->connection;
    bool fits = piece_note(mine, piece.n, last);
    if (connection != NULL && fits && piece.n == 0 && !last) {
        mine->stream.owner->more(request);
        return;
    }
    mine->server->handling--;
    if (connection == NULL) {
        stream_end(mine, false);
        return;
    }
    connection_enter(connection, HTTP_WRITING);
    if (fits)
        piece_send(connection, piece);
    else
        connection_reset(connection);
}

void http_stream_wait(struct http_request *request)
{
    struct request *mine = request_of(request);
    struct connection *connection = mine->connection;
    mine->server->handling--;
    if (connection == NULL) {
        stream_end(mine, false);
        return;
    }
    connection_enter(connection, HTTP_WAITING);
    if (connection->ended || mine->server->drain_over)
        connection_reset(connection);
    else
        server_check_end(mine->server);
}

void http_stream_wake(struct http_request *request)
{
    struct request *mine = request_of(request);
    connection_enter(mine->connection, HTTP_HANDLING);
    mine->server->handling++;
}

void http_stream_cut(struct http_request *request)
{
    struct request *mine = request_of(request);
    mine->server->handling--;
    if (mine->connection == NULL) {
        stream_end(mine, false);
        return;
    }
    connection_enter(mine->connection, HTTP_WRITING);
    connection_reset(mine->connection);
}
