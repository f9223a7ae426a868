#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

const struct flag global_flags[] = {
    {"profile", "NAME", "the profile to use; default $BZCTRL_PROFILE", false},
    {"config", "FILE", "the settings file; default $BZCTRL_CONFIG or ~/.config/bzctrl/config",
     false},
    {"set", "NAME=VALUE", "change a setting for this run", true},
    {"json", NULL, "print JSON", false},
    {"output", "FORMAT", "json or text; json is the same as --json, and works with `report` too",
     false},
    {"version", NULL, "print the version", false},
};
const size_t global_flag_count = sizeof global_flags / sizeof global_flags[0];

static const struct flag login_flags[] = {
    {"url", "URL", "the server, such as https://bzctrl.example.com", false},
    {"token-url", "URL", "the token endpoint, if it is not on the server itself", false},
    {"client-id", "ID", "sign in as a client (an account for a program)", false},
    {"secret-file", "FILE", "the client's secret; - for standard input", false},
    {"username", "EMAIL", "or sign in as a person", false},
    {"password-file", "FILE", "the person's password; - for standard input", false},
    {"workspace", "KEY", "the default workspace of a report", false},
    {"reporter", "EMAIL", "the default reporter of a report", false},
    {"ca-file", "FILE", "certificates to trust instead of the system's", false},
};

static const struct flag report_flags[] = {
#define MEMBER(member, flag, asked, label) {flag, "TEXT", label, true},
#include "cli/member.def"
#undef MEMBER
    {"member", "NAME=TEXT", "any other member, such as a field that the form adds", true},
    {"json", "FILE", "the whole report as JSON; - for standard input", false},
    {"form", "NAME", "the form to use instead of the workspace's default form", false},
    {"key", "KEY", "the idempotency key; a key is reported only once", false},
    {"dry-run", NULL, "check the report on the server; nothing is stored or queued", false},
    {"ask", NULL, "ask for the other members on the terminal", false},
    {"later", NULL, "save it in the outbox without using the network", false},
    {"batch", "FILE",
     "report each row of a CSV or NDJSON file; the flags above fill what a row leaves blank",
     false},
    {"key-column", "NAME", "with --batch: the column that holds each row's key", false},
    {"results", "FILE", "with --batch: where to write the result of each row (FILE.result.csv)",
     false},
    {"encoding", "NAME", "the encoding of the file if it is not UTF-8, such as WINDOWS-1252",
     false},
};

static const struct flag list_flags[] = {
    {"filter", "NAME=VALUE", "a parameter of GET /tasks, such as status=Done", true},
    {"tag", "TAG", "only records with this tag", true},
    {"workspace", "KEY", "only records of this workspace", true},
    {"mine", NULL, "only records that this account reported", false},
    {"limit", "N", "list at most N records; default 50", false},
};

static const struct flag form_flags[] = {
    {"workspace", "KEY", "the form's workspace; default the setting `workspace`", false},
    {"schema", NULL, "print its JSON Schema", false},
};

static const struct flag outbox_list_flags[] = {
    {"dead", NULL, "only refused reports", false},
    {"waiting", NULL, "only waiting reports", false},
};

static const struct flag outbox_run_flags[] = {
    {"follow", NULL, "keep running and send new reports; stop with SIGINT or SIGTERM", false},
};

static const struct flag retry_flags[] = {{"all", NULL, "all refused reports", false}};

static const struct flag move_flags[] = {
    {"from", "URL", "the server that they are for; `bzctrl outbox run` names it", false},
};

static const struct flag edit_flags[] = {
    {"file", "FILE", "the corrected report; - for standard input. Default: open $EDITOR", false},
};

static const struct flag verify_flags[] = {
    {"all", NULL, "every receipt in the outbox", false},
};

static const struct flag watch_flags[] = {
    {"exec", "CMD", "run CMD with each event on its standard input, instead of printing it", false},
    {"action", "ACTION", "only these, such as task.closed or task.*", true},
    {"workspace", "KEY", "only events of this workspace", true},
    {"domain", "KEY", "only events of this domain and those below it", true},
    {"source", "ACCOUNT", "only events of records that this account reported; me for your own",
     true},
    {"name", "NAME", "keep the place under this name; default `default`", false},
    {"from-start", NULL, "the first time, begin with the oldest event, not with the next", false},
    {"once", NULL, "end when there is nothing new", false},
};

#define FLAGS(list) .flags = (list), .flag_count = sizeof(list) / sizeof((list)[0])

static const struct command commands[] = {
    {.name = "login",
     .help = "sign in and save the settings",
     .run = login_run,
     FLAGS(login_flags)},
    {.name = "report",
     .help = "report an incident or a task and print its link",
     .run = report_run,
     FLAGS(report_flags)},
    {.name = "list", .help = "list records, newest first", .run = list_run, FLAGS(list_flags)},
    {.name = "show",
     .operands = "KEY",
     .least = 1,
     .most = 1,
     .help = "show a record",
     .run = show_run},
    {.name = "open",
     .operands = "KEY",
     .least = 1,
     .most = 1,
     .help = "open a record in the browser",
     .text_only = true,
     .run = open_run},
    {.name = "form show",
     .operands = "[NAME]",
     .most = 1,
     .help = "show a form, or list all forms",
     .run = form_show_run,
     FLAGS(form_flags)},
    {.name = "form sample",
     .operands = "[NAME]",
     .most = 1,
     .help = "print a sample report of a form, for `report --json`",
     .run = form_sample_run,
     .flags = form_flags,
     .flag_count = 1},
    {.name = "outbox list",
     .help = "list waiting and refused reports, and why",
     .run = outbox_list_run,
     FLAGS(outbox_list_flags)},
    {.name = "outbox run",
     .help = "send waiting reports now",
     .run = outbox_run_run,
     FLAGS(outbox_run_flags)},
    {.name = "outbox retry",
     .operands = "[ID]",
     .most = 1,
     .help = "queue a refused report again unchanged",
     .run = outbox_retry_run,
     FLAGS(retry_flags)},
    {.name = "outbox edit",
     .operands = "ID",
     .least = 1,
     .most = 1,
     .help = "fix a refused report and queue it again",
     .run = outbox_edit_run,
     FLAGS(edit_flags)},
    {.name = "outbox drop",
     .operands = "[ID]",
     .most = 1,
     .help = "delete a report that was not sent",
     .run = outbox_drop_run,
     FLAGS(retry_flags)},
    {.name = "outbox move",
     .help = "send waiting reports to the server's new address",
     .run = outbox_move_run,
     FLAGS(move_flags)},
    {.name = "receipt list", .help = "list the receipts in the outbox", .run = receipt_list_run},
    {.name = "receipt verify",
     .operands = "[KEY [RECEIPT]]",
     .most = 2,
     .help = "check a receipt against the server's history",
     .run = receipt_verify_run,
     FLAGS(verify_flags)},
    {.name = "watch",
     .help = "print what happens, or run a command for it",
     .text_only = true,
     .run = watch_run,
     FLAGS(watch_flags)},
    {.name = "doctor",
     .help = "check that everything is set up correctly",
     .text_only = true,
     .run = doctor_run},
    {.name = "completion",
     .operands = "bash|zsh",
     .least = 1,
     .most = 1,
     .help = "print a completion script for a shell",
     .text_only = true,
     .run = completion_run},
};

const struct command *commands_all(size_t *ret_count)
{
    *ret_count = sizeof commands / sizeof commands[0];
    return commands;
}

static void print_flags(const struct flag *flags, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char text[64];
        snprintf(text, sizeof text, "--%s %s", flags[i].name,
                 flags[i].value == NULL ? "" : flags[i].value);
        printf("  %-26s %s\n", text, flags[i].help);
    }
}

void command_help(const struct command *command)
{
    if (command != NULL) {
        printf("Usage: bzctrl %s [FLAG…]%s%s\n\n%s\n", command->name,
               command->operands == NULL ? "" : " ",
               command->operands == NULL ? "" : command->operands, command->help);
        if (command->flag_count > 0)
            printf("\n");
        print_flags(command->flags, command->flag_count);
        printf("\nFlags of every command:\n");
        print_flags(global_flags, global_flag_count);
        return;
    }
    printf("Usage: bzctrl COMMAND [FLAG…]\n\nReport incidents and tasks to a bzctrl server without "
           "losing any.\n\nCommands (see `bzctrl COMMAND --help` and `man bzctrl`):\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s %s", commands[i].name,
                 commands[i].operands == NULL ? "" : commands[i].operands);
        printf("  %-32s %s\n", text, commands[i].help);
    }
    printf("\nFlags of every command:\n");
    print_flags(global_flags, global_flag_count);
    printf("\nExit codes: 0 done, 1 a receipt does not match, 64 wrong command line, 65 refused "
           "(the\nerrors are on standard error), 66 not found, 69 no server, 70 internal error, 74 "
           "a file or\nthe outbox, 75 saved in the outbox and sent later, 77 access denied, 78 "
           "settings.\n");
}
