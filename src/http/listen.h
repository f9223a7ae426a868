/*
 * Listening sockets: made from an address, or handed over by the service manager.
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
    bool waiting; /* a newcomer could not be taken yet, for lack of memory */
    char *path;   /* of the socket file that it made, removed at the end; else NULL */
    dev_t device; /* of that file, so that nobody else's is removed */
    ino_t inode;
};

/* Opens a socket that listens: a descriptor that belongs to the caller. The forms of `address` are
 * those of http_server_listen(). A socket file that it made stands in *ret_path (in op's arena),
 * else STR_NONE. ERR_SYNTAX, ERR_CONFLICT (somebody listens there), ERR_FORBIDDEN, ERR_IO. */
enum err listen_open(struct op *op, struct str address, bool control, int *ret_fd,
                     struct str *ret_path) MUST_CHECK;

/* What the socket really listens on, in the forms of http_server_listen(). */
enum err listen_address(struct op *op, int fd, struct str *ret_address) MUST_CHECK;

/* True if it is a unix socket. */
bool listen_is_local(int fd);

#endif
