/* `bzctrld user …`: the same changes as the API's, by the operator, who may do anything. */
#include "admin/command.h"

#include "base/clock.h"
#include "base/file.h"
#include "core/account.h"
#include "core/erasure.h"
#include "core/password.h"
#include "core/password_reset.h"
#include "db/db.h"
#include "model/email.h"
#include "store/credential.h"
#include "tool/secret.h"

#include <unistd.h>

/* ---- add, password ---- */

static enum err password_gather(struct op *op, const struct arguments *arguments,
                                struct str *ret_input)
{
    static const char instead[] = "--password-file";
    struct str file = arguments_flag(arguments, "password-file"), again = STR_NONE;
    if (file.p != NULL || !isatty(STDIN_FILENO))
        return file_read(op, file.p != NULL ? file : STR("-"), INPUT_MAX, ret_input);
    enum err err = secret_ask(op, "Password (empty: none, or unchanged): ", instead, ret_input);
    if (err == ERR_OK && ret_input->p != NULL) {
        err = secret_ask(op, "Repeat: ", instead, &again);
        if (err == ERR_OK && !str_eq(*ret_input, again))
            err = op_fail(op, ERR_INVALID, "the two passwords differ");
    }
    return err;
}

/* Hashes the password that was given, unless it is the one that the person has already: then
 * nothing that it is signed in with has to end for it. */
static enum err password_take(struct command_run *run, struct str email, struct str *ret_hash,
                              bool *ret_same)
{
    struct op *op = run->op;
    struct credential credential = {0};
    struct str stored;
    struct db *db;
    enum err err = account_email(run->core, op, email, &stored);
    if (err == ERR_OK)
        err = password_check_for(op, run->input, stored);
    if (err == ERR_OK)
        err = core_open_reader(run->core, op, &db);
    if (err != ERR_OK)
        return err;
    err = store_credential_get(db, op, stored, &credential);
    db_close(db);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    if (credential.password_hash.p != NULL &&
        password_verify(credential.password_hash.p, run->input) == ERR_OK) {
        *ret_hash = credential.password_hash;
        *ret_same = true;
        return ERR_OK;
    }
    return password_hash(op, run->input, ret_hash);
}

static enum err account_from(struct command_run *run, struct account_add *add)
{
    struct op *op = run->op;
    struct str role = arguments_flag(run->arguments, "role");
    add->op = op;
    add->email = run->arguments->operands[0];
    add->name = arguments_flag(run->arguments, "name");
    add->admin = arguments_flag(run->arguments, "admin").p != NULL;
    add->domain = arguments_flag(run->arguments, "domain");
    if (add->admin ? add->domain.p != NULL || role.p != NULL
                   : add->domain.p == NULL || role.p == NULL)
        return op_fail(op, ERR_SYNTAX,
                       "give either --admin, or --domain DOMAIN and --role "
                       "viewer|member|manager");
    if (!add->admin && (!role_read(role, &add->role) || add->role == ROLE_ADMIN))
        return op_fail(op, ERR_SYNTAX, "--role must be viewer, member or manager, not \"%.*s\"",
                       STR_ARG(role));
    return run->input.n == 0
               ? ERR_OK
               : password_take(run, add->email, &add->password_hash, &add->password_same);
}

/* Says so when a role that was given has cleared the person's password. */
static void say_cleared(struct command_run *run, bool cleared)
{
    if (cleared)
        BUF_LIT(run->err, "The password was removed, because somebody without that role may know "
                          "it. Set a new one with `bzctrld user reset-link` or `user password`.\n");
}

static int user_add_run(struct command_run *run)
{
    struct account_add add = {0};
    run->op->now = clock_now();
    enum err err = account_from(run, &add);
    if (err == ERR_OK)
        err = account_add(run->core, &add);
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->err, "%s %.*s\n", add.existed ? "changed" : "added", STR_ARG(add.email));
    say_cleared(run, add.password_cleared);
    if (!add.existed && run->input.n == 0)
        BUF_LIT(run->err, "The account has no password yet, so nobody can sign in with it. Run the "
                          "same command with --password-file to set one.\n");
    return EXIT_DONE;
}

/* The person that the operand names; NULL, with op->detail, if they do not exist. */
static const struct account *person_named(struct command_run *run,
                                          const struct directory *directory)
{
    struct str name = run->arguments->operands[0];
    const struct account *account = directory_account(directory, name);
    if (account != NULL && account->kind == ACCOUNT_PERSON)
        return account;
    op_say(run->op, "there is no person %.*s", STR_ARG(str_sub(name, 0, 100)));
    return NULL;
}

/* Fills in the changes to a person; see roles_draft(). */
typedef enum err draft_fn(struct command_run *run, const struct directory *directory,
                          const struct account *person, struct person_draft *draft);

/* Judges and saves; repeats both if the directory changed in between. */
static enum err person_change(struct command_run *run, draft_fn *fill, struct str password_hash,
                              bool *ret_cleared)
{
    struct op *op = run->op;
    struct judging judging = {0};
    enum err err;
    do {
        struct person_draft draft = {0};
        struct person_save save = {
            .op = op, .directory = core_directory(run->core), .password_hash = password_hash};
        struct faults faults;
        faults_init(&faults, op->arena);
        save.before = person_named(run, save.directory);
        err = save.before == NULL ? ERR_NOT_FOUND : fill(run, save.directory, save.before, &draft);
        if (err == ERR_OK)
            err = person_judge(op, &draft, save.before, save.directory, NULL, &faults,
                               &save.settings);
        if (err == ERR_INVALID && faults.n > 0)
            err = op_fail(op, err, "%.*s", STR_ARG(faults.items[0].detail));
        if (err == ERR_OK)
            err = person_save(run->core, &save);
        *ret_cleared = save.clears_password;
        directory_release(save.directory);
    } while (judge_again(&judging, op, err));
    return err;
}

static int change_run(struct command_run *run, draft_fn *fill, struct str password_hash,
                      const char *done)
{
    run->op->now = clock_now();
    bool cleared = false;
    enum err err = person_change(run, fill, password_hash, &cleared);
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->err, "%s %.*s\n", done, STR_ARG(run->arguments->operands[0]));
    say_cleared(run, cleared);
    return EXIT_DONE;
}

static enum err fill_nothing(struct command_run *run, const struct directory *directory,
                             const struct account *person, struct person_draft *draft)
{
    (void)run, (void)directory, (void)person, (void)draft;
    return ERR_OK;
}

static int user_password_run(struct command_run *run)
{
    struct str hash;
    enum err err = run->input.n == 0
                       ? op_fail(run->op, ERR_SYNTAX, "no password was given; nothing was changed")
                       : password_check_for(run->op, run->input, run->arguments->operands[0]);
    if (err == ERR_OK)
        err = password_hash(run->op, run->input, &hash);
    if (err != ERR_OK)
        return command_fail(run, err);
    return change_run(run, fill_nothing, hash, "new password for");
}

/* ---- set, disable, enable ---- */

/* "yes" or "no" of a flag; not sent when it was not given. */
static enum err flag_yes(struct command_run *run, const char *name, bool *ret_value, bool *ret_sent)
{
    struct str text = arguments_flag(run->arguments, name);
    *ret_sent = text.p != NULL;
    *ret_value = str_eq(text, STR("yes"));
    return text.p == NULL || *ret_value || str_eq(text, STR("no"))
               ? ERR_OK
               : op_fail(run->op, ERR_SYNTAX, "--%s must be yes or no, not \"%.*s\"", name,
                         STR_ARG(str_sub(text, 0, 100)));
}

/* All current roles, with the one added or removed. */
static enum err fill_roles(struct command_run *run, const struct directory *directory,
                           const struct account *person, struct person_draft *draft)
{
    struct str key = arguments_flag(run->arguments, "domain");
    struct str role = arguments_flag(run->arguments, "role");
    size_t held, n = 0;
    const struct grant *grants = directory_grants(directory, person->id, &held);
    struct role_draft *roles = ARENA_ARRAY(run->op->arena, struct role_draft, held + 1);
    if ((key.p == NULL) != (role.p == NULL))
        return op_fail(run->op, ERR_SYNTAX,
                       "give --domain DOMAIN and --role viewer|member|manager|none together");
    if (roles == NULL)
        return ERR_MEMORY;
    bool found = false;
    for (size_t i = 0; i < held; i++) {
        if (grants[i].role == ROLE_NONE) /* it comes from a group alone */
            continue;
        if (str_eq_case(grants[i].domain->key, key))
            found = true;
        else
            roles[n++] =
                (struct role_draft){grants[i].domain->key, str_of(role_name(grants[i].role))};
    }
    if (!str_eq(role, STR("none")))
        roles[n++] = (struct role_draft){key, role};
    else if (!found)
        return op_fail(run->op, ERR_NOT_FOUND,
                       "no role on %.*s was given by hand, so none can be removed; `bzctrld user "
                       "show` lists this person's roles",
                       STR_ARG(str_sub(key, 0, 100)));
    draft->roles = roles;
    draft->role_count = n;
    draft->roles_sent = true;
    return ERR_OK;
}

static enum err fill_flags(struct command_run *run, const struct directory *directory,
                           const struct account *person, struct person_draft *draft)
{
    draft->name = arguments_flag(run->arguments, "name");
    if (draft->name.p != NULL && draft->name.n == 0) {
        draft->name = STR_NONE;
        draft->name_sent = true;
    }
    bool role = arguments_flag(run->arguments, "role").p != NULL ||
                arguments_flag(run->arguments, "domain").p != NULL;
    enum err err = flag_yes(run, "admin", &draft->admin, &draft->admin_sent);
    if (err == ERR_OK)
        err = flag_yes(run, "password-grant", &draft->password_grant, &draft->password_grant_sent);
    if (err == ERR_OK && role)
        err = fill_roles(run, directory, person, draft);
    if (err == ERR_OK && draft->name.p == NULL && !draft->name_sent && !draft->admin_sent &&
        !draft->password_grant_sent && !role)
        err = op_fail(run->op, ERR_SYNTAX, "nothing to change; --help lists the flags");
    return err;
}

static enum err fill_disable(struct command_run *run, const struct directory *directory,
                             const struct account *person, struct person_draft *draft)
{
    (void)run, (void)directory, (void)person;
    draft->disabled = draft->disabled_sent = true;
    return ERR_OK;
}

static enum err fill_enable(struct command_run *run, const struct directory *directory,
                            const struct account *person, struct person_draft *draft)
{
    (void)run, (void)directory, (void)person;
    draft->disabled_sent = true;
    return ERR_OK;
}

static int user_set_run(struct command_run *run)
{
    return change_run(run, fill_flags, STR_NONE, "changed");
}

static int user_disable_run(struct command_run *run)
{
    return change_run(run, fill_disable, STR_NONE, "disabled");
}

static int user_enable_run(struct command_run *run)
{
    return change_run(run, fill_enable, STR_NONE, "enabled");
}

/* ---- reset-link ---- */

static int user_reset_link_run(struct command_run *run)
{
    struct password_reset_make make;
    struct judging judging = {0};
    enum err err;
    run->op->now = clock_now();
    do {
        make = (struct password_reset_make){.op = run->op, .directory = core_directory(run->core)};
        make.person = person_named(run, make.directory);
        err = make.person == NULL ? ERR_NOT_FOUND : password_reset_make(run->core, &make);
        directory_release(make.directory);
    } while (judge_again(&judging, run->op, err));
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->out, "%.*s/app/#/reset/%.*s\n", STR_ARG(run->public_url), STR_ARG(make.token));
    BUF_LIT(run->err, "Valid for one use until ");
    buf_time(run->err, make.reset.expires_at);
    BUF_LIT(run->err, "; it is not shown again.\n");
    return EXIT_DONE;
}

/* ---- erase ---- */

static int user_erase_run(struct command_run *run)
{
    struct op *op = run->op;
    struct judging judging = {0};
    enum err err;
    op->now = clock_now();
    if (arguments_flag(run->arguments, "for-good").p == NULL)
        return command_fail(
            run, op_fail(op, ERR_SYNTAX, "this cannot be undone; confirm with --for-good"));
    do {
        struct person_save save = {.op = op, .directory = core_directory(run->core)};
        save.before = person_named(run, save.directory);
        if (save.before == NULL)
            err = ERR_NOT_FOUND;
        else if (email_erased(save.before->email))
            err = op_fail(op, ERR_CONFLICT, "this account is already erased");
        else
            err = erasure_prepare(&save);
        if (err == ERR_OK)
            err = person_save(run->core, &save);
        if (err == ERR_OK)
            buf_printf(run->out, "%.*s\n", STR_ARG(save.settings.email));
        directory_release(save.directory);
    } while (judge_again(&judging, op, err));
    if (err != ERR_OK)
        return command_fail(run, err);
    BUF_LIT(run->err, "The account is erased. Records and history follow while the server runs. "
                      "Backups still contain the old data.\n");
    return EXIT_DONE;
}

/* ---- showing ---- */

static int user_show_run(struct command_run *run)
{
    const struct directory *directory = core_directory(run->core);
    const struct account *person = person_named(run, directory);
    if (person != NULL) {
        size_t n;
        const struct grant *grants = directory_grants(directory, person->id, &n);
        buf_printf(run->out, "email=%.*s\nname=%.*s\nadmin=%s\ndisabled=%s\npassword_grant=%s\n",
                   STR_ARG(person->email), STR_ARG(person->name), person->admin ? "yes" : "no",
                   person->disabled ? "yes" : "no", person->password_grant ? "yes" : "no");
        for (size_t i = 0; i < n; i++)
            if (grants[i].role != ROLE_NONE)
                buf_printf(run->out, "role=%.*s %s\n", STR_ARG(grants[i].domain->key),
                           role_name(grants[i].role));
        for (size_t i = 0; i < n; i++)
            if (grants[i].by_group != ROLE_NONE)
                buf_printf(run->out, "group_role=%.*s %s\n", STR_ARG(grants[i].domain->key),
                           role_name(grants[i].by_group));
        BUF_LIT(run->out, "created_at=");
        buf_time(run->out, person->created_at);
        buf_char(run->out, '\n');
    }
    directory_release(directory);
    return person != NULL ? EXIT_DONE : command_fail(run, ERR_NOT_FOUND);
}

static int user_list_run(struct command_run *run)
{
    const struct directory *directory = core_directory(run->core);
    for (size_t i = 0; i < directory->account_count; i++) {
        const struct account *person = &directory->accounts[i];
        size_t n;
        if (person->kind != ACCOUNT_PERSON)
            continue;
        const struct grant *grants = directory_grants(directory, person->id, &n);
        buf_printf(run->out, "%.*s\t%s\t%s", STR_ARG(person->email),
                   person->disabled ? "disabled" : "enabled", person->admin ? "admin" : "");
        for (size_t k = 0; k < n; k++)
            buf_printf(run->out, "%s%.*s:%s", k > 0 || person->admin ? " " : "",
                       STR_ARG(grants[k].domain->key), role_name(grant_role(&grants[k])));
        buf_printf(run->out, "\t%.*s\n", STR_ARG(person->name));
    }
    directory_release(directory);
    return EXIT_DONE;
}

/* ---- the commands ---- */

static const struct flag user_flags[] = {
    {"domain", "DOMAIN", "the domain of the role, which includes every domain below it"},
    {"role", "ROLE", "viewer, member or manager"},
    {"admin", NULL, "may do anything anywhere; instead of --domain and --role"},
    {"name", "NAME", "the person's name"},
    {"password-file", "FILE",
     "read the password from FILE (- for standard input); by default ask on a terminal, or read "
     "standard input"},
};

static const struct flag password_flags[] = {
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

const struct admin_command user_commands[] = {
    {.command = {"user add", "EMAIL",
                 "add an account, or give an existing one a role or a new password",
                 FLAGS(user_flags)},
     .gather = password_gather,
     .run_store = user_add_run},
    {.command = {"user list", NULL, "print every person: address, state, roles and name"},
     .run_store = user_list_run},
    {.command = {"user show", "EMAIL", "print a person's account and roles"},
     .run_store = user_show_run},
    {.command = {"user set", "EMAIL", "change a person's name or rights", FLAGS(user_set_flags)},
     .run_store = user_set_run},
    {.command = {"user disable", "EMAIL",
                 "sign a person out everywhere and block sign-in until enabled again"},
     .run_store = user_disable_run},
    {.command = {"user enable", "EMAIL", "let a disabled person sign in again"},
     .run_store = user_enable_run},
    {.command = {"user password", "EMAIL",
                 "set a person's password, and sign the person out everywhere",
                 FLAGS(password_flags)},
     .gather = password_gather,
     .run_store = user_password_run},
    {.command = {"user reset-link", "EMAIL",
                 "print a link with which a person can set a new password once, within a day"},
     .run_store = user_reset_link_run},
    {.command = {"user erase", "EMAIL",
                 "erase a person's address, name and password, and the address in all stored data",
                 FLAGS(erase_flags)},
     .run_store = user_erase_run},
    {{NULL}},
};
