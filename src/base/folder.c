#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
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
        err = op_fail(op, ERR_IO, "the folder %s cannot be synced to disk: %s", path,
                      strerror(errno));
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
                             "the data folder %s cannot be created: %s", path, strerror(errno));
    struct str above = folder_of(op, str_of(path));
    return above.p == NULL ? ERR_MEMORY : folder_sync(op, above.p);
}

/* Writes the holder into the lock, for the next process that tries: "PID NOTE" and a line end,
 * without which it is not read. On a full disk the lock holds without a name. */
static void lock_sign(int lock, const char *note)
{
    (void)!(ftruncate(lock, 0) == 0 && dprintf(lock, "%ld %s\n", (long)getpid(), note) > 0);
}

/* The text in a lock; absent while it is being written. */
static struct str lock_read(struct op *op, int lock)
{
    char line[PATH_MAX + 32];
    ssize_t got = pread(lock, line, sizeof line, 0);
    struct str text = {line, got < 0 ? 0 : (size_t)got};
    struct str signature = str_cut(&text, '\n');
    return text.p == NULL ? STR_NONE : arena_str(op->arena, signature);
}

enum err file_lock(struct op *op, const char *path, const char *note, int *ret_lock)
{
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0)
        return op_fail(op, ERR_UNAVAILABLE, "%s cannot be opened: %s", path, strerror(errno));
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
        lock_sign(lock, note);
        *ret_lock = lock;
        return ERR_OK;
    }
    enum err err = errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
    if (err == ERR_IO)
        err = op_fail(op, err, "%s cannot be locked: %s", path, strerror(errno));
    struct str holder = lock_read(op, lock);
    struct str pid = holder.p == NULL ? STR("just started") : str_cut(&holder, ' ');
    if (err == ERR_BUSY)
        err = op_fail(op, err, "another process (%.*s) is using this folder and holds %s",
                      STR_ARG(pid), path);
    close(lock);
    return err;
}

enum err file_lock_look(struct op *op, const char *path, bool *ret_held, struct str *ret_note)
{
    struct str note = STR_NONE;
    int lock = open(path, O_RDONLY | O_CLOEXEC);
    if (lock < 0 && errno != ENOENT)
        return op_fail(op, ERR_UNAVAILABLE, "%s cannot be opened: %s", path, strerror(errno));
    bool held = lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) != 0;
    if (held) {
        note = lock_read(op, lock);
        str_cut(&note, ' ');
    }
    if (lock >= 0)
        close(lock);
    *ret_held = held;
    *ret_note = note.n == 0 ? STR_NONE : note;
    return ERR_OK;
}

enum err folder_lock(struct op *op, const char *path, int *ret_lock)
{
    struct str name = arena_printf(op->arena, "%s/lock", path);
    return name.p == NULL ? ERR_MEMORY : file_lock(op, name.p, "", ret_lock);
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
