/* `bzctrld user add` and `bzctrld workspace add`. */
#include "server/command.h"

#include "base/clock.h"
#include "core/account.h"
#include "core/password.h"
#include "core/workspace.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Asks on the terminal without showing what is typed. Absent when nothing was. */
static enum err password_ask(struct op *op, const char *prompt, struct str *ret_password)
{
    struct termios before, silent;
    char line[4200];
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return op_fail(op, ERR_IO, "cannot ask for a password here; use --password-file");
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    fputs(prompt, stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    bool got = fgets(line, sizeof line, stdin) != NULL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    struct str text = got ? str_of(line) : STR("");
    if (text.n > 0 && text.p[text.n - 1] == '\n')
        text.n--;
    *ret_password = text.n == 0 ? STR_NONE : arena_str(op->arena, text);
    return text.n > 0 && ret_password->p == NULL ? ERR_MEMORY : ERR_OK;
}

enum err user_add_gather(struct op *op, const struct arguments *arguments, struct str *ret_input)
{
    struct str file = arguments_flag(arguments, "password-file"), again = STR_NONE;
    if (file.p != NULL)
        return arguments_read_file(op, file, ret_input);
    if (!isatty(STDIN_FILENO))
        return arguments_read_file(op, STR("-"), ret_input);
    enum err err = password_ask(op, "Password (empty: none, or as it is): ", ret_input);
    if (err == ERR_OK && ret_input->p != NULL) {
        err = password_ask(op, "Once more: ", &again);
        if (err == ERR_OK && !str_eq(*ret_input, again))
            err = op_fail(op, ERR_INVALID, "the two passwords are not the same");
    }
    return err;
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
        return op_fail(op, ERR_SYNTAX, "--role is viewer, member or manager, not \"%.*s\"",
                       STR_ARG(role));
    if (run->input.n == 0)
        return ERR_OK;
    enum err err = password_check(op, run->input);
    return err == ERR_OK ? password_hash(op, run->input, &add->password_hash) : err;
}

int user_add_run(struct command_run *run)
{
    struct account_add add = {0};
    run->op->now = clock_now();
    enum err err = account_from(run, &add);
    if (err == ERR_OK)
        err = account_add(run->core, &add);
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->err, "%s %.*s\n", add.existed ? "changed" : "added", STR_ARG(add.email));
    if (!add.existed && run->input.n == 0)
        BUF_LIT(run->err, "It has no password, so nobody can sign in with it yet: run the same "
                          "command with --password-file to give it one.\n");
    return EXIT_DONE;
}

int workspace_add_run(struct command_run *run)
{
    run->op->now = clock_now();
    struct workspace_draft draft = {.key = run->arguments->operands[0],
                                    .name = arguments_flag(run->arguments, "name"),
                                    .zone = arguments_flag(run->arguments, "timezone")};
    struct str key;
    enum err err = workspace_add(run->core, run->op, &draft, &key);
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->err, "added %.*s\n", STR_ARG(key));
    return EXIT_DONE;
}
