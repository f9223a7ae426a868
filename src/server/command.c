#include "server/command.h"

#include "api/api.h"
#include "base/folder.h"
#include "core/core.h"
#include "db/lock.h"
#include "server/control.h"
#include "server/progress.h"

#include <stdio.h>
#include <unistd.h>

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

static const struct flag user_flags[] = {
    {"domain", "DOMAIN", "the domain of the role, which includes every domain below it"},
    {"role", "ROLE", "viewer, member or manager"},
    {"admin", NULL, "may do anything anywhere; instead of --domain and --role"},
    {"name", "NAME", "the person's name"},
    {"password-file", "FILE",
     "read the password from FILE (- for standard input); by default ask on a terminal, or read "
     "standard input"},
};

static const struct flag user_set_flags[] = {
    {"name", "NAME", "the person's name; an empty value removes it"},
    {"domain", "DOMAIN", "the domain on which the role is given or removed"},
    {"role", "ROLE", "viewer, member or manager; none removes the role"},
    {"admin", "yes|no", "may do everything everywhere"},
    {"password-grant", "yes|no", "may get tokens with a password"},
};

static const struct flag erase_flags[] = {
    {"for-good", NULL, "required, because this cannot be undone"},
};

static const struct flag password_flags[] = {
    {"password-file", "FILE",
     "read the password from FILE (- for standard input); by default ask on a terminal, or read "
     "standard input"},
};

static const struct flag workspace_flags[] = {
    {"name", "NAME", "the display name; the key by default"},
    {"timezone", "ZONE", "the time zone for dates, such as Europe/Amsterdam; UTC by default"},
};

static const struct flag client_flags[] = {
    {"domain", "DOMAIN",
     "the domain whose managers manage the client; it covers every domain below"},
    {"workspace", "KEY…", "limit the client to this workspace; may be repeated"},
    {"read-all", "KEY…", "let it read what others sent to this workspace; may be repeated"},
    {"scope", "SCOPE…", "task:create, task:read or task:write; may be repeated"},
    {"secret-file", "FILE", "write the secret to this new file, which only you can read"},
};

static const struct flag secret_flags[] = {
    {"expires-at", "TIME", "when it expires, such as 2027-09-27T08:30:00Z; never by default"},
    {"secret-file", "FILE", "write the secret to this new file, which only you can read"},
};

static const struct flag verify_flags[] = {
    {"receipt", "R", "a Bzctrl-Receipt to look for in the history"},
    {"receipts", "FILE", "a file with one receipt per line, - for standard input"},
};

static const struct flag events_flags[] = {
    {"domain", "DOMAIN", "only this domain and every domain below"},
    {"action", "ACTION…", "only these, such as admin.*; may be repeated"},
    {"since", "TIME", "only from this date or time on"},
    {"csv", NULL, "as CSV instead of JSON lines"},
};

static const struct flag migrate_flags[] = {
    {"from", "URL", "the database to copy: sqlite:/path or postgresql://…"},
    {"to", "URL", "the empty database to copy to; sqlite: alone is the file in the data folder"},
};

#define FLAGS(list) .flags = (list), .flag_count = sizeof(list) / sizeof((list)[0])

static const struct command commands[] = {
    {.name = "serve", .help = "run the server", .run_direct = serve_run},
    {.name = "demo",
     .help = "run the server in a fresh folder with example data, on loopback only",
     .run_direct = demo_run},
    {.name = "user add",
     .operands = "EMAIL",
     .operand_count = 1,
     .help = "add an account, or give an existing one a role or a new password",
     FLAGS(user_flags),
     .gather = user_add_gather,
     .run_store = user_add_run},
    {.name = "user list",
     .help = "print every person: address, state, roles and name",
     .run_store = user_list_run},
    {.name = "user show",
     .operands = "EMAIL",
     .operand_count = 1,
     .help = "print a person's account and roles",
     .run_store = user_show_run},
    {.name = "user set",
     .operands = "EMAIL",
     .operand_count = 1,
     .help = "change a person's name or rights",
     FLAGS(user_set_flags),
     .run_store = user_set_run},
    {.name = "user disable",
     .operands = "EMAIL",
     .operand_count = 1,
     .help = "sign a person out everywhere and block sign-in until enabled again",
     .run_store = user_disable_run},
    {.name = "user enable",
     .operands = "EMAIL",
     .operand_count = 1,
     .help = "let a disabled person sign in again",
     .run_store = user_enable_run},
    {.name = "user password",
     .operands = "EMAIL",
     .operand_count = 1,
     .help = "set a person's password, and sign the person out everywhere",
     FLAGS(password_flags),
     .gather = user_add_gather,
     .run_store = user_password_run},
    {.name = "user reset-link",
     .operands = "EMAIL",
     .operand_count = 1,
     .help = "print a link with which a person can set a new password once, within a day",
     .run_store = user_reset_link_run},
    {.name = "user erase",
     .operands = "EMAIL",
     .operand_count = 1,
     .help = "erase a person's address, name and password, and the address in all stored data",
     FLAGS(erase_flags),
     .run_store = user_erase_run},
    {.name = "domain add",
     .operands = "DOMAIN",
     .operand_count = 1,
     .help = "add a domain, and any missing domains above it",
     .run_store = domain_add_run},
    {.name = "domain list", .help = "print every domain", .run_store = domain_list_run},
    {.name = "workspace list",
     .help = "print every workspace: its key, time zone and name",
     .run_store = workspace_list_run},
    {.name = "workspace set",
     .operands = "DOMAIN-WORKSPACE",
     .operand_count = 1,
     .help = "change a workspace's name or time zone",
     FLAGS(workspace_flags),
     .run_store = workspace_set_run},
    {.name = "workspace add",
     .operands = "DOMAIN-WORKSPACE",
     .operand_count = 1,
     .help = "add a workspace, and its domain if it does not exist",
     FLAGS(workspace_flags),
     .run_store = workspace_add_run},
    {.name = "client add",
     .operands = "NAME",
     .operand_count = 1,
     .help = "add a client, an account for another system, and print its id and secret",
     FLAGS(client_flags),
     .gather = secret_file_gather,
     .deliver = secret_file_deliver,
     .run_store = client_add_run},
    {.name = "client list",
     .help = "print every client: its id, domain, scopes and name",
     .run_store = client_list_run},
    {.name = "client show",
     .operands = "CLIENT-ID",
     .operand_count = 1,
     .help = "print what a client may do",
     .run_store = client_show_run},
    {.name = "client disable",
     .operands = "CLIENT-ID",
     .operand_count = 1,
     .help = "block a client until it is enabled again",
     .run_store = client_disable_run},
    {.name = "client enable",
     .operands = "CLIENT-ID",
     .operand_count = 1,
     .help = "let a disabled client work again",
     .run_store = client_enable_run},
    {.name = "client secret add",
     .operands = "CLIENT-ID",
     .operand_count = 1,
     .help = "add another secret to a client and print it; at most five",
     FLAGS(secret_flags),
     .gather = secret_file_gather,
     .deliver = secret_file_deliver,
     .run_store = client_secret_add_run},
    {.name = "client secret list",
     .operands = "CLIENT-ID",
     .operand_count = 1,
     .help = "print the ids, first characters and times of a client's secrets",
     .run_store = client_secret_list_run},
    {.name = "client secret revoke",
     .operands = "CLIENT-ID SECRET-ID",
     .operand_count = 2,
     .help = "revoke a secret and all tokens issued for it",
     .run_store = client_secret_revoke_run},
    {.name = "form list",
     .operands = "WORKSPACE",
     .operand_count = 1,
     .help = "print a workspace's forms: name, version, whether enabled, whether the default",
     .existing = true,
     .run_store = form_list_run},
    {.name = "form export",
     .operands = "WORKSPACE NAME",
     .operand_count = 2,
     .help = "print a form as text to review, keep or import elsewhere",
     .existing = true,
     .run_store = form_export_run},
    {.name = "form import",
     .operands = "WORKSPACE FILE",
     .operand_count = 2,
     .help = "add or change a form from FILE (- for standard input); an unchanged form is left as "
             "it is",
     .gather = form_file_gather,
     .run_store = form_import_run},
    {.name = "form diff",
     .operands = "WORKSPACE NAME FILE",
     .operand_count = 3,
     .help =
         "print what importing FILE would change; exit code 0: nothing, 1: something, 2: failure",
     .trouble = 2,
     .existing = true,
     .gather = form_file_gather,
     .run_store = form_diff_run},
    {.name = "events",
     .help = "print the history, one event a line",
     FLAGS(events_flags),
     .existing = true,
     .reads_itself = true,
     .run_store = events_run},
    {.name = "verify",
     .help = "verify the whole history, and receipts against it",
     FLAGS(verify_flags),
     .existing = true,
     .gather = verify_gather,
     .run_store = verify_run},
    {.name = "backup",
     .operands = "FILE",
     .operand_count = 1,
     .help = "write all stored data to a new file; the server may be running",
     .existing = true,
     .reads_itself = true,
     .run_store = backup_run},
    {.name = "restore",
     .operands = "FILE",
     .operand_count = 1,
     .help = "fill an empty database from a backup",
     .run_direct = restore_run},
    {.name = "migrate",
     .help = "copy a database to another one, of either engine; run it again after an interruption",
     FLAGS(migrate_flags),
     .run_direct = migrate_run},
    {.name = "config", .help = "print the settings in force", .run_direct = config_run},
    {.name = "routes",
     .help = "print every route that the server serves",
     .run_direct = routes_run},
    {.name = "version", .help = "print the version", .run_direct = version_run},
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

const struct command *command_find(struct str name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (str_eq(str_of(commands[i].name), name))
            return &commands[i];
    return NULL;
}

/* ---- help ---- */

static void help_flag(struct buf *out, const char *name, const char *value, const char *help,
                      const char *standard)
{
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", name, value == NULL ? "" : " ",
             value == NULL ? "" : value);
    buf_printf(out, "  %-26s %s", left, help);
    if (standard != NULL && standard[0] != '\0')
        buf_printf(out, " (default %s)", standard);
    buf_char(out, '\n');
}

static void help_settings(struct buf *out)
{
    BUF_LIT(out, "\nSettings (flag, or BZCTRL_… in the environment, or a key of the INI file):\n");
#define SETTING(field, flag, standard, value, help) help_flag(out, flag, value, help, standard);
#include "server/settings.def"
#undef SETTING
    help_flag(out, "config", "FILE", "the INI file", "/etc/bzctrl/bzctrl.ini, if there");
}

void command_help(const struct command *command, struct buf *out)
{
    if (command != NULL) {
        buf_printf(out, "Usage: bzctrld %s %s%s[flags]\n\n%s\n", command->name,
                   command->operands == NULL ? "" : command->operands,
                   command->operands == NULL ? "" : " ", command->help);
        if (command->flag_count > 0)
            BUF_LIT(out, "\nFlags:\n");
        for (size_t i = 0; i < command->flag_count; i++)
            help_flag(out, command->flags[i].name, command->flags[i].value, command->flags[i].help,
                      NULL);
        help_settings(out);
        return;
    }
    BUF_LIT(out, "bzctrld: internal control for incidents and tasks from operational "
                 "systems\n\nUsage: bzctrld COMMAND [flags]\n\nCommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", commands[i].name,
                 commands[i].operands == NULL ? "" : commands[i].operands);
        buf_printf(out, "  %-31s %s\n", left, commands[i].help);
    }
    help_settings(out);
    BUF_LIT(out, "\nSee bzctrld COMMAND --help for more. Exit codes: 0 success, 1 refused, 64 "
                 "wrong command line,\n69 the store or server cannot be reached, 70 internal "
                 "error, 74 reading or writing failed.\n");
}

/* "user --help": the help of every command that begins with these words. False if there is none. */
static bool help_noun(const struct str *words, size_t n, struct buf *out)
{
    bool found = false;
    if (n < 2 || n > COMMAND_WORDS ||
        (!str_eq(words[n - 1], STR("--help")) && !str_eq(words[n - 1], STR("-h"))))
        return false;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        struct str rest = str_of(commands[i].name);
        size_t same = 0;
        while (same < n - 1 && str_eq(str_cut(&rest, ' '), words[same]))
            same++;
        if (same < n - 1 || rest.p == NULL)
            continue;
        command_help(&commands[i], out);
        found = true;
    }
    return found;
}

/* ---- running ---- */

int command_fail(struct command_run *run, enum err err)
{
    static const struct {
        enum err err;
        int code;
    } codes[] = {
        {ERR_SYNTAX, EXIT_USAGE},
        {ERR_INVALID, EXIT_USAGE},
        {ERR_BUSY, EXIT_UNAVAILABLE},
        {ERR_IO, EXIT_STORAGE},
        {ERR_UNAVAILABLE, EXIT_UNAVAILABLE},
        {ERR_FULL, EXIT_STORAGE},
        {ERR_MEMORY, EXIT_SOFTWARE},
        {ERR_MISUSE, EXIT_SOFTWARE},
        {ERR_CORRUPT, EXIT_STORAGE},
    };
    const char *detail = run->op->detail[0] != '\0' ? run->op->detail : err_meaning(err);
    buf_printf(run->err, "bzctrld: %s\n", detail);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].err == err)
            return codes[i].code;
    return EXIT_REFUSED;
}

int command_run_words(struct command_run *run, const struct str *words, size_t n)
{
    struct arguments arguments;
    enum err err = arguments_read(run->op, words, n, &arguments);
    if (err != ERR_OK)
        return command_fail(run, err);
    if (arguments.command == NULL || arguments.command->run_store == NULL ||
        arguments.command->reads_itself)
        return command_fail(
            run, op_fail(run->op, ERR_SYNTAX, "this command cannot run inside a server"));
    run->arguments = &arguments;
    return arguments.command->run_store(run);
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
    const struct command *command = run->arguments->command;
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
    const struct command *command = run->arguments->command;
    enum err err = ERR_OK;
    if (command->gather != NULL)
        err = command->gather(run->op, run->arguments, &run->input);
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
    if (help_noun(words, n, run->out))
        return EXIT_DONE;
    enum err err = arguments_read(run->op, words, n, arguments);
    if (err == ERR_OK && arguments->help) {
        command_help(arguments->command, run->out);
        return EXIT_DONE;
    }
    if (err == ERR_OK && arguments->command == NULL) {
        command_help(NULL, run->err);
        return EXIT_USAGE;
    }
    if (err == ERR_OK)
        err = config_read(run->op, arguments, &run->config);
    if (err != ERR_OK)
        return command_fail(run, err);
    if (arguments->command->run_direct != NULL)
        return arguments->command->run_direct(run);
    int code = run_store(run, words, n);
    return code > EXIT_REFUSED && arguments->command->trouble != 0 ? arguments->command->trouble
                                                                   : code;
}

int command_main(const struct str *words, size_t n)
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
