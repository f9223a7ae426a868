#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

enum err folder_sync_above(struct op *op, const char *path)
{
    struct str copy = arena_str(op->arena, str_of(path));
    if (copy.p == NULL)
        return ERR_MEMORY;
    const char *folder = dirname((char *)(uintptr_t)copy.p);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err err = ERR_OK;
    if (fd < 0 || fsync(fd) != 0)
        err = op_fail(op, ERR_IO, "the folder %s cannot be made durable: %s", folder,
                      strerror(errno));
    if (fd >= 0)
        close(fd);
    return err;
}
