/*
 * One client's connection: it gathers a request, hands it to the owner, sends the answer, and goes
 * on with the next. Requests of one connection are handled one after the other; what a client
 * sends ahead is kept (one read at most) and no more is read until the answer is out.
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
    /* One more than malloc may give: without a connection to take a newcomer into, libuv would
     * stop listening. */
    struct connection *reserve;
    size_t handles;  /* that the loop still knows, open or closing */
    size_t handling; /* requests that the owner has not answered yet */
    size_t unsent;   /* bytes of answers kept for peers that have not taken them */

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
    struct deadline deadline; /* its state, and how long that may last */
    struct request *request;  /* from the first byte until the answer is handed over */

    struct buf input; /* what has come and is not used yet; from input_at on */
    size_t input_at;
    struct buf output;     /* what the kernel did not take of the answer at once */
    size_t output_counted; /* of it in the server's sum */
    uv_write_t write;

    uint64_t moved;    /* bytes: received in this period of BODY, thrown away while LINGERING */
    uint64_t unsent;   /* bytes not yet taken by the peer when this period of WRITING began */
    bool running;      /* connection_run is at work further up the stack */
    bool reading;      /* the loop reads from it */
    bool ended;        /* the peer will send no more */
    bool close_behind; /* after the answer being sent */

    bool control;
    uint32_t peer_uid;
    char peer[INET6_ADDRSTRLEN];
};

/* Takes a newcomer from a listener. At the limit of connections the one that has been idle longest
 * makes room; if there is none, the newcomer is turned away. */
void connection_accept(struct listener *listener);

/* Reads from the peer, unless it does already. */
void connection_read_start(struct connection *connection);

/* Its descriptor, or -1. */
int connection_fd(const struct connection *connection);

/* What the deadlines call when a connection's time is over. */
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
