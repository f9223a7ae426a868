#include "http/connection.h"

#include "base/container.h"
#include "base/metric.h"
#include "http/answer.h"
#include "http/listen.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static void connection_run(struct connection *connection, struct str fresh);

struct connection *connection_of_handle(void *handle)
{
    return container_of(handle, struct connection, handle);
}

struct connection *connection_of(struct deadline *deadline)
{
    return container_of(deadline, struct connection, deadline);
}

static enum http_state connection_state(const struct connection *connection)
{
    return connection->deadline.state;
}

void connection_enter(struct connection *connection, enum http_state state)
{
    connection->moved = 0;
    deadline_enter(&connection->server->deadlines, &connection->deadline, state);
}

int connection_fd(const struct connection *connection)
{
    uv_os_fd_t fd = -1;
    return uv_fileno(&connection->handle, &fd) == 0 ? fd : -1;
}

/* ---- the end of a connection ---- */

static void handle_closed(uv_handle_t *handle)
{
    struct connection *connection = connection_of_handle(handle);
    struct http_server *server = connection->server;
    buf_finish(&connection->input);
    buf_finish(&connection->output);
    if (server->reserve == NULL && !server->closing)
        server->reserve = connection;
    else
        free(connection);
    for (struct listener *listener = server->listeners; listener != NULL; listener = listener->next)
        if (listener->waiting)
            connection_accept(listener);
    server_handle_closed(server);
}

/* Takes it out of everything; the handle is closed next. */
static void connection_leave(struct connection *connection)
{
    struct http_server *server = connection->server;
    struct request *request = connection->request;
    bool handling = request != NULL && connection_state(connection) == HTTP_HANDLING;
    deadline_leave(&server->deadlines, &connection->deadline);
    connection->request = NULL;
    answer_count(connection, 0);
    server->connections--;
    metric_add(METRIC_CONNECTIONS, 0, 0, -1);
    server->handling -= request_cut_body(request);
    if (handling)
        request->connection = NULL;
    else if (request != NULL && request->stream.owner != NULL)
        stream_end(request, false);
    else
        request_give_back(&server->requests, request);
}

void connection_close(struct connection *connection)
{
    if (connection_state(connection) == HTTP_CLOSED)
        return;
    connection_leave(connection);
    uv_close(&connection->handle, handle_closed);
    /* libuv sends nothing more of it. Its own clean-up comes at the end of this turn of the loop,
     * in which hundreds of connections may come to here. */
    buf_finish(&connection->output);
}

void connection_reset(struct connection *connection)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(connection_fd(connection), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    connection_close(connection);
}

/* ---- reading ---- */

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buffer)
{
    (void)suggested;
    struct http_server *server = connection_of_handle(handle)->server;
    *ret_buffer = uv_buf_init(server->read_buffer, sizeof server->read_buffer);
}

/* Keeps bytes for later; closes the connection when out of memory. */
static void input_keep(struct connection *connection, struct str bytes)
{
    buf_consume(&connection->input, connection->input_at);
    connection->input_at = 0;
    buf_add(&connection->input, bytes);
    if (buf_err(&connection->input) != ERR_OK)
        connection_close(connection);
}

static void read_stop(struct connection *connection)
{
    connection->reading = false;
    (void)uv_read_stop(&connection->stream);
}

static void bytes_came(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct connection *connection = connection_of_handle(stream);
    if (n == 0)
        return;
    if (n < 0 && n != UV_EOF) {
        connection_close(connection);
        return;
    }
    if (n == UV_EOF) {
        connection->ended = true;
        connection->reading = false;
    }
    struct str bytes = {buffer->base, n > 0 ? (size_t)n : 0};
    switch (connection_state(connection)) {
    case HTTP_FRESH:
    case HTTP_IDLE:
    case HTTP_HEAD:
    case HTTP_BODY:
        connection_run(connection, bytes);
        break;
    case HTTP_HANDLING:
    case HTTP_WRITING:
        /* Sent ahead. A client that does so waits until its answer is out. */
        if (bytes.n > 0) {
            read_stop(connection);
            input_keep(connection, bytes);
        }
        break;
    case HTTP_WAITING:
        /* A client that ends its side while it waits has left, for all that can be seen. */
        if (connection->ended) {
            connection_close(connection);
        } else {
            read_stop(connection);
            input_keep(connection, bytes);
        }
        break;
    case HTTP_LINGERING:
        connection->moved += bytes.n;
        if (connection->ended || connection->moved > HTTP_LINGER_MAX)
            connection_close(connection);
        break;
    case HTTP_CLOSED:
        break;
    }
}

void connection_read_start(struct connection *connection)
{
    if (connection->reading || connection_state(connection) == HTTP_CLOSED)
        return;
    if (uv_read_start(&connection->stream, give_buffer, bytes_came) != 0)
        connection_close(connection);
    else
        connection->reading = true;
}

/* ---- from bytes to a request ---- */

/* Answers a request that cannot be served; nothing that follows it is trusted. */
static void connection_refuse(struct connection *connection, int status, const char *detail)
{
    const struct http_callbacks *callbacks = &connection->server->callbacks;
    struct http_request *http = &connection->request->http;
    struct http_response response = {.status = status, .body = STR_NONE};
    struct buf body;
    connection->server->handling -= request_cut_body(connection->request);
    buf_init(&body, HTTP_READ_SIZE);
    http->peer = str_of(connection->peer);
    callbacks->refuse(callbacks->arg, http, status, detail, &response, &body);
    if (response.body.p == NULL)
        response.body = buf_str(&body);
    response.close = true;
    connection_answer(connection, &response);
    buf_finish(&body);
}

static void refuse_fault(struct connection *connection)
{
    const struct http_parser *parser = &connection->request->parser;
    connection_refuse(connection, parser->status, parser->detail);
}

/* Each step takes bytes off the front, and answers false when it needs more than there are, or
 * when the connection now waits for something else. */

static bool begin_request(struct connection *connection)
{
    struct http_server *server = connection->server;
    struct request *request = request_take(&server->requests);
    if (request == NULL) {
        connection_close(connection);
        return false;
    }
    request->server = server;
    request->connection = connection;
    request->http.control = connection->control;
    request->http.peer_uid = connection->peer_uid;
    connection->request = request;
    connection_enter(connection, HTTP_HEAD);
    return true;
}

/* Tells a client that waits for it to send its body (RFC 9110 section 10.1.1). If the kernel has
 * no room for these bytes, the client will go on by itself after a while. */
static void send_continue(struct connection *connection)
{
    static char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    uv_buf_t part = {.base = line, .len = sizeof line - 1};
    int written = uv_try_write(&connection->stream, &part, 1);
    if (written != UV_EAGAIN && written != (int)part.len)
        connection_close(connection);
}

static bool read_head(struct connection *connection, struct str *bytes)
{
    const struct http_callbacks *callbacks = &connection->server->callbacks;
    struct request *request = connection->request;
    struct http_parser *parser = &request->parser;

    enum http_parse result = http_parse_head(parser, *bytes);
    if (result == HTTP_PARSE_MORE)
        return false;
    request->http.peer = arena_str(&request->http.arena, str_of(connection->peer));
    if (request->http.peer.p == NULL || request_fill(request, *bytes) != ERR_OK) {
        connection_close(connection);
        return false;
    }
    if (result == HTTP_PARSE_FAULT) {
        refuse_fault(connection);
        return false;
    }
    *bytes = str_from(*bytes, parser->head_size);

    struct http_limits limits = callbacks->route(callbacks->arg, &request->http);
    if (limits.no_body && http_parser_has_body(parser)) {
        connection_refuse(connection, 400, "this call accepts no body; send none");
        return false;
    }
    if (http_parse_body_max(parser, limits.body_max) == HTTP_PARSE_FAULT) {
        refuse_fault(connection);
        return false;
    }
    if (limits.early) {
        request->unread = http_parser_has_body(parser);
        connection_enter(connection, HTTP_HANDLING);
        connection->server->handling++;
        callbacks->open(callbacks->arg, &request->http);
        return true;
    }
    /* Memory that is only asked for costs nothing until the bytes come. */
    size_t length = (size_t)parser->content_length;
    request->body.max = limits.body_max;
    if (length > 0 && buf_reserve(&request->body, length) == NULL) {
        connection_refuse(connection, 503, "not enough memory for the body; try again later");
        return false;
    }
    connection_enter(connection, HTTP_BODY);
    if (parser->expect_continue && http_parser_has_body(parser) && bytes->n == 0)
        send_continue(connection);
    return true;
}

void connection_go_on(struct connection *connection)
{
    if (!connection->running)
        connection_run(connection, STR(""));
}

void connection_read_body(struct connection *connection)
{
    const struct http_parser *parser = &connection->request->parser;
    connection_enter(connection, HTTP_BODY);
    if (parser->expect_continue && http_parser_has_body(parser))
        send_continue(connection);
    connection_go_on(connection);
}

/* The body is whole. */
static void hand_over(struct connection *connection)
{
    struct request *request = connection->request;
    struct http_server *server = connection->server;
    const struct http_reader *reader = request->reader;
    connection_enter(connection, HTTP_HANDLING);
    if (reader != NULL) {
        request->reader = NULL;
        request->unread = false;
        reader->end(&request->http);
        return;
    }
    request->http.body = buf_str(&request->body);
    server->handling++;
    server->callbacks.handle(server->callbacks.arg, &request->http);
}

static bool read_body(struct connection *connection, struct str *bytes)
{
    struct request *request = connection->request;
    enum http_parse result;
    do {
        struct str data, before = *bytes;
        result = http_parse_body(&request->parser, bytes, &data);
        if (result == HTTP_PARSE_FAULT) {
            refuse_fault(connection);
            return false;
        }
        connection->moved += before.n - bytes->n;
        if (!request_count_body(&connection->server->requests, request, data.n)) {
            connection_refuse(connection, 503, "too many large bodies at once; try again later");
            return false;
        }
        if (request->reader == NULL)
            buf_add(&request->body, data);
        else if (data.n > 0 && !request->reader->take(&request->http, data))
            return false;
    } while (result == HTTP_PARSE_MORE && bytes->n > 0);

    if (buf_err(&request->body) != ERR_OK) {
        connection_refuse(connection, 503, "not enough memory for the body; try again later");
        return false;
    }
    if (result == HTTP_PARSE_MORE)
        return false;
    hand_over(connection);
    return true;
}

static bool step(struct connection *connection, struct str *bytes)
{
    switch (connection_state(connection)) {
    case HTTP_FRESH:
    case HTTP_IDLE:
        return bytes->n > 0 && begin_request(connection);
    case HTTP_HEAD:
        return read_head(connection, bytes);
    case HTTP_BODY:
        return read_body(connection, bytes);
    case HTTP_HANDLING:
    case HTTP_WAITING:
    case HTTP_WRITING:
    case HTTP_LINGERING:
    case HTTP_CLOSED:
        break;
    }
    return false;
}

/* Of a request's head nothing has come, or at most the empty line that some clients send behind a
 * body. */
static bool nothing_said(const struct connection *connection)
{
    return connection_state(connection) == HTTP_HEAD &&
           connection->input.n - connection->input_at <= 2;
}

/* The peer has ended its side while the server waits for bytes. */
static void input_ended(struct connection *connection)
{
    if (connection->request == NULL || nothing_said(connection))
        connection_close(connection);
    else
        connection_refuse(connection, 400, "the request ended before it was complete");
}

/* Processes all available bytes: the kept ones, then the fresh ones. */
static void connection_run(struct connection *connection, struct str fresh)
{
    bool kept = connection->input.n > 0;
    if (kept && fresh.n > 0)
        input_keep(connection, fresh);
    struct str bytes = kept ? str_from(buf_str(&connection->input), connection->input_at) : fresh;

    connection->running = true;
    while (step(connection, &bytes))
        continue;
    connection->running = false;

    switch (connection_state(connection)) {
    case HTTP_CLOSED:
    case HTTP_LINGERING:
        return;
    case HTTP_FRESH:
    case HTTP_IDLE:
    case HTTP_HEAD:
    case HTTP_BODY:
    case HTTP_HANDLING:
    case HTTP_WAITING:
    case HTTP_WRITING:
        break;
    }
    if (bytes.n == 0) {
        buf_finish(&connection->input);
        connection->input_at = 0;
    } else if (kept) {
        connection->input_at = connection->input.n - bytes.n;
    } else {
        input_keep(connection, bytes);
    }
    if (connection_state(connection) == HTTP_HANDLING ||
        connection_state(connection) == HTTP_WAITING ||
        connection_state(connection) == HTTP_WRITING)
        return;
    if (connection->ended)
        input_ended(connection);
    else
        connection_read_start(connection);
}

/* ---- deadlines ---- */

/* Has a request come that is only not read yet? Deadlines are looked at first, and on a busy machine
 * long after they are over. */
static bool request_came(const struct connection *connection)
{
    int bytes = 0;
    return ioctl(connection_fd(connection), FIONREAD, &bytes) == 0 && bytes > 0;
}

void connection_expired(struct deadline *deadline)
{
    struct connection *connection = connection_of(deadline);
    uint64_t due = deadline_bytes(&connection->server->deadlines, deadline->state);
    switch (deadline->state) {
    case HTTP_HEAD:
        if (nothing_said(connection))
            connection_close(connection);
        else
            connection_refuse(connection, 408, "the request line and headers arrived too slowly");
        break;
    case HTTP_BODY:
        if (connection->moved >= due)
            connection_enter(connection, HTTP_BODY);
        else
            connection_refuse(connection, 408, "the body of the request arrived too slowly");
        break;
    case HTTP_WRITING:
        if (answer_moves(connection, due))
            connection_enter(connection, HTTP_WRITING);
        else
            connection_reset(connection);
        break;
    case HTTP_FRESH:
    case HTTP_IDLE:
        if (request_came(connection))
            connection_enter(connection, deadline->state);
        else
            connection_close(connection);
        break;
    case HTTP_HANDLING:
    case HTTP_WAITING:
    case HTTP_LINGERING:
    case HTTP_CLOSED:
        connection_close(connection);
        break;
    }
}
