#include "http/listen.h"

#include "http/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The error for an errno of listening. */
static enum err err_of_errno(int number)
{
    switch (number) {
    case EADDRINUSE:
        return ERR_CONFLICT;
    case EACCES:
    case EPERM:
        return ERR_FORBIDDEN;
    case ENOMEM:
    case ENOBUFS:
        return ERR_MEMORY;
    default:
        return ERR_IO;
    }
}

static enum err fail_errno(struct op *op, struct str address)
{
    int number = errno;
    return op_fail(op, err_of_errno(number), "cannot listen on %.*s: %s", STR_ARG(address),
                   strerror(number));
}

/* ---- TCP ---- */

/* Cuts "host:port" or "[v6]:port" into zero-terminated parts. */
static enum err split_host(struct op *op, struct str address, struct str *ret_host,
                           struct str *ret_port)
{
    struct str host, port;
    uint64_t number;
    if (str_starts(address, STR("["))) {
        port = str_from(address, 1);
        host = str_cut(&port, ']');
        if (!str_starts(port, STR(":")))
            port = STR_NONE;
        port = str_from(port, 1);
    } else {
        port = address;
        host = str_cut(&port, ':');
    }
    if (host.n == 0 || !str_to_u64(port, 65535, &number))
        return op_fail(op, ERR_SYNTAX,
                       "\"%.*s\" is not an address: write host:port, [v6]:port, unix:/path or fd:N",
                       STR_ARG(address));
    host = arena_str(op->arena, host);
    port = arena_str(op->arena, port);
    if (host.p == NULL || port.p == NULL)
        return op_fail(op, ERR_MEMORY, "out of memory");
    *ret_host = host;
    *ret_port = port;
    return ERR_OK;
}

static enum err open_tcp(struct op *op, struct str address, int *ret_fd)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
    };
    struct addrinfo *found;
    struct str host = STR_NONE, port = STR_NONE;
    const int on = 1;
    int fd;
    enum err err = split_host(op, address, &host, &port);
    if (err != ERR_OK)
        return err;
    int failed = getaddrinfo(host.p, port.p, &hints, &found);
    if (failed != 0)
        return op_fail(op, ERR_NOT_FOUND, "cannot find an address for %.*s: %s", STR_ARG(address),
                       gai_strerror(failed));

    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, HTTP_BACKLOG) != 0)
        err = fail_errno(op, address);
    freeaddrinfo(found);
    if (err == ERR_OK)
        *ret_fd = fd;
    else if (fd >= 0)
        (void)close(fd);
    return err;
}

/* ---- unix sockets ---- */

/* Removes a socket file that a dead program left behind. Anything else is left alone: a file of
 * another kind, or a socket that somebody listens on. */
static enum err remove_stale(struct op *op, struct str address, const struct sockaddr_un *name)
{
    struct stat file;
    if (lstat(name->sun_path, &file) != 0)
        return errno == ENOENT ? ERR_OK : fail_errno(op, address);
    if (!S_ISSOCK(file.st_mode))
        return op_fail(op, ERR_CONFLICT, "cannot listen on %.*s: the file is not a socket",
                       STR_ARG(address));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail_errno(op, address);
    int connected = connect(fd, (const struct sockaddr *)name, sizeof *name);
    int number = errno;
    (void)close(fd);
    if (connected == 0 || number != ECONNREFUSED)
        return op_fail(op, ERR_CONFLICT, "cannot listen on %.*s: another program already does",
                       STR_ARG(address));
    if (unlink(name->sun_path) != 0 && errno != ENOENT)
        return fail_errno(op, address);
    return ERR_OK;
}

static enum err open_unix(struct op *op, struct str address, mode_t mode, int *ret_fd,
                          struct str *ret_path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct str path = str_from(address, sizeof "unix:" - 1);
    struct buf text;
    if (path.n == 0 || path.n >= sizeof name.sun_path || str_find(path, '\0') < path.n)
        return op_fail(op, ERR_SYNTAX, "the path of a unix socket must have 1 to %zu bytes",
                       sizeof name.sun_path - 1);
    path = arena_str(op->arena, path);
    if (path.p == NULL)
        return op_fail(op, ERR_MEMORY, "out of memory");
    /* A view of the address's own bytes: it neither grows nor is freed. */
    text = (struct buf){name.sun_path, 0, sizeof name.sun_path, sizeof name.sun_path, ERR_OK};
    buf_add(&text, path);

    enum err err = remove_stale(op, address, &name);
    if (err != ERR_OK)
        return err;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* The mode is set before the name exists, so that nobody can connect in between; and again
     * afterwards, because the umask may have removed some bits. */
    if (fd < 0 || fchmod(fd, mode) != 0 ||
        bind(fd, (const struct sockaddr *)&name, sizeof name) != 0) {
        err = fail_errno(op, address);
    } else if (chmod(name.sun_path, mode) != 0 || listen(fd, HTTP_BACKLOG) != 0) {
        err = fail_errno(op, address);
        (void)unlink(name.sun_path);
    }
    if (err == ERR_OK) {
        *ret_fd = fd;
        *ret_path = path;
    } else if (fd >= 0) {
        (void)close(fd);
    }
    return err;
}

/* ---- a socket that was handed over ---- */

static bool socket_option(int fd, int option, int *ret_value)
{
    int value;
    socklen_t n = sizeof value;
    if (getsockopt(fd, SOL_SOCKET, option, &value, &n) != 0)
        return false;
    *ret_value = value;
    return true;
}

static enum err open_handed_over(struct op *op, struct str address, int *ret_fd)
{
    uint64_t number;
    int type, listening;
    if (!str_to_u64(str_from(address, sizeof "fd:" - 1), INT32_MAX, &number))
        return op_fail(op, ERR_SYNTAX, "\"%.*s\" is not a descriptor: write fd:3",
                       STR_ARG(address));
    int fd = (int)number;
    if (!socket_option(fd, SO_TYPE, &type) || !socket_option(fd, SO_ACCEPTCONN, &listening) ||
        type != SOCK_STREAM || !listening)
        return op_fail(op, ERR_INVALID, "descriptor %d is not a listening stream socket", fd);
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return fail_errno(op, address);
    *ret_fd = fd;
    return ERR_OK;
}

/* ---- all of them ---- */

bool listen_is_local(int fd)
{
    int domain;
    return socket_option(fd, SO_DOMAIN, &domain) && domain == AF_UNIX;
}

enum err listen_open(struct op *op, struct str address, bool control, int *ret_fd,
                     struct str *ret_path)
{
    struct str path = STR_NONE;
    int fd = -1;
    enum err err;
    if (str_starts(address, STR("unix:")))
        err = open_unix(op, address, control ? 0600 : 0660, &fd, &path);
    else if (str_starts(address, STR("fd:")))
        err = open_handed_over(op, address, &fd);
    else
        err = open_tcp(op, address, &fd);
    if (err != ERR_OK)
        return err;
    if (!listen_is_local(fd)) {
        /* Accepted sockets inherit both. An answer is one write, and must not wait for more. And
         * of a long one the kernel takes only what goes out soon: to cut all of it into the small
         * segments that a slow reader asks for costs milliseconds, in which nobody else is served. */
        const int on = 1, unsent = HTTP_KERNEL_UNSENT;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    }
    *ret_fd = fd;
    *ret_path = path;
    return ERR_OK;
}

enum err listen_address(struct op *op, int fd, struct str *ret_address)
{
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_storage storage;
    } name = {0};
    socklen_t n = sizeof name;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    struct str address;

    if (getsockname(fd, &name.any, &n) != 0)
        return fail_errno(op, STR("the socket"));
    if (name.any.sa_family == AF_UNIX) {
        address = arena_printf(op->arena, "unix:%.*s", (int)sizeof name.local.sun_path,
                               name.local.sun_path);
    } else {
        int failed = getnameinfo(&name.any, n, host, sizeof host, port, sizeof port,
                                 NI_NUMERICHOST | NI_NUMERICSERV);
        if (failed != 0)
            return op_fail(op, ERR_IO, "cannot read the address of the socket: %s",
                           gai_strerror(failed));
        bool v6 = name.any.sa_family == AF_INET6;
        address = arena_printf(op->arena, v6 ? "[%s]:%s" : "%s:%s", host, port);
    }
    if (address.p == NULL)
        return op_fail(op, ERR_MEMORY, "out of memory");
    *ret_address = address;
    return ERR_OK;
}
