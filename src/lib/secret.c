/* Small files that only their owner can read: secrets, settings, tokens. */
#include "lib/settings.h"

#include "base/buf.h"
#include "base/folder.h"
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_MAX = 256 * 1024 };

static enum err read_all(struct op *op, int fd, struct str file, struct str *ret_text)
{
    struct buf text;
    buf_init(&text, SECRET_MAX);
    ssize_t got = 1;
    while (got > 0) {
        char block[4096];
        got = read(fd, block, sizeof block);
        if (got > 0)
            buf_bytes(&text, block, (size_t)got);
    }
    enum err err = got == 0 ? buf_err(&text) : ERR_IO;
    if (err != ERR_OK && err != ERR_MEMORY)
        err = op_fail(op, ERR_IO, "%.*s cannot be read: %s", STR_ARG(file),
                      got == 0 ? "it is too long" : strerror(errno));
    struct str all = err == ERR_OK ? arena_str(op->arena, buf_str(&text)) : STR_NONE;
    buf_finish(&text);
    if (err == ERR_OK && all.p == NULL)
        err = ERR_MEMORY;
    if (err == ERR_OK)
        *ret_text = all;
    return err;
}

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
        err = read_all(op, fd, name, ret_text);
    close(fd);
    while (err == ERR_OK && ret_text->n > 0 &&
           (ret_text->p[ret_text->n - 1] == '\n' || ret_text->p[ret_text->n - 1] == '\r'))
        ret_text->n--;
    return err;
}

enum err folders_make(struct op *op, struct str file)
{
    for (size_t i = 1; i < file.n; i++) {
        if (file.p[i] != '/')
            continue;
        struct str folder = arena_str(op->arena, str_sub(file, 0, i));
        if (folder.p == NULL)
            return ERR_MEMORY;
        enum err err = folder_make(op, folder.p);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

static bool write_all(int fd, struct str content)
{
    while (content.n > 0) {
        ssize_t wrote = write(fd, content.p, content.n);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        content = str_from(content, (size_t)wrote);
    }
    return true;
}

enum err secret_write(struct op *op, struct str file, struct str content)
{
    uint32_t unlike;
    random_bytes(&unlike, sizeof unlike);
    struct str fresh = arena_printf(op->arena, "%.*s.%08x", STR_ARG(file), (unsigned)unlike);
    struct str name = arena_str(op->arena, file), folder = folder_of(op, file);
    if (fresh.p == NULL || name.p == NULL || folder.p == NULL)
        return ERR_MEMORY;
    enum err err = folders_make(op, file);
    if (err != ERR_OK)
        return err;
    int fd = open(fresh.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = fd >= 0 && write_all(fd, content) && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (written && rename(fresh.p, name.p) == 0)
        return folder_sync(op, folder.p);
    why = written ? errno : why;
    if (fd >= 0)
        unlink(fresh.p);
    return op_fail(op, why == ENOSPC ? ERR_FULL : ERR_IO, "%.150s cannot be written: %s", name.p,
                   strerror(why));
}
