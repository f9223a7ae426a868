/*
 * Listening sockets, opened from an address or passed by the service manager.
 */
#ifndef BZCTRL_HTTP_LISTEN_H
#define BZCTRL_HTTP_LISTEN_H

#include "http/server.h"

#include <sys/types.h>

struct listener {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    };
    struct http_server *server;
    struct listener *next;
    bool local;   /* a unix socket */
    bool control; /* its requests come from the control socket */
    bool waiting; /* a new connection could not be accepted yet, for lack of memory */
    char *path;   /* of the socket file that it created and removes at the end; otherwise NULL */
    dev_t device; /* of that file, so that no other file is removed */
    ino_t inode;
};

/* Opens a listening socket; the caller owns the descriptor. `address` is as for
 * http_server_listen(). *ret_path is the socket file that it created (in op's arena), otherwise
 * STR_NONE. ERR_SYNTAX, ERR_CONFLICT (another program listens there), ERR_FORBIDDEN, ERR_IO. */
enum err listen_open(struct op *op, struct str address, bool control, int *ret_fd,
                     struct str *ret_path) MUST_CHECK;

/* The address that the socket listens on, in the forms of http_server_listen(). */
enum err listen_address(struct op *op, int fd, struct str *ret_address) MUST_CHECK;

/* True if it is a unix socket. */
bool listen_is_local(int fd);

#endif
