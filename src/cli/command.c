/* The table of commands and their flags, from which the help and the completions are made. */
#include "cli/cli.h"

#include <stdio.h>

static const struct flag global_flags[] = {
    {"profile", "NAME", "the profile to use; default $BZCTRL_PROFILE"},
    {"config", "FILE", "the settings file; default $BZCTRL_CONFIG or ~/.config/bzctrl/config"},
    {"set", "NAME=VALUE", "change a setting for this run", .many = true, .bytes = true},
    {"json", NULL, "print JSON"},
    {"output", "FORMAT", "json or text; json is the same as --json, and works with `report` too"},
};

static const struct flag login_flags[] = {
    {"url", "URL", "the server, such as https://bzctrl.example.com"},
    {"token-url", "URL", "the token endpoint, if it is not on the server itself"},
    {"client-id", "ID", "sign in as a client (an account for a program)"},
    {"secret-file", "FILE", "the client's secret; - for standard input"},
    {"username", "EMAIL", "or sign in as a person"},
    {"password-file", "FILE", "the person's password; - for standard input"},
    {"workspace", "KEY", "the default workspace of a report"},
    {"reporter", "EMAIL", "the default reporter of a report"},
    {"ca-file", "FILE", "certificates to trust instead of the system's"},
};

static const struct flag report_flags[] = {
#define REPORT_MEMBER(member, flag, asked, label) {flag, "TEXT", label, true},
#include "cli/member.def"
#undef REPORT_MEMBER
    {"member", "NAME=TEXT", "any other member, such as a field that the form adds", true},
    {"json", "FILE", "the whole report as JSON; - for standard input"},
    {"form", "NAME", "the form to use instead of the workspace's default form"},
    {"key", "KEY", "the idempotency key; a key is reported only once"},
    {"dry-run", NULL, "check the report on the server; nothing is stored or queued"},
    {"ask", NULL, "ask for the other members on the terminal"},
    {"later", NULL, "save it in the outbox without using the network"},
    {"batch", "FILE",
     "report each row of a CSV or NDJSON file; the flags above fill what a row leaves blank"},
    {"key-column", "NAME", "with --batch: the column that holds each row's key"},
    {"results", "FILE", "with --batch: where to write the result of each row (FILE.result.csv)"},
    {"encoding", "NAME", "the encoding of the file if it is not UTF-8, such as WINDOWS-1252"},
};

static const struct flag list_flags[] = {
    {"filter", "NAME=VALUE", "a parameter of GET /tasks, such as status=Done", true},
    {"tag", "TAG", "only records with this tag", true},
    {"workspace", "KEY", "only records of this workspace", true},
    {"mine", NULL, "only records that this account reported"},
    {"limit", "N", "list at most N records; default 50"},
};

static const struct flag form_flags[] = {
    {"workspace", "KEY", "the form's workspace; default the setting `workspace`"},
    {"schema", NULL, "print its JSON Schema"},
};

static const struct flag outbox_list_flags[] = {
    {"dead", NULL, "only refused reports"},
    {"waiting", NULL, "only waiting reports"},
};

static const struct flag outbox_run_flags[] = {
    {"follow", NULL, "keep running and send new reports; stop with SIGINT or SIGTERM"},
};

static const struct flag retry_flags[] = {{"all", NULL, "all refused reports"}};

static const struct flag move_flags[] = {
    {"from", "URL", "the server that they are for; `bzctrl outbox run` names it"},
};

static const struct flag edit_flags[] = {
    {"file", "FILE", "the corrected report; - for standard input. Default: open $EDITOR"},
};

static const struct flag verify_flags[] = {
    {"all", NULL, "every receipt in the outbox"},
};

static const struct flag evidence_flags[] = {
    {"receipt", "RECEIPT", "a receipt that its history must have; or a file with one on each line",
     true},
};

static const struct flag watch_flags[] = {
    {"exec", "CMD", "run CMD with each event on its standard input, instead of printing it",
     .bytes = true},
    {"action", "ACTION", "only these, such as task.closed or task.*", true},
    {"workspace", "KEY", "only events of this workspace", true},
    {"domain", "KEY", "only events of this domain and those below it", true},
    {"source", "ACCOUNT", "only events of records that this account reported; me for your own",
     true},
    {"name", "NAME", "keep the place under this name; default `default`"},
    {"from-start", NULL, "the first time, begin with the oldest event, not with the next"},
    {"once", NULL, "end when there is nothing new"},
};

static int version_run(struct cli *cli)
{
    (void)cli;
    printf("bzctrl %s\n", bzctrl_version());
    return EXIT_DONE;
}

static const struct cli_command commands[] = {
    {.command = {"login", NULL, "sign in and save the settings", FLAGS(login_flags)},
     .run = login_run},
    {.command = {"report", NULL, "report an incident or a task and print its link",
                 FLAGS(report_flags)},
     .run = report_run},
    {.command = {"list", NULL, "list records, newest first", FLAGS(list_flags)}, .run = list_run},
    {.command = {"show", "KEY", "show a record"}, .run = show_run},
    {.command = {"open", "KEY", "open a record in the browser"},
     .text_only = true,
     .run = open_run},
    {.command = {"form show", "[NAME]", "show a form, or list all forms", FLAGS(form_flags)},
     .run = form_show_run},
    {.command = {"form sample", "[NAME]", "print a sample report of a form, for `report --json`",
                 form_flags, 1},
     .run = form_sample_run},
    {.command = {"outbox list", NULL, "list waiting and refused reports, and why",
                 FLAGS(outbox_list_flags)},
     .run = outbox_list_run},
    {.command = {"outbox run", NULL, "send waiting reports now", FLAGS(outbox_run_flags)},
     .run = outbox_run_run},
    {.command = {"outbox retry", "[ID]", "queue a refused report again unchanged",
                 FLAGS(retry_flags)},
     .run = outbox_retry_run},
    {.command = {"outbox edit", "ID", "fix a refused report and queue it again", FLAGS(edit_flags)},
     .run = outbox_edit_run},
    {.command = {"outbox drop", "[ID]", "delete a report that was not sent", FLAGS(retry_flags)},
     .run = outbox_drop_run},
    {.command = {"outbox move", NULL, "send waiting reports to the server's new address",
                 FLAGS(move_flags)},
     .run = outbox_move_run},
    {.command = {"receipt list", NULL, "list the receipts in the outbox"}, .run = receipt_list_run},
    {.command = {"receipt verify", "[KEY [RECEIPT]]",
                 "check a receipt against the server's history", FLAGS(verify_flags)},
     .run = receipt_verify_run},
    {.command = {"evidence verify", "FILE", "check a record's evidence file, without a server",
                 FLAGS(evidence_flags)},
     .run = evidence_verify_run},
    {.command = {"watch", NULL, "print what happens, or run a command for it", FLAGS(watch_flags)},
     .text_only = true,
     .run = watch_run},
    {.command = {"doctor", NULL, "check that everything is set up correctly"},
     .text_only = true,
     .run = doctor_run},
    {.command = {"completion", "bash|zsh", "print a completion script for a shell"},
     .text_only = true,
     .run = completion_run},
    {.command = {"version", NULL, "print the version"}, .text_only = true, .run = version_run},
};

static const struct command *command_at(size_t i)
{
    return i < sizeof commands / sizeof commands[0] ? &commands[i].command : NULL;
}

const struct program bzctrl_program = {
    .name = "bzctrl",
    .command = command_at,
    .flags = global_flags,
    .flag_count = sizeof global_flags / sizeof global_flags[0],
    .about = "Report incidents and tasks to a bzctrl server without losing any.",
    .flags_title = "Flags of every command",
    .end =
        "See `bzctrl COMMAND --help` and `man bzctrl` for more. Exit codes: 0 done, 1 a receipt "
        "or an\nevidence file does not hold, 64 wrong command line, 65 refused (the errors are on "
        "standard\nerror), 66 not found, 69 no server, 70 internal error, 74 a file or the outbox, "
        "75 saved in the\noutbox and sent later, 77 access denied, 78 settings.",
};
