/*
 * `bzctrld demo`: the server on a fresh folder with the account of the source document, an empty
 * workspace for the first reports, and some months of lifelike records in a second one
 * (daemon/demo_story.h).
 */
#include "daemon/serve.h"

#include "core/password.h"
#include "daemon/demo_story.h"
#include "follow/follower.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static enum err demo_prepare(struct core *core, struct op *op, void *arg)
{
    (void)arg;
    struct str hash;
    struct follower *index = NULL; /* stand-ups ask it which records to go through */
    enum err err = password_hash(op, STR("Ex@mpl3!"), &hash);
    if (err == ERR_OK)
        err = follower_create(core, &follow_task_index, &index);
    if (err == ERR_OK)
        err = demo_story(core, op, hash);
    follower_destroy(index);
    return err;
}

/* Makes the folder, or takes an empty one, and marks it. */
static enum err demo_folder(struct op *op, bool named, struct str *data, bool *ret_temporary)
{
    *ret_temporary = !named && str_eq(*data, STR("./data"));
    if (*ret_temporary) {
        const char *tmp = getenv("TMPDIR");
        struct str name = arena_printf(op->arena, "%s/bzctrl-demo-XXXXXX", tmp ? tmp : "/tmp");
        char *writable = name.p == NULL ? NULL : arena_alloc(op->arena, name.n + 1);
        if (writable == NULL)
            return ERR_MEMORY;
        for (size_t i = 0; i <= name.n; i++)
            writable[i] = name.p[i];
        if (mkdtemp(writable) == NULL)
            return op_fail(op, ERR_IO, "cannot create a folder such as %s: %s", name.p,
                           strerror(errno));
        *data = str_of(writable);
    } else if (mkdir(data->p, 0700) != 0 &&
               (errno != EEXIST || rmdir(data->p) != 0 || mkdir(data->p, 0700) != 0)) {
        return op_fail(op, ERR_INVALID, "a demo needs an empty folder; %s is not empty: %s",
                       data->p, strerror(errno));
    }
    struct str mark = arena_printf(op->arena, "%.*s/" DEMO_MARK, STR_ARG(*data));
    int fd = mark.p == NULL ? -1 : open(mark.p, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return op_fail(op, ERR_IO, "cannot write to %s: %s", data->p, strerror(errno));
    close(fd);
    return ERR_OK;
}

/* A demo's temporary folder holds only what the server made: files, no folders. */
static void demo_remove(struct op *op, struct str data)
{
    static const char *const files[] = {DEMO_MARK,       "lock",           "control.sock",
                                        "bzctrl.db",     "bzctrl.db-lock", "bzctrl.db-wal",
                                        "bzctrl.db-shm", "index.db",       "index.db-wal",
                                        "index.db-shm",  "secret.key"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct str path = arena_printf(op->arena, "%.*s/%s", STR_ARG(data), files[i]);
        if (path.p != NULL)
            unlink(path.p);
    }
    rmdir(data.p);
}

static bool loopback(struct str listen)
{
    return str_starts(listen, STR("127.")) || str_starts(listen, STR("[::1]")) ||
           str_starts(listen, STR("localhost:")) || str_starts(listen, STR("unix:"));
}

static int demo_run(struct command_run *run)
{
    bool temporary, named = arguments_flag(run->arguments, "data").p != NULL;
    if (!loopback(run->config.listen) || sd_listen_fds(0) > 0)
        return command_fail(
            run, op_fail(run->op, ERR_INVALID,
                         "a demo has an account with a public password, so it listens only on "
                         "loopback and accepts no socket from a service manager"));
    if (run->config.database.n > 0)
        return command_fail(
            run, op_fail(run->op, ERR_INVALID, "a demo creates its own database; omit --database"));
    enum err err = demo_folder(run->op, named, &run->config.data, &temporary);
    if (err != ERR_OK)
        return command_fail(run, err);
    struct serve_options options = {.environment = STR("demo"), .prepare = demo_prepare};
    int code = serve(run, &options);
    if (temporary)
        demo_remove(run->op, run->config.data);
    return code;
}

const struct admin_command demo_commands[] = {
    {.command = {"demo", NULL,
                 "run the server in a fresh folder with example data, on loopback only"},
     .run_direct = demo_run},
    {{NULL}},
};
