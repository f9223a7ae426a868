/*
 * One client's connection: it gathers a request, hands it to the owner, sends the answer, and
 * continues with the next. Requests of one connection are handled one after the other. Data sent
 * ahead is kept (one read at most), and no more is read until the answer has been sent.
 *
 * This header also shows the inside of struct http_server to the other files of this folder, and to
 * nobody else.
 */
#ifndef BZCTRL_HTTP_CONNECTION_H
#define BZCTRL_HTTP_CONNECTION_H

#include "http/deadline.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server.h"

#include <netinet/in.h>

struct listener;

struct http_server {
    uv_loop_t *loop;
    struct http_callbacks callbacks;
    struct deadlines deadlines;
    struct request_pool requests;
    struct http_date date;
    struct buf head; /* every answer's head is built here */
    struct listener *listeners;

    size_t connections, connections_max; /* open ones */
    /* A connection in reserve, for when malloc fails: libuv would stop listening if it could not
     * accept a newcomer. */
    struct connection *reserve;
    size_t handles;  /* handles in the loop, open or closing */
    size_t handling; /* requests that the owner has not answered yet */
    size_t unsent;   /* bytes of answers not yet received by their peers */

    uv_timer_t drain_timer;
    bool draining, closing;
    bool drain_over; /* its time is: no answer in pieces is begun or gone on with */
    void (*drained)(void *arg);
    void *drained_arg;
    void (*closed)(void *arg);
    void *closed_arg;

    char read_buffer[HTTP_READ_SIZE];
};

struct connection {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    };
    struct http_server *server;
    struct deadline deadline; /* its state and that state's deadline */
    struct request *request;  /* from the first byte until the answer is handed over */

    struct buf input; /* received and not used yet, from input_at on */
    size_t input_at;
    struct buf output;     /* the part of the answer that the kernel did not accept at once */
    size_t output_counted; /* bytes of it counted in server->unsent */
    uv_write_t write;

    uint64_t moved;    /* bytes received in this period of BODY, or discarded while LINGERING */
    uint64_t unsent;   /* bytes not yet received by the peer when this period of WRITING began */
    bool running;      /* connection_run is active further up the stack */
    bool reading;      /* the loop reads from it */
    bool ended;        /* the peer will send no more */
    bool close_behind; /* close after the answer being sent */

    bool control;
    uint32_t peer_uid;
    char peer[INET6_ADDRSTRLEN];
};

/* Accepts a new connection from a listener. At the limit of connections, the one idle for
 * longest is closed to make room; if none is idle, the new one is refused. */
void connection_accept(struct listener *listener);

/* Starts reading from the peer, unless it already does. */
void connection_read_start(struct connection *connection);

/* Its descriptor, or -1. */
int connection_fd(const struct connection *connection);

/* Called by the deadlines when a connection's time is over. */
void connection_expired(struct deadline *deadline);

/* Goes on to read the body of its request, which has a reader. */
void connection_read_body(struct connection *connection);

/* Closes it now; a request that the owner works on is cut loose. The second forgets what the kernel
 * still has to send, too: for a peer that does not take it, or that must see that it is not all. */
void connection_close(struct connection *connection);
void connection_reset(struct connection *connection);

/* Closes it unless a request is under way or has just come. */
void connection_drain(struct connection *connection);

/* Enters a state, with that state's full time ahead. */
void connection_enter(struct connection *connection, enum http_state state);

/* Goes on with what has come and is kept, once its request is answered. */
void connection_go_on(struct connection *connection);

/* The connection that a deadline, or a handle of the loop, is part of. */
struct connection *connection_of(struct deadline *deadline);
struct connection *connection_of_handle(void *handle);

/* Ends an answer in pieces, and gives its request back. */
void stream_end(struct request *request, bool whole);

/* Called when the loop has closed a handle of the server, and when something else has ended that a
 * drain may wait for. The last one frees a server that is being closed. */
void server_handle_closed(struct http_server *server);
void server_check_end(struct http_server *server);

#endif
