#include "base/metric.h"
#include "http/connection.h"
#include "http/listen.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Makes room by closing a connection that nobody is waiting on; or else the one that has waited
 * longest for something new, since who listens can go on from where they were. */
static bool make_room(struct http_server *server)
{
    static const enum http_state victims[] = {HTTP_IDLE, HTTP_LINGERING, HTTP_WAITING};
    for (size_t i = 0; i < sizeof victims / sizeof victims[0]; i++) {
        struct deadline *oldest = deadline_oldest(&server->deadlines, victims[i]);
        if (oldest != NULL) {
            connection_close(connection_of(oldest));
            return true;
        }
    }
    return false;
}

/* Who it is: the address as text, IPv4 in its own form even on an IPv6 socket; on a control socket
 * the user that the kernel knows. */
static bool ask_peer(struct connection *connection, const struct listener *listener)
{
    union {
        struct sockaddr_storage storage;
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.storage = {0}};
    socklen_t n = sizeof address;
    int fd = connection_fd(connection);

    connection->control = listener->control;
    if (listener->local) {
        struct ucred peer;
        n = sizeof peer;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) != 0)
            return false;
        connection->peer_uid = peer.uid;
        return true;
    }
    if (getpeername(fd, &address.any, &n) != 0)
        return false;
    const void *bytes = &address.v6.sin6_addr;
    int family = address.any.sa_family;
    if (family == AF_INET) {
        bytes = &address.v4.sin_addr;
    } else if (IN6_IS_ADDR_V4MAPPED(&address.v6.sin6_addr)) {
        bytes = address.v6.sin6_addr.s6_addr + 12;
        family = AF_INET;
    }
    return inet_ntop(family, bytes, connection->peer, sizeof connection->peer) != NULL;
}

static void turn_away(struct connection *connection)
{
    static char answer[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
                           "Content-Length: 0\r\nConnection: close\r\n\r\n";
    uv_buf_t part = {.base = answer, .len = sizeof answer - 1};
    metric_add(METRIC_TURNED_AWAY, 0, 0, 1);
    (void)uv_try_write(&connection->stream, &part, 1);
    connection_close(connection);
}

void connection_accept(struct listener *listener)
{
    struct http_server *server = listener->server;
    struct connection *connection = calloc(1, sizeof *connection);
    bool room = connection != NULL;
    if (room) {
        room = server->connections < server->connections_max || make_room(server);
    } else if (server->reserve != NULL) {
        connection = server->reserve;
        server->reserve = NULL;
    }
    listener->waiting = connection == NULL;
    if (listener->waiting)
        return;

    *connection = (struct connection){.server = server, .deadline.state = HTTP_CLOSED};
    buf_init(&connection->input, SIZE_MAX);
    buf_init(&connection->output, SIZE_MAX);
    if (listener->local)
        (void)uv_pipe_init(server->loop, &connection->pipe, 0); /* cannot fail */
    else
        (void)uv_tcp_init(server->loop, &connection->tcp); /* cannot fail */
    server->handles++;
    server->connections++;
    metric_add(METRIC_CONNECTIONS, 0, 0, 1);
    deadline_enter(&server->deadlines, &connection->deadline, HTTP_FRESH);
    if (uv_accept(&listener->stream, &connection->stream) != 0 || !ask_peer(connection, listener))
        connection_close(connection);
    else if (!room)
        turn_away(connection);
    else
        connection_read_start(connection);
}
