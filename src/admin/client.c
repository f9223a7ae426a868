/* `bzctrld client …`: the same changes as the API's, by the operator, who may do anything. */
#include "admin/command.h"

#include "base/clock.h"
#include "core/client.h"
#include "model/scope.h"
#include "tool/secret.h"

#include <unistd.h>

/* ---- finding, failing ---- */

/* All that the judge has found, as one sentence per line. */
static int refuse(struct command_run *run, const struct faults *faults)
{
    for (size_t i = 0; i < faults->n; i++)
        buf_printf(run->err, "bzctrld: %.*s\n", STR_ARG(faults->items[i].detail));
    return EXIT_USAGE;
}

/* The client that the first operand names; NULL, with op->detail, if it does not exist. */
static const struct client *client_named(struct command_run *run, const struct directory *directory)
{
    struct str name = run->arguments->operands[0];
    const struct account *account = directory_account(directory, name);
    if (account == NULL || account->client == NULL)
        op_say(run->op, "there is no client %.*s", STR_ARG(str_sub(name, 0, 100)));
    return account == NULL ? NULL : account->client;
}

/* ---- settings ---- */

/* Judges and saves; repeats both if the directory changed in between. An error that the faults tell
 * is ERR_INVALID. */
static enum err settings_save(struct command_run *run, const struct client_draft *draft,
                              bool creates, struct faults *faults, struct client_save *save)
{
    struct judging judging = {0};
    enum err err;
    do {
        const struct directory *directory = core_directory(run->core);
        faults_init(faults, run->op->arena);
        *save = (struct client_save){.op = run->op, .directory = directory};
        save->before = creates ? NULL : client_named(run, directory);
        if (!creates && save->before == NULL)
            err = ERR_NOT_FOUND;
        else
            err = client_judge(run->op, draft, creates ? NULL : &save->before->settings, directory,
                               NULL, faults, &save->settings);
        if (err == ERR_OK)
            err = client_save(run->core, save);
        directory_release(directory);
    } while (judge_again(&judging, run->op, err));
    return err;
}

static int client_add_run(struct command_run *run)
{
    struct client_draft draft = {.name = run->arguments->operands[0],
                                 .domain = arguments_flag(run->arguments, "domain")};
    struct client_save save;
    struct faults faults;
    run->op->now = clock_now();
    enum err err = arguments_flag_all(run->op, run->arguments, "workspace", &draft.workspaces);
    if (err == ERR_OK)
        err = arguments_flag_all(run->op, run->arguments, "read-all", &draft.read_all);
    if (err == ERR_OK)
        err = arguments_flag_all(run->op, run->arguments, "scope", &draft.scopes);
    if (err == ERR_OK)
        err = settings_save(run, &draft, true, &faults, &save);
    if (err == ERR_INVALID)
        return refuse(run, &faults);
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->out, "client_id=%.*s\n", STR_ARG(save.client_id));
    run->secret = save.secret_text;
    return EXIT_DONE;
}

static int set_disabled(struct command_run *run, bool disabled)
{
    struct client_draft draft = {.disabled = disabled, .disabled_sent = true};
    struct client_save save;
    struct faults faults;
    run->op->now = clock_now();
    enum err err = settings_save(run, &draft, false, &faults, &save);
    if (err == ERR_INVALID)
        return refuse(run, &faults);
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->err, "%s %.*s\n", disabled ? "disabled" : "enabled", STR_ARG(save.client_id));
    return EXIT_DONE;
}

static int client_disable_run(struct command_run *run)
{
    return set_disabled(run, true);
}

static int client_enable_run(struct command_run *run)
{
    return set_disabled(run, false);
}

/* ---- showing ---- */

static void show_places(struct buf *out, const char *name, struct client_places places)
{
    for (size_t i = 0; i < places.n; i++)
        buf_printf(out, "%s=%.*s\n", name, STR_ARG(places.items[i]->key));
}

static int client_show_run(struct command_run *run)
{
    const struct directory *directory = core_directory(run->core);
    const struct client *client = client_named(run, directory);
    if (client != NULL) {
        const struct client_settings *settings = &client->settings;
        buf_printf(run->out, "client_id=%.*s\nname=%.*s\ndomain=%.*s\n",
                   STR_ARG(client->account->email), STR_ARG(settings->name),
                   STR_ARG(settings->domain->key));
        show_places(run->out, "workspace", settings->workspaces);
        show_places(run->out, "read_all", settings->read_all);
        BUF_LIT(run->out, "scope=");
        buf_scopes(run->out, settings->scopes);
        buf_printf(run->out, "\ndisabled=%s\ncreated_at=", settings->disabled ? "true" : "false");
        buf_time(run->out, client->created_at);
        buf_char(run->out, '\n');
    }
    directory_release(directory);
    return client != NULL ? EXIT_DONE : command_fail(run, ERR_NOT_FOUND);
}

static int client_list_run(struct command_run *run)
{
    const struct directory *directory = core_directory(run->core);
    for (size_t i = 0; i < directory->account_count; i++) {
        const struct client *client = directory->accounts_by_id[i]->client;
        if (client == NULL)
            continue;
        buf_printf(run->out, "%.*s\t%.*s\t%s\t", STR_ARG(client->account->email),
                   STR_ARG(client->settings.domain->key),
                   client->settings.disabled ? "disabled" : "enabled");
        buf_scopes(run->out, client->settings.scopes);
        buf_printf(run->out, "\t%.*s\n", STR_ARG(client->settings.name));
    }
    directory_release(directory);
    return EXIT_DONE;
}

/* ---- secrets ---- */

static enum err expiry_read(struct command_run *run, int64_t *ret_expires_at)
{
    struct str text = arguments_flag(run->arguments, "expires-at");
    int64_t time = TIME_NONE;
    if (text.p != NULL && (!time_read(text, &time) || time <= run->op->now))
        return op_fail(
            run->op, ERR_INVALID,
            "--expires-at must be a time in the future, such as 2027-09-27T08:30:00Z, not \"%.*s\"",
            STR_ARG(str_sub(text, 0, 100)));
    *ret_expires_at = time;
    return ERR_OK;
}

static int client_secret_add_run(struct command_run *run)
{
    struct client_secret_add add = {.op = run->op};
    struct judging judging = {0};
    run->op->now = clock_now();
    enum err err = expiry_read(run, &add.expires_at);
    if (err != ERR_OK)
        return command_fail(run, err);
    do {
        add.directory = core_directory(run->core);
        add.client = client_named(run, add.directory);
        err = add.client == NULL ? ERR_NOT_FOUND : client_secret_add(run->core, &add);
        directory_release(add.directory);
    } while (judge_again(&judging, run->op, err));
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->out, "secret_id=%lld\n", (long long)add.secret.id);
    run->secret = add.secret_text;
    return EXIT_DONE;
}

static int client_secret_revoke_run(struct command_run *run)
{
    struct client_secret_revoke revoke = {.op = run->op};
    struct judging judging = {0};
    uint64_t id;
    run->op->now = clock_now();
    if (!str_to_u64(run->arguments->operands[1], INT64_MAX, &id))
        return command_fail(run, op_fail(run->op, ERR_SYNTAX,
                                         "a secret's id is a number; `bzctrld client secret list` "
                                         "prints it"));
    revoke.secret_id = (int64_t)id;
    enum err err;
    do {
        revoke.directory = core_directory(run->core);
        revoke.client = client_named(run, revoke.directory);
        err = revoke.client == NULL ? ERR_NOT_FOUND : client_secret_revoke(run->core, &revoke);
        directory_release(revoke.directory);
    } while (judge_again(&judging, run->op, err));
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->err, "revoked %lld\n", (long long)revoke.secret_id);
    return EXIT_DONE;
}

static void show_time(struct buf *out, const char *name, int64_t time)
{
    buf_printf(out, "\t%s=", name);
    if (time == TIME_NONE)
        BUF_LIT(out, "never");
    else
        buf_time(out, time);
}

static int client_secret_list_run(struct command_run *run)
{
    const struct directory *directory = core_directory(run->core);
    const struct client *client = client_named(run, directory);
    struct client_secret_list secrets = {0};
    struct db *db = NULL;
    enum err err = client == NULL ? ERR_NOT_FOUND : core_open_reader(run->core, run->op, &db);
    if (client != NULL && err == ERR_OK)
        err = store_client_secrets(db, run->op, client->account->id, &secrets);
    db_close(db);
    directory_release(directory);
    if (err != ERR_OK)
        return command_fail(run, err);
    for (size_t i = 0; i < secrets.n; i++) {
        const struct client_secret *secret = &secrets.items[i];
        buf_printf(run->out, "%lld\t%.*s", (long long)secret->id, STR_ARG(secret->hint));
        show_time(run->out, "created", secret->created_at);
        show_time(run->out, "expires", secret->expires_at);
        show_time(run->out, "used", secret->used_at);
        buf_char(run->out, '\n');
    }
    return EXIT_DONE;
}

/* ---- the secret, on the caller's side: printed, or written to --secret-file ---- */

static enum err secret_gather(struct op *op, const struct arguments *arguments,
                              struct str *ret_input)
{
    struct str file = arguments_flag(arguments, "secret-file");
    (void)ret_input;
    return file.p == NULL ? ERR_OK : secret_file_make(op, file);
}

static int secret_deliver(struct command_run *run, int code)
{
    struct str file = arguments_flag(run->arguments, "secret-file");
    if (code != EXIT_DONE) {
        if (file.p != NULL)
            unlink(file.p);
        return code;
    }
    if (file.p != NULL) {
        enum err err = secret_file_fill(run->op, file, run->secret);
        return err == ERR_OK ? code : command_fail(run, err);
    }
    buf_printf(run->out, "client_secret=%.*s\n", STR_ARG(run->secret));
    BUF_LIT(run->err,
            "Save the secret now: only its hash is stored, so it cannot be shown again.\n");
    return code;
}

/* ---- the commands ---- */

static const struct flag client_flags[] = {
    {"domain", "DOMAIN",
     "the domain whose managers manage the client; it covers every domain below"},
    {"workspace", "KEY", "limit the client to this workspace; may be repeated", .many = true},
    {"read-all", "KEY", "let it read what others sent to this workspace; may be repeated",
     .many = true},
    {"scope", "SCOPE", "task:create, task:read or task:write; may be repeated", .many = true},
    {"secret-file", "FILE", "write the secret to this new file, which only you can read"},
};

static const struct flag secret_flags[] = {
    {"expires-at", "TIME", "when it expires, such as 2027-09-27T08:30:00Z; never by default"},
    {"secret-file", "FILE", "write the secret to this new file, which only you can read"},
};

const struct admin_command client_commands[] = {
    {.command = {"client add", "NAME",
                 "add a client, an account for another system, and print its id and secret",
                 FLAGS(client_flags)},
     .gather = secret_gather,
     .deliver = secret_deliver,
     .run_store = client_add_run},
    {.command = {"client list", NULL, "print every client: its id, domain, scopes and name"},
     .run_store = client_list_run},
    {.command = {"client show", "CLIENT-ID", "print what a client may do"},
     .run_store = client_show_run},
    {.command = {"client disable", "CLIENT-ID", "block a client until it is enabled again"},
     .run_store = client_disable_run},
    {.command = {"client enable", "CLIENT-ID", "let a disabled client work again"},
     .run_store = client_enable_run},
    {.command = {"client secret add", "CLIENT-ID",
                 "add another secret to a client and print it; at most five", FLAGS(secret_flags)},
     .gather = secret_gather,
     .deliver = secret_deliver,
     .run_store = client_secret_add_run},
    {.command = {"client secret list", "CLIENT-ID",
                 "print the ids, first characters and times of a client's secrets"},
     .run_store = client_secret_list_run},
    {.command = {"client secret revoke", "CLIENT-ID SECRET-ID",
                 "revoke a secret and all tokens issued for it"},
     .run_store = client_secret_revoke_run},
    {{NULL}},
};
