#include "core/vitals.h"

#include "base/file.h"
#include "base/folder.h"
#include "core/health.h"
#include "core/task_index.h"
#include "db/db.h"
#include "db/lock.h"
#include "model/date.h"
#include "store/mail.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

enum { KINDS_MAX = 64 };

void disk_space(const char *path, int64_t *ret_free, int64_t *ret_size)
{
    struct statvfs disk;
    bool known = statvfs(path, &disk) == 0;
    *ret_free = known ? (int64_t)(disk.f_bavail * disk.f_frsize) : -1;
    *ret_size = known ? (int64_t)(disk.f_blocks * disk.f_frsize) : -1;
}

static struct str backup_mark(struct str data_dir, struct op *op)
{
    return arena_printf(op->arena, "%.*s/last-backup", STR_ARG(data_dir));
}

int64_t backup_time(struct str data_dir, struct op *op)
{
    struct stat found;
    struct str mark = backup_mark(data_dir, op);
    if (mark.p == NULL || stat(mark.p, &found) != 0)
        return BACKUP_NEVER;
    return (int64_t)found.st_mtim.tv_sec * 1000 + found.st_mtim.tv_nsec / 1000000;
}

enum err backup_note(struct str data_dir, struct op *op, struct str file)
{
    struct str mark = backup_mark(data_dir, op);
    return mark.p == NULL ? ERR_MEMORY : file_replace(op, mark, file);
}

/* 0 while there is none. */
static int64_t log_size(struct str file, struct op *op)
{
    struct stat found;
    struct str log = arena_printf(op->arena, "%.*s-wal", STR_ARG(file));
    return log.p != NULL && stat(log.p, &found) == 0 ? (int64_t)found.st_size : 0;
}

enum err core_vitals(struct core *core, struct db *db, struct op *op, struct vitals *ret_vitals)
{
    struct vitals vitals = {.at = op->now, .log_size = -1};
    int64_t late_since = TIME_NONE;
    struct str file = db_file(core_database(core)), data_dir = core_data_dir(core);
    enum err err =
        core_index_health(core_task_index(core), db, op, &vitals.index_ready, &vitals.index_behind);
    if (err == ERR_OK)
        err = db_describe(db, op, &vitals.engine, &vitals.size);
    if (err == ERR_OK)
        err = store_job_queues(db, op, KINDS_MAX, &vitals.jobs);
    if (err == ERR_OK)
        err = store_mail_late(db, op, &late_since);
    if (err != ERR_OK)
        return err;
    vitals.mail_late = late_since == TIME_NONE ? 0 : op->now - late_since;
    struct str place = file.p == NULL ? data_dir : folder_of(op, file);
    if (place.p == NULL)
        return ERR_MEMORY;
    if (file.p != NULL)
        vitals.log_size = log_size(file, op);
    disk_space(place.p, &vitals.free, &vitals.disk);
    vitals.backup_at = backup_time(data_dir, op);
    *ret_vitals = vitals;
    return ERR_OK;
}
