/* `bzctrld migrate` and `bzctrld restore`: one database is copied into another that is empty, while
 * nobody works on either. */
#include "admin/copy.h"
#include "admin/verify.h"
#include "base/folder.h"
#include "db/db.h"
#include "db/lock.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const struct str sqlite_scheme = STR_INIT("sqlite:");

/* The locks held during the copy; -1: none. */
struct held {
    int folder, source, target;
};

static const struct held held_nothing = {-1, -1, -1};

static void held_release(const struct held *held)
{
    const int locks[] = {held->target, held->source, held->folder};
    for (size_t i = 0; i < sizeof locks / sizeof locks[0]; i++)
        if (locks[i] >= 0)
            close(locks[i]);
}

static enum err file_find(struct op *op, struct str file)
{
    return file.p == NULL || access(file.p, R_OK) == 0
               ? ERR_OK
               : op_fail(op, ERR_UNAVAILABLE, "%s cannot be read: %s", file.p, strerror(errno));
}

static enum err target_prepare(struct held *held, struct command_run *run, struct str url)
{
    struct str file = db_file(url);
    if (file.p == NULL)
        return ERR_OK;
    struct str folder = folder_of(run->op, file);
    enum err err = folder.p == NULL ? ERR_MEMORY : folder_make(run->op, folder.p);
    return err == ERR_OK ? db_lock(url, run->op, DB_LOCK_MAKE, NULL, &held->target) : err;
}

/* Copies, with all that must be held held already. */
static int copy_between(struct command_run *run, struct db *source, struct str to)
{
    struct db *target = NULL;
    struct history_report report;
    enum err err = copy_target_open(to.p, run->op, &run->watch, &target);
    if (err == ERR_OK)
        err = copy_tell(run, source, target, true, &report);
    db_close(target);
    return err == ERR_OK ? verify_print(run, &report, 0) : command_fail(run, err);
}

static int copy_held(struct command_run *run, struct held *held, struct str from, struct str to)
{
    struct db *source = NULL;
    enum err err = copy_source_open(from.p, run->op, &source);
    if (err == ERR_OK)
        err = target_prepare(held, run, to);
    int code = err == ERR_OK ? copy_between(run, source, to) : command_fail(run, err);
    db_close(source);
    return code;
}

/* The value of a flag; "sqlite:" alone becomes the file in the data folder. */
static enum err url_read(struct command_run *run, const char *flag, struct str *ret_url)
{
    struct str url = arguments_flag(run->arguments, flag);
    if (url.p == NULL)
        return op_fail(run->op, ERR_SYNTAX,
                       "--%s is missing: the command is migrate --from URL --to URL", flag);
    if (str_eq(url, sqlite_scheme))
        url = arena_printf(run->op->arena, "sqlite:%.*s/bzctrl.db", STR_ARG(run->config.data));
    if (url.p == NULL)
        return ERR_MEMORY;
    *ret_url = url;
    return ERR_OK;
}

static int migrate_run(struct command_run *run)
{
    struct held held = held_nothing;
    struct str from = STR_NONE, to = STR_NONE;
    enum err err = url_read(run, "from", &from);
    if (err == ERR_OK)
        err = url_read(run, "to", &to);
    if (err == ERR_OK && str_eq(from, to))
        err = op_fail(run->op, ERR_SYNTAX, "--from and --to name the same database");
    if (err == ERR_OK)
        err = file_find(run->op, db_file(from));
    if (err == ERR_OK)
        err = db_lock(from, run->op, DB_LOCK_EXISTING, NULL, &held.source);
    int code = err == ERR_OK ? copy_held(run, &held, from, to) : command_fail(run, err);
    held_release(&held);
    return code;
}

static int restore_run(struct command_run *run)
{
    struct held held = held_nothing;
    struct str file = run->arguments->operands[0];
    struct str from = arena_printf(run->op->arena, "sqlite:%.*s", STR_ARG(file));
    struct str to = config_database(run->op, &run->config);
    enum err err = from.p == NULL || to.p == NULL ? ERR_MEMORY : file_find(run->op, file);
    if (err == ERR_OK)
        err = folder_make(run->op, run->config.data.p);
    if (err == ERR_OK)
        err = folder_lock(run->op, run->config.data.p, &held.folder);
    if (err == ERR_OK)
        err = db_lock(from, run->op, DB_LOCK_USED, NULL, &held.source);
    int code = err == ERR_OK ? copy_held(run, &held, from, to) : command_fail(run, err);
    held_release(&held);
    return code;
}

/* ---- the commands ---- */

static const struct flag migrate_flags[] = {
    {"from", "URL", "the database to copy: sqlite:/path or postgresql://…"},
    {"to", "URL", "the empty database to copy to; sqlite: alone is the file in the data folder"},
};

const struct admin_command migrate_commands[] = {
    {.command = {"restore", "FILE", "fill an empty database from a backup"},
     .run_direct = restore_run},
    {.command =
         {"migrate", NULL,
          "copy a database to another one, of either engine; run it again after an interruption",
          FLAGS(migrate_flags)},
     .run_direct = migrate_run},
    {{NULL}},
};
