#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

const struct flag global_flags[] = {
    {"profile", "NAME", "which profile of the settings to use; $BZCTRL_PROFILE", false},
    {"config", "FILE", "the settings file; $BZCTRL_CONFIG, ~/.config/bzctrl/config", false},
    {"set", "NAME=VALUE", "a setting for this run", true},
    {"json", NULL, "answer in JSON", false},
    {"output", "FORMAT", "json or text; the same as --json, for `report` too", false},
    {"version", NULL, "print the version", false},
};
const size_t global_flag_count = sizeof global_flags / sizeof global_flags[0];

static const struct flag login_flags[] = {
    {"url", "URL", "the server, like https://bzctrl.example.com", false},
    {"token-url", "URL", "where it signs in, if not at the server itself", false},
    {"client-id", "ID", "the client, an account for a program", false},
    {"secret-file", "FILE", "its secret; - for standard input", false},
    {"username", "EMAIL", "or a person's account", false},
    {"password-file", "FILE", "its password; - for standard input", false},
    {"workspace", "KEY", "where reports go that name no workspace", false},
    {"reporter", "EMAIL", "the reporter of reports that name none", false},
    {"ca-file", "FILE", "certificates to trust instead of the system's", false},
};

static const struct flag report_flags[] = {
#define MEMBER(member, flag, asked, label) {flag, "TEXT", label, true},
#include "cli/member.def"
#undef MEMBER
    {"member", "NAME=TEXT", "any other member, such as a form's own", true},
    {"json", "FILE", "the whole report as JSON; - for standard input", false},
    {"form", "NAME", "the form that judges it", false},
    {"key", "KEY", "its idempotency key: the same key is one report", false},
    {"dry-run", NULL, "only the server's verdict; nothing is stored or queued", false},
    {"ask", NULL, "ask on the terminal for what is not given", false},
    {"later", NULL, "leave it in the outbox, and touch no network", false},
    {"batch", "FILE", "reports from CSV or NDJSON, with the flags above for what rows leave out",
     false},
    {"key-column", "NAME", "of a batch: the column that has each row's key", false},
    {"results", "FILE", "of a batch: what became of each (FILE.result.csv)", false},
    {"encoding", "NAME", "of the file, if not UTF-8: WINDOWS-1252", false},
};

static const struct flag list_flags[] = {
    {"filter", "NAME=VALUE", "a parameter of GET /tasks, like status=Done", true},
    {"tag", "TAG", "those with this tag", true},
    {"workspace", "KEY", "those of this workspace", true},
    {"mine", NULL, "those that this account has reported", false},
    {"limit", "N", "at most so many; 50 without it", false},
};

static const struct flag form_flags[] = {
    {"workspace", "KEY", "of which workspace; the setting `workspace` without it", false},
    {"schema", NULL, "its JSON Schema", false},
};

static const struct flag outbox_list_flags[] = {
    {"dead", NULL, "only those that were refused", false},
    {"waiting", NULL, "only those that wait", false},
};

static const struct flag outbox_run_flags[] = {
    {"follow", NULL, "stay, and send what comes; ends with SIGINT or SIGTERM", false},
};

static const struct flag retry_flags[] = {{"all", NULL, "all that were refused", false}};

static const struct flag move_flags[] = {
    {"from", "URL", "the server that they were for; `bzctrl outbox run` names it", false},
};

static const struct flag edit_flags[] = {
    {"file", "FILE", "the mended report; - for standard input. Without it $EDITOR shows it", false},
};

static const struct flag verify_flags[] = {
    {"all", NULL, "every receipt that the outbox has kept", false},
};

#define FLAGS(list) .flags = (list), .flag_count = sizeof(list) / sizeof((list)[0])

static const struct command commands[] = {
    {.name = "login",
     .help = "sign in, and keep the settings",
     .run = login_run,
     FLAGS(login_flags)},
    {.name = "report",
     .help = "report an incident or a task, and print its link",
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
     .help = "show a form, or which there are",
     .run = form_show_run,
     FLAGS(form_flags)},
    {.name = "form sample",
     .operands = "[NAME]",
     .most = 1,
     .help = "a filled-in report of a form, for `report --json`",
     .run = form_sample_run,
     .flags = form_flags,
     .flag_count = 1},
    {.name = "outbox list",
     .help = "what waits, and what was refused and why",
     .run = outbox_list_run,
     FLAGS(outbox_list_flags)},
    {.name = "outbox run",
     .help = "send what waits, now",
     .run = outbox_run_run,
     FLAGS(outbox_run_flags)},
    {.name = "outbox retry",
     .operands = "[ID]",
     .most = 1,
     .help = "send a refused report again as it is",
     .run = outbox_retry_run,
     FLAGS(retry_flags)},
    {.name = "outbox edit",
     .operands = "ID",
     .least = 1,
     .most = 1,
     .help = "mend a refused report, and send it again",
     .run = outbox_edit_run,
     FLAGS(edit_flags)},
    {.name = "outbox drop",
     .operands = "[ID]",
     .most = 1,
     .help = "forget a report that was not sent",
     .run = outbox_drop_run,
     FLAGS(retry_flags)},
    {.name = "outbox move",
     .help = "send what waits to the server's new address",
     .run = outbox_move_run,
     FLAGS(move_flags)},
    {.name = "receipt list",
     .help = "the receipts that the outbox has kept",
     .run = receipt_list_run},
    {.name = "receipt verify",
     .operands = "[KEY [RECEIPT]]",
     .most = 2,
     .help = "hold a receipt against the server's history",
     .run = receipt_verify_run,
     FLAGS(verify_flags)},
    {.name = "doctor",
     .help = "see whether everything is set up well",
     .text_only = true,
     .run = doctor_run},
    {.name = "completion",
     .operands = "bash|zsh",
     .least = 1,
     .most = 1,
     .help = "print the completion for a shell",
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
        printf("bzctrl %s %s\n%s\n", command->name,
               command->operands == NULL ? "" : command->operands, command->help);
        if (command->flag_count > 0)
            printf("\n");
        print_flags(command->flags, command->flag_count);
        printf("\nFor all commands:\n");
        print_flags(global_flags, global_flag_count);
        return;
    }
    printf(
        "bzctrl COMMAND [FLAG…]: reports incidents and tasks to a bzctrl server, and loses none\n"
        "\nCommands (`bzctrl COMMAND --help` tells more, `man bzctrl` all):\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s %s", commands[i].name,
                 commands[i].operands == NULL ? "" : commands[i].operands);
        printf("  %-32s %s\n", text, commands[i].help);
    }
    printf("\nFor all commands:\n");
    print_flags(global_flags, global_flag_count);
    printf(
        "\nExit codes: 0 done, 1 a receipt does not fit, 64 wrong command line, 65 refused, with\n"
        "the faults on standard error, 66 not there, 69 no server, 70 fault of the program,\n"
        "74 file or outbox, 75 safe in the outbox and sent later, 77 not allowed, 78 settings.\n");
}
