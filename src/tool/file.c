#include "tool/file.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 8 * 1024 * 1024 };

enum err file_read(struct op *op, struct str name, struct str *ret_content)
{
    bool standard_input = str_eq(name, STR("-"));
    int fd = standard_input ? STDIN_FILENO : open(name.p, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return op_fail(op, ERR_IO, "cannot read %.*s: %s", STR_ARG(name), strerror(errno));

    struct buf content;
    buf_init(&content, FILE_MAX);
    enum err err = ERR_OK;
    for (ssize_t got = 1; got > 0;) {
        char block[4096];
        got = read(fd, block, sizeof block);
        if (got < 0)
            err = op_fail(op, ERR_IO, "cannot read %.*s: %s", STR_ARG(name), strerror(errno));
        else
            buf_bytes(&content, block, (size_t)got);
    }
    if (!standard_input)
        close(fd);
    if (err == ERR_OK && buf_err(&content) != ERR_OK)
        err = op_fail(op, ERR_TOO_LONG, "%.*s is longer than %d bytes", STR_ARG(name), FILE_MAX);
    if (err == ERR_OK) {
        struct str text = buf_str(&content);
        if (text.n > 0 && text.p[text.n - 1] == '\n')
            text.n--;
        if (text.n > 0 && text.p[text.n - 1] == '\r')
            text.n--;
        text = arena_str(op->arena, text);
        if (text.p == NULL)
            err = ERR_MEMORY;
        else
            *ret_content = text;
    }
    buf_finish(&content);
    return err;
}
