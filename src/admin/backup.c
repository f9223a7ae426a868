/*
 * `bzctrld backup`: all that is stored, as it is at one moment, in one file: an SQLite database,
 * whatever the engine, which is verified before it gets its name. The command writes it itself,
 * also beside a server, whose folders may be other ones than the caller's; it reads on a connection
 * of its own that neither writes nor checkpoints, so the server stays the only one that does.
 */
#include "admin/copy.h"
#include "admin/verify.h"
#include "base/folder.h"
#include "core/vitals.h"
#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The files that SQLite may leave beside one that it was writing. */
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
    return op_fail(op, ERR_CONFLICT, "%s already exists; a backup never overwrites a file", file.p);
}

static enum err part_make(struct op *op, struct str part)
{
    int fd = open(part.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return op_fail(op, ERR_CONFLICT,
                       "%s already exists: another backup is running or was interrupted; if none "
                       "is running, remove that file",
                       part.p);
    if (fd < 0)
        return op_fail(op, errno == ENOSPC ? ERR_FULL : ERR_IO, "cannot create %s: %s", part.p,
                       strerror(errno));
    close(fd);
    remains_remove(op, part);
    return ERR_OK;
}

static enum err source_open(struct command_run *run, struct db **ret_db)
{
    return run->core != NULL ? core_open_reader(run->core, run->op, ret_db)
                             : copy_source_open(run->database.p, run->op, ret_db);
}

static enum err part_fill(struct command_run *run, struct str part,
                          struct history_report *ret_report)
{
    struct db *source = NULL, *target = NULL;
    struct str url = arena_printf(run->op->arena, "sqlite:%s", part.p);
    enum err err = url.p == NULL ? ERR_MEMORY : source_open(run, &source);
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

/* A second name, since renaming would replace a file that somebody has made meanwhile. Not every
 * file system has second names. */
static enum err part_rename(struct op *op, struct str part, struct str file)
{
    if (link(part.p, file.p) == 0)
        unlink(part.p);
    else if (errno == EEXIST || access(file.p, F_OK) == 0)
        return exists(op, file);
    else if (rename(part.p, file.p) != 0)
        return op_fail(op, ERR_IO, "cannot rename %s to %s: %s", part.p, file.p, strerror(errno));
    return ERR_OK;
}

/* Does the name refer to the file that was written and synced? */
static enum err name_check(struct op *op, int fd, struct str file)
{
    struct stat written, found;
    return fstat(fd, &written) == 0 && stat(file.p, &found) == 0 &&
                   written.st_dev == found.st_dev && written.st_ino == found.st_ino &&
                   found.st_size > 0
               ? ERR_OK
               : op_fail(op, ERR_IO, "the backup was written, but %s does not exist", file.p);
}

/* From here on the file has its name, and keeps it over a power cut. */
static enum err part_name(struct op *op, struct str part, struct str file)
{
    struct str folder = folder_of(op, file);
    if (folder.p == NULL)
        return ERR_MEMORY;
    int fd = open(part.p, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return op_fail(op, ERR_IO, "cannot open %s: %s", part.p, strerror(errno));
    enum err err = ERR_OK;
    if (fsync(fd) != 0)
        err = op_fail(op, ERR_IO, "cannot write %s to disk: %s", part.p, strerror(errno));
    if (err == ERR_OK)
        err = part_rename(op, part, file);
    if (err == ERR_OK)
        err = folder_sync(op, folder.p);
    if (err == ERR_OK)
        err = name_check(op, fd, file);
    close(fd);
    return err;
}

static int backup_run(struct command_run *run)
{
    struct op *op = run->op;
    struct history_report report;
    struct str file = run->arguments->operands[0];
    struct str part = arena_printf(op->arena, "%.*s.tmp", STR_ARG(file));
    if (part.p == NULL)
        return command_fail(run, ERR_MEMORY);
    if (file.n == 0)
        return command_fail(run, op_fail(op, ERR_SYNTAX, "the name of the file is empty"));
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
    if (err != ERR_OK)
        buf_clear(run->out); /* heads of what is not there */
    if (err != ERR_OK)
        return command_fail(run, err);
    /* For the metrics and `bzctrld doctor`; a folder that is not there is another machine's. */
    if (!report.broken && access(run->config.data.p, F_OK) == 0 &&
        backup_note(run->config.data, op, file) != ERR_OK) {
        buf_printf(run->err, "bzctrld: the backup is written, but not noted: %s\n", op->detail);
        op_forget(op);
    }
    return verify_print(run, &report, 0);
}

/* ---- the commands ---- */

const struct admin_command backup_commands[] = {
    {.command = {"backup", "FILE",
                 "write all stored data to a new file; the server may be running"},
     .existing = true,
     .reads_itself = true,
     .run_store = backup_run},
    {{NULL}},
};
