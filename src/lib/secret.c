/* Small files that only their owner can read: secrets, settings, tokens. */
#include "lib/settings.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_MAX = 256 * 1024 };

enum err secret_read(struct op *op, struct str file, bool secret, struct str *ret_text)
{
    struct str name = arena_str(op->arena, file);
    struct stat status;
    if (name.p == NULL)
        return ERR_MEMORY;
    int fd = open(name.p, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return op_fail(op, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%.150s cannot be read: %s",
                       name.p, strerror(errno));
    enum err err = ERR_OK;
    if (fstat(fd, &status) != 0)
        err = op_fail(op, ERR_IO, "%.150s cannot be read: %s", name.p, strerror(errno));
    else if (secret && S_ISREG(status.st_mode) && (status.st_mode & 077) != 0)
        err = op_fail(op, ERR_SETTINGS, "other users can read %.150s; run chmod 600 on it first",
                      name.p);
    if (err == ERR_OK)
        err = file_read_open(op, fd, name, SECRET_MAX, ret_text);
    close(fd);
    if (err == ERR_TOO_LONG)
        err = ERR_IO;
    while (err == ERR_OK && ret_text->n > 0 &&
           (ret_text->p[ret_text->n - 1] == '\n' || ret_text->p[ret_text->n - 1] == '\r'))
        ret_text->n--;
    return err;
}
