#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct str folder_of(struct op *op, struct str file)
{
    struct str copy = arena_str(op->arena, file);
    return copy.p == NULL ? copy : str_of(dirname((char *)(uintptr_t)copy.p));
}

enum err folder_sync(struct op *op, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err err = ERR_OK;
    if (fd < 0 || fsync(fd) != 0)
        err =
            op_fail(op, ERR_IO, "the folder %s cannot be made durable: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return err;
}

enum err folder_make(struct op *op, const char *path)
{
    if (mkdir(path, 0700) != 0)
        return errno == EEXIST
                   ? ERR_OK
                   : op_fail(op, errno == ENOSPC ? ERR_FULL : ERR_UNAVAILABLE,
                             "the data folder %s cannot be made: %s", path, strerror(errno));
    struct str above = folder_of(op, str_of(path));
    return above.p == NULL ? ERR_MEMORY : folder_sync(op, above.p);
}

/* Writes into the lock who holds it, for whoever comes second. On a full disk the lock holds
 * without a name. */
static void lock_sign(int lock)
{
    (void)!(ftruncate(lock, 0) == 0 && dprintf(lock, "%ld", (long)getpid()) > 0);
}

static enum err lock_take(struct op *op, int lock, const char *path)
{
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
        lock_sign(lock);
        return ERR_OK;
    }
    if (errno != EWOULDBLOCK)
        return op_fail(op, ERR_IO, "%s cannot be locked: %s", path, strerror(errno));
    char holder[16] = "";
    if (pread(lock, holder, sizeof holder - 1, 0) < 0)
        holder[0] = '\0';
    return op_fail(op, ERR_BUSY, "another process (%s) works with this data folder and holds %s",
                   holder[0] != '\0' ? holder : "just started", path);
}

enum err folder_lock(struct op *op, const char *path, int *ret_lock)
{
    struct str name = arena_printf(op->arena, "%s/lock", path);
    if (name.p == NULL)
        return ERR_MEMORY;
    int lock = open(name.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0)
        return op_fail(op, ERR_UNAVAILABLE, "%s cannot be opened: %s", name.p, strerror(errno));
    enum err err = lock_take(op, lock, name.p);
    if (err == ERR_OK)
        *ret_lock = lock;
    else
        close(lock);
    return err;
}
