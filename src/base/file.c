#include "base/file.h"

#include "base/buf.h"
#include "base/folder.h"
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct str without_line_end(struct str text)
{
    if (text.n > 0 && text.p[text.n - 1] == '\n')
        text.n--;
    if (text.n > 0 && text.p[text.n - 1] == '\r')
        text.n--;
    return text;
}

enum err file_read_open(struct op *op, int fd, struct str name, size_t max, struct str *ret_content)
{
    struct buf content;
    ssize_t got = 1;
    buf_init(&content, max);
    while (got > 0 && buf_err(&content) == ERR_OK) {
        char block[8192];
        got = read(fd, block, sizeof block);
        if (got > 0)
            buf_bytes(&content, block, (size_t)got);
    }
    enum err err = buf_err(&content);
    if (got < 0)
        err = op_fail(op, ERR_IO, "%.*s cannot be read: %s", STR_ARG(str_sub(name, 0, 150)),
                      strerror(errno));
    else if (err == ERR_TOO_LONG)
        err =
            op_fail(op, err, "%.*s is longer than %zu bytes", STR_ARG(str_sub(name, 0, 150)), max);
    if (err == ERR_OK) {
        struct str text = arena_str(op->arena, without_line_end(buf_str(&content)));
        if (text.p == NULL)
            err = ERR_MEMORY;
        else
            *ret_content = text;
    }
    buf_finish(&content);
    return err;
}

enum err file_read(struct op *op, struct str name, size_t max, struct str *ret_content)
{
    if (str_eq(name, STR("-")))
        return file_read_open(op, STDIN_FILENO, STR("standard input"), max, ret_content);
    int fd = open(name.p, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return op_fail(op, ERR_IO, "%.150s cannot be read: %s", name.p, strerror(errno));
    enum err err = file_read_open(op, fd, name, max, ret_content);
    close(fd);
    return err;
}

bool file_write(int fd, struct str content)
{
    while (content.n > 0) {
        ssize_t wrote = write(fd, content.p, content.n);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        content = str_from(content, (size_t)wrote);
    }
    return fsync(fd) == 0;
}

enum err file_replace(struct op *op, struct str name, struct str content)
{
    uint32_t unlike;
    random_bytes(&unlike, sizeof unlike);
    struct str file = arena_str(op->arena, name), folder = folder_of(op, name);
    struct str fresh = arena_printf(op->arena, "%.*s.%08x", STR_ARG(name), (unsigned)unlike);
    if (file.p == NULL || folder.p == NULL || fresh.p == NULL)
        return ERR_MEMORY;
    enum err err = folders_make(op, name);
    if (err != ERR_OK)
        return err;

    /* Under a name of its own, until it is whole. */
    int fd = open(fresh.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = fd >= 0 && file_write(fd, content);
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (written && rename(fresh.p, file.p) == 0)
        return folder_sync(op, folder.p);

    why = written ? errno : why;
    if (fd >= 0)
        unlink(fresh.p);
    return op_fail(op, why == ENOSPC ? ERR_FULL : ERR_IO, "%.150s cannot be written: %s", file.p,
                   strerror(why));
}
