/*
 * `bzctrld backup`: all that is stored, as it is at one moment, in one file: an SQLite database,
 * whatever the engine, which is verified before it gets its name. It is written by the process that
 * holds the store, on a connection of its own that only reads.
 */
#include "base/folder.h"
#include "core/core.h"
#include "db/db.h"
#include "server/copy.h"
#include "server/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The file's name means what it means where the command was given. */
enum err backup_gather(struct op *op, const struct arguments *arguments, struct str *ret_input)
{
    struct str file = arguments->operands[0];
    char here[4096];
    if (file.n == 0)
        return op_fail(op, ERR_SYNTAX, "the name of the file is empty");
    if (file.p[0] != '/') {
        if (getcwd(here, sizeof here) == NULL)
            return op_fail(op, ERR_IO, "the current folder is not known: %s", strerror(errno));
        file = arena_printf(op->arena, "%s/%.*s", here, STR_ARG(file));
    }
    if (file.p == NULL)
        return ERR_MEMORY;
    *ret_input = file;
    return ERR_OK;
}

/* What SQLite may leave beside a file that it was writing. */
static void remains_remove(struct op *op, struct str file)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        struct str path = arena_printf(op->arena, "%s%s", file.p, suffixes[i]);
        if (path.p != NULL)
            unlink(path.p);
    }
}

static enum err exists(struct op *op, struct str file)
{
    return op_fail(op, ERR_CONFLICT, "%s exists; a backup is never written over another file",
                   file.p);
}

static enum err part_make(struct op *op, struct str part)
{
    int fd = open(part.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return op_fail(op, ERR_CONFLICT,
                       "%s exists: another backup is being written, or was interrupted; if none "
                       "is, remove that file",
                       part.p);
    if (fd < 0)
        return op_fail(op, errno == ENOSPC ? ERR_FULL : ERR_IO, "%s cannot be made: %s", part.p,
                       strerror(errno));
    close(fd);
    remains_remove(op, part);
    return ERR_OK;
}

static enum err part_fill(struct command_run *run, struct str part,
                          struct history_report *ret_report)
{
    struct db *source = NULL, *target = NULL;
    struct str url = arena_printf(run->op->arena, "sqlite:%s", part.p);
    enum err err = url.p == NULL ? ERR_MEMORY : core_open_reader(run->core, run->op, &source);
    if (err == ERR_OK)
        err = copy_target_open(url.p, run->op, &run->watch, &target);
    if (err == ERR_OK)
        err = copy_tell(run, source, target, false, ret_report);
    if (err == ERR_OK)
        err = db_seal(target, run->op);
    db_close(target);
    db_close(source);
    return err;
}

/* From here on the file has its name, and keeps it over a power cut. */
static enum err part_name(struct op *op, struct str part, struct str file)
{
    struct str folder = folder_of(op, file);
    if (folder.p == NULL)
        return ERR_MEMORY;
    int fd = open(part.p, O_RDONLY | O_CLOEXEC);
    enum err err = ERR_OK;
    if (fd < 0 || fsync(fd) != 0)
        err = op_fail(op, ERR_IO, "%s cannot be made durable: %s", part.p, strerror(errno));
    if (fd >= 0)
        close(fd);
    if (err != ERR_OK)
        return err;
    /* A second name, since renaming would replace a file that somebody has made meanwhile. Not
     * every file system has second names. */
    if (link(part.p, file.p) == 0) {
        unlink(part.p);
    } else if (errno == EEXIST || access(file.p, F_OK) == 0) {
        return exists(op, file);
    } else if (rename(part.p, file.p) != 0) {
        return op_fail(op, ERR_IO, "%s cannot be named %s: %s", part.p, file.p, strerror(errno));
    }
    return folder_sync(op, folder.p);
}

int backup_run(struct command_run *run)
{
    struct op *op = run->op;
    struct history_report report;
    struct str file = run->input, part = arena_printf(op->arena, "%.*s.tmp", STR_ARG(file));
    if (file.p == NULL || part.p == NULL)
        return command_fail(run, ERR_MEMORY);
    if (access(file.p, F_OK) == 0)
        return command_fail(run, exists(op, file));
    enum err err = part_make(op, part);
    if (err != ERR_OK)
        return command_fail(run, err);
    err = part_fill(run, part, &report);
    if (err == ERR_OK && !report.broken)
        err = part_name(op, part, file);
    if (err != ERR_OK || report.broken) {
        unlink(part.p);
        remains_remove(op, part);
    }
    return err == ERR_OK ? verify_print(run, &report, 0) : command_fail(run, err);
}
