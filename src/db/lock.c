#include "db/lock.h"

#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct str db_file(struct str url)
{
    struct str scheme = STR("sqlite:");
    return str_starts(url, scheme) ? str_from(url, scheme.n) : STR_NONE;
}

/* The name of the lock of a file that is there. Absent when the file is not, or out of memory. */
static struct str lock_name(struct op *op, const char *file)
{
    char real[PATH_MAX];
    return realpath(file, real) == NULL ? STR_NONE : arena_printf(op->arena, "%s-lock", real);
}

/* Checks the file before it is locked: it must exist and have one name. */
static enum err file_prepare(struct op *op, const char *file, enum db_lock kind)
{
    struct stat status;
    int fd = open(file, O_RDWR | O_CLOEXEC | (kind == DB_LOCK_MAKE ? O_CREAT : 0), 0600);
    if (fd < 0 && errno == ENOENT && kind != DB_LOCK_MAKE)
        return op_fail(op, ERR_UNAVAILABLE, "there is no database %s", file);
    if (fd < 0)
        return op_fail(op, errno == ENOSPC ? ERR_FULL : ERR_UNAVAILABLE,
                       "cannot open the database %s: %s", file, strerror(errno));
    enum err err = ERR_OK;
    if (fstat(fd, &status) != 0)
        err = op_fail(op, ERR_IO, "cannot examine %s: %s", file, strerror(errno));
    else if (status.st_nlink > 1)
        err = op_fail(op, ERR_UNAVAILABLE,
                      "%s has %lu names (hard links), and SQLite keeps a separate log for each: "
                      "remove the other names, or copy the file with `bzctrld backup`",
                      file, (unsigned long)status.st_nlink);
    close(fd);
    return err;
}

enum err db_lock(struct str url, struct op *op, enum db_lock kind, const char *data_dir,
                 int *ret_lock)
{
    struct str file = arena_str(op->arena, db_file(url));
    char folder[PATH_MAX];
    if (db_file(url).p == NULL)
        return ERR_OK;
    if (file.p == NULL)
        return ERR_MEMORY;
    enum err err = kind == DB_LOCK_USED ? ERR_OK : file_prepare(op, file.p, kind);
    if (err != ERR_OK)
        return err;
    struct str name = lock_name(op, file.p);
    if (name.p == NULL || (kind == DB_LOCK_USED && access(name.p, F_OK) != 0))
        return kind == DB_LOCK_USED ? ERR_OK : ERR_MEMORY;
    bool known = data_dir != NULL && realpath(data_dir, folder) != NULL;
    return file_lock(op, name.p, known ? folder : "", ret_lock);
}

enum err db_lock_look(struct str url, struct op *op, bool *ret_held, struct str *ret_folder)
{
    struct str file = arena_str(op->arena, db_file(url));
    struct str name = file.p == NULL ? STR_NONE : lock_name(op, file.p);
    *ret_held = false;
    return name.p == NULL ? ERR_OK : file_lock_look(op, name.p, ret_held, ret_folder);
}
