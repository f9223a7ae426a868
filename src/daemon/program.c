#include "daemon/program.h"

#include "api/api.h"
#include "base/folder.h"
#include "core/core.h"
#include "daemon/control.h"
#include "daemon/doctor.h"
#include "daemon/progress.h"
#include "daemon/serve.h"
#include "db/lock.h"
#include "tool/help.h"

#include <unistd.h>

/* ---- what the program has ---- */

static int config_run(struct command_run *run)
{
    config_print(&run->config, run->out);
    return EXIT_DONE;
}

static int version_run(struct command_run *run)
{
    BUF_LIT(run->out, "bzctrld " BZCTRL_VERSION "\n");
    return EXIT_DONE;
}

static int routes_run(struct command_run *run)
{
    size_t count;
    const struct route *routes = api_routes(&count);
    for (size_t i = 0; i < count; i++)
        buf_printf(run->out, "%s %s\n", routes[i].method.p, routes[i].path.p);
    return EXIT_DONE;
}

static const struct admin_command own_commands[] = {
    {.command = {"config", NULL, "print the settings in force"}, .run_direct = config_run},
    {.command = {"routes", NULL, "print every route that the server serves"},
     .run_direct = routes_run},
    {.command = {"version", NULL, "print the version"}, .run_direct = version_run},
    {{NULL}},
};

/* In the order of the help. */
static const struct admin_command *const tables[] = {
    serve_commands,  demo_commands,    user_commands,   workspace_commands, client_commands,
    form_commands,   index_commands,   mail_commands,   events_commands,    verify_commands,
    backup_commands, migrate_commands, doctor_commands, own_commands,
};

static const struct command *command_at(size_t i)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const struct admin_command *at = tables[t]; at->command.name != NULL; at++)
            if (i-- == 0)
                return &at->command;
    return NULL;
}

const struct program bzctrld_program = {
    .name = "bzctrld",
    .command = command_at,
    .flags = config_flags,
    .flag_count = CONFIG_FLAG_COUNT,
    .about =
        "Internal control for incidents and tasks from operational systems: the server, and the "
        "commands\nof those who run it.",
    .flags_title = "Settings (flag, or BZCTRL_… in the environment, or a key of the INI file)",
    .end =
        "See bzctrld COMMAND --help for more. Exit codes: 0 success, 1 refused, 64 wrong command "
        "line,\n69 the store or server cannot be reached, 70 internal error, 74 reading or writing "
        "failed.",
};

/* ---- running ---- */

int program_run_words(struct command_run *run, const struct str *words, size_t n)
{
    struct arguments arguments;
    enum err err = arguments_read(run->op, &bzctrld_program, words, n, &arguments);
    if (err != ERR_OK)
        return command_fail(run, err);
    const struct admin_command *command = command_of(&arguments);
    if (command == NULL || command->run_store == NULL || command->reads_itself || arguments.help)
        return command_fail(
            run, op_fail(run->op, ERR_SYNTAX, "this command cannot run inside a server"));
    run->arguments = &arguments;
    return command->run_store(run);
}

/* Finds the process that holds the store: sets run->config.data to its folder and run->database to
 * what it has open, if that is known here. A database that was named and that nobody holds is
 * another one than that of the server whose folder it is. */
static enum err holder_find(struct command_run *run)
{
    struct op *op = run->op;
    struct config *config = &run->config;
    struct str url = config_database(op, config), folder = STR_NONE, ignored;
    struct str lock = arena_printf(op->arena, "%.*s/lock", STR_ARG(config->data));
    bool named = db_file(config->database).p != NULL, folder_held = false, held = false;
    if (url.p == NULL || lock.p == NULL)
        return ERR_MEMORY;
    op_forget(op);
    enum err err = db_lock_look(url, op, &held, &folder);
    if (err == ERR_OK)
        err = file_lock_look(op, lock.p, &folder_held, &ignored);
    if (err != ERR_OK)
        return err;
    if (named && !held)
        return op_fail(op, ERR_UNAVAILABLE,
                       "a server is using the data folder %s with a database other than that of "
                       "--database: choose another folder with --data",
                       config->data.p);
    if (held)
        run->database = url;
    /* Its own words for its folder may mean nothing here, as those of a server in a container. */
    if (folder.p != NULL && (named || !folder_held))
        config->data = folder;
    return ERR_OK;
}

/* Beside the server that holds the store: asks it, or reads the store itself. */
static int run_beside(struct command_run *run, const struct str *words, size_t n)
{
    const struct admin_command *command = command_of(run->arguments);
    enum err err = holder_find(run);
    if (err == ERR_OK && !command->reads_itself)
        return control_ask(run, words, n);
    if (err == ERR_OK && run->database.p == NULL)
        err = control_database(run, &run->database);
    return err == ERR_OK ? command->run_store(run) : command_fail(run, err);
}

/* Opens the store for one command, or asks the server that holds it. */
static int run_store(struct command_run *run, const struct str *words, size_t n)
{
    struct mailbox *mailbox = NULL;
    struct core *core = NULL;
    const struct admin_command *command = command_of(run->arguments);
    enum err err = ERR_OK;
    if (command->gather != NULL)
        err = command->gather(run->op, run->arguments, &run->input);
    if (err == ERR_OK && str_find(run->input, '\0') < run->input.n)
        err = op_fail(run->op, ERR_SYNTAX, "what was given contains a NUL byte; it must be text");
    if (err == ERR_OK)
        err = mailbox_create(NULL, NULL, &mailbox);
    if (err != ERR_OK)
        return command_fail(run, err);

    struct core_options options = {.data_dir = run->config.data.p,
                                   .existing = command->existing,
                                   .database_url = config_database(run->op, &run->config).p,
                                   .mailbox = mailbox,
                                   .watch = run->watch};
    int code;
    err = core_open(&options, run->op, &core);
    if (err == ERR_BUSY) {
        code = run_beside(run, words, n);
    } else if (err != ERR_OK) {
        code = command_fail(run, err);
    } else {
        run->core = core;
        run->public_url = config_links(run->op, &run->config, run->config.listen);
        code = command->run_store(run);
    }
    core_close(core);
    mailbox_destroy(mailbox);
    return command->deliver == NULL ? code : command->deliver(run, code);
}

static void flush(int fd, struct buf *buf)
{
    for (size_t done = 0; done < buf->n;) {
        ssize_t wrote = write(fd, buf->p + done, buf->n - done);
        if (wrote <= 0)
            break;
        done += (size_t)wrote;
    }
    buf_clear(buf);
}

static int run_words(struct command_run *run, struct arguments *arguments, const struct str *words,
                     size_t n)
{
    if (help_noun(&bzctrld_program, words, n, run->out))
        return EXIT_DONE;
    enum err err = arguments_read(run->op, &bzctrld_program, words, n, arguments);
    if (err == ERR_OK && arguments->help) {
        help_write(&bzctrld_program, arguments->command, run->out);
        return EXIT_DONE;
    }
    if (err == ERR_OK && arguments->command == NULL) {
        help_write(&bzctrld_program, NULL, run->err);
        return EXIT_USAGE;
    }
    if (err != ERR_OK)
        return command_fail(run, err);
    const struct admin_command *command = command_of(arguments);
    run->config_err = config_read(run->op, arguments, &run->config);
    if (run->config_err != ERR_OK && !command->judges_config)
        return command_fail(run, run->config_err);
    if (command->run_direct != NULL)
        return command->run_direct(run);
    int code = run_store(run, words, n);
    return code > EXIT_REFUSED && command->trouble != 0 ? command->trouble : code;
}

int program_main(const struct str *words, size_t n)
{
    struct arena arena;
    struct buf out, err;
    struct arguments arguments = {0};
    arena_init(&arena, 16 * 1024 * 1024);
    buf_init(&out, 16 * 1024 * 1024);
    buf_init(&err, 1024 * 1024);
    struct op op = {.arena = &arena};
    struct progress progress;
    progress_init(&progress);
    struct command_run run = {.op = &op,
                              .arguments = &arguments,
                              .watch = {progress_step, &progress},
                              .out = &out,
                              .err = &err};
    int code = run_words(&run, &arguments, words, n);
    progress_end(&progress);
    flush(STDOUT_FILENO, &out);
    flush(STDERR_FILENO, &err);
    buf_finish(&err);
    buf_finish(&out);
    arena_finish(&arena);
    return code;
}
