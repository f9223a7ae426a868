/* bzctrl report: one report, from flags, from JSON, or asked for. */
#include "base/buf.h"
#include "cli/ask.h"
#include "cli/input.h"
#include "cli/rows.h"
#include "json/read.h"
#include "json/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REPORT_MAX = 1024 * 1024 };

static const struct {
    const char *member, *flag;
} members[] = {
#define REPORT_MEMBER(member, flag, asked, label) {member, flag},
#include "cli/member.def"
#undef REPORT_MEMBER
};

/* A setting replaces a flag that was not given. */
static void add_setting(struct cli *cli, struct bzctrl_draft *draft, const char *flag,
                        const char *setting, const char *member)
{
    const char *value = bzctrl_get(cli->client, setting);
    if (flag_of(cli, flag) == NULL && value != NULL)
        bzctrl_draft_add(draft, member, value);
}

/* False after reporting an invalid flag. */
static bool add_flags(struct cli *cli, struct bzctrl_draft *draft)
{
    add_setting(cli, draft, "workspace", "workspace", "domainWorkSpace");
    add_setting(cli, draft, "reporter", "reporter", "reporter");
    for (size_t i = 0; i < cli->arguments.flag_count; i++) {
        for (size_t m = 0; m < sizeof members / sizeof members[0]; m++)
            if (strcmp(cli->arguments.flags[i].name, members[m].flag) == 0)
                bzctrl_draft_add(draft, members[m].member, cli->arguments.flags[i].value.p);
        if (strcmp(cli->arguments.flags[i].name, "member") != 0)
            continue;
        char name[256];
        const char *value = cli->arguments.flags[i].value.p, *equals = strchr(value, '=');
        if (equals == NULL || equals == value || (size_t)(equals - value) >= sizeof name) {
            fail(EXIT_USAGE, "--member needs NAME=TEXT");
            return false;
        }
        snprintf(name, sizeof name, "%.*s", (int)(equals - value), value);
        bzctrl_draft_add(draft, name, equals + 1);
    }
    return true;
}

static bool has_member_flag(const struct cli *cli)
{
    for (size_t m = 0; m < sizeof members / sizeof members[0]; m++)
        if (flag_of(cli, members[m].flag) != NULL)
            return true;
    return flag_of(cli, "member") != NULL;
}

/* ---- what came of it ---- */

static void add_member(struct buf *buf, const char *name, const char *value)
{
    buf_printf(buf, ",\"%s\":", name);
    buf_json_string(buf, value[0] == '\0' ? STR_NONE : str_of(value));
}

/* The outcome for programs. */
static void print_json(const struct bzctrl_answer *answer)
{
    static const char *const names[] = {
        [BZCTRL_OK] = "acknowledged", [BZCTRL_QUEUED] = "queued", [BZCTRL_REFUSED] = "refused"};
    enum bzctrl_code code = bzctrl_answer_code(answer);
    struct buf buf;
    buf_init(&buf, 4 * REPORT_MAX);
    buf_printf(&buf, "{\"outcome\":\"%s\"", code <= BZCTRL_REFUSED ? names[code] : "failed");
    add_member(&buf, "key", bzctrl_answer_key(answer));
    add_member(&buf, "record", bzctrl_answer_record(answer));
    add_member(&buf, "taskLink", bzctrl_answer_link(answer));
    add_member(&buf, "receipt", bzctrl_answer_receipt(answer));
    add_member(&buf, "message", bzctrl_answer_message(answer));
    BUF_LIT(&buf, ",\"problem\":");
    const char *json = bzctrl_answer_json(answer);
    buf_add(&buf, str_of(json[0] == '\0' ? "null" : json));
    BUF_LIT(&buf, "}\n");
    buf_char(&buf, '\0');
    if (buf_err(&buf) == ERR_OK)
        print(buf.p);
    buf_finish(&buf);
}

static int deliver(struct cli *cli, struct bzctrl_answer *answer)
{
    enum bzctrl_code code = bzctrl_answer_code(answer);
    if (cli->json)
        print_json(answer);
    if (code == BZCTRL_OK && !cli->json) {
        print(bzctrl_answer_link(answer));
        print("\n");
    } else if (code == BZCTRL_QUEUED) {
        const char *why = bzctrl_answer_message(answer);
        fail(EXIT_LATER, "saved in the outbox; it will be sent later%s%s",
             why[0] == '\0' ? "" : ": ", why);
    } else if (code == BZCTRL_REFUSED && bzctrl_answer_fault_count(answer) > 0) {
        fail(EXIT_DATA, "the server refused the report; it stays in the outbox (see `bzctrl outbox "
                        "list --dead`)");
        print_faults(answer);
    } else if (code != BZCTRL_OK) {
        return fail_answer(answer);
    }
    bzctrl_answer_free(answer);
    return exit_code(code);
}

static int dry_run(struct cli *cli, const char *json)
{
    struct bzctrl_answer *answer = bzctrl_dry_run(cli->client, flag_of(cli, "form"), json);
    if (cli->json && bzctrl_answer_json(answer)[0] != '\0') {
        print(bzctrl_answer_json(answer));
        print("\n");
    }
    if (bzctrl_answer_code(answer) != BZCTRL_OK)
        return fail_answer(answer);
    if (!cli->json) {
        struct arena arena;
        arena_init(&arena, 64 * 1024 * 1024);
        struct op op = {.arena = &arena};
        const struct json *root;
        if (json_read_written(&op, &arena, str_of(bzctrl_answer_json(answer)), &root) == ERR_OK) {
            const struct json *warnings = json_member(root, STR("warnings"));
            print("valid\n");
            for (const struct json *item =
                     warnings != NULL && warnings->kind == JSON_LIST ? warnings->first : NULL;
                 item != NULL; item = item->next) {
                struct str pointer = json_text(json_member(item, STR("pointer"))),
                           detail = json_text(json_member(item, STR("detail")));
                fprintf(stderr, "  %.*s: %.*s\n", STR_ARG(pointer), STR_ARG(detail));
            }
        }
        arena_finish(&arena);
    }
    bzctrl_answer_free(answer);
    return EXIT_DONE;
}

/* ---- the command ---- */

static int send(struct cli *cli, const char *json)
{
    if (flag_of(cli, "dry-run") != NULL)
        return dry_run(cli, json);
    int flags = flag_of(cli, "later") != NULL ? BZCTRL_LATER : 0;
    return deliver(
        cli, bzctrl_report(cli->client, flag_of(cli, "form"), flag_of(cli, "key"), json, flags));
}

static int report_flags(struct cli *cli)
{
    struct bzctrl_draft *draft = bzctrl_draft_new();
    int code = EXIT_DATA;
    bool asked = flag_of(cli, "ask") != NULL;
    char *form = NULL;
    if (!add_flags(cli, draft)) {
        code = EXIT_USAGE;
    } else if (!asked ||
               (ask_form(cli, draft, &form) && (form != NULL || ask_members(cli, draft)))) {
        const char *json = form != NULL ? form : bzctrl_draft_json(draft);
        code = json == NULL
                   ? fail(EXIT_SOFTWARE, "out of memory, or the report has too many members")
                   : send(cli, json);
    }
    free(form);
    bzctrl_draft_free(draft);
    return code;
}

/* Reads the default members of a report from flags and settings. */
static int read_defaults(struct cli *cli, struct defaults *defaults)
{
    struct bzctrl_draft *draft = bzctrl_draft_new();
    const bool good = add_flags(cli, draft);
    const char *json = bzctrl_draft_json(draft);
    int code = EXIT_USAGE;
    if (good)
        code = json == NULL
                   ? fail(EXIT_SOFTWARE, "out of memory, or the report has too many members")
                   : defaults_read(defaults, json);
    bzctrl_draft_free(draft);
    return code;
}

static int report_file(struct cli *cli, const char *name, const struct defaults *defaults)
{
    char *text;
    struct arena arena;
    struct op op = {.arena = &arena};
    const struct json *root = NULL;
    struct buf json;
    int code = input_text(name, flag_of(cli, "encoding"), REPORT_MAX, &text);
    if (code != EXIT_DONE)
        return code;
    arena_init(&arena, 64 * REPORT_MAX);
    buf_init(&json, 2 * REPORT_MAX);
    /* Text that is not JSON is passed on unchanged; it is refused with the place of the fault. */
    if (json_read(&op, &arena, str_of(text), &root) != ERR_OK)
        root = NULL;
    buf_with_defaults(&json, str_of(text), root, defaults);
    buf_char(&json, '\0');
    code = buf_err(&json) == ERR_OK ? send(cli, json.p) : fail(EXIT_SOFTWARE, "out of memory");
    buf_finish(&json);
    arena_finish(&arena);
    free(text);
    return code;
}

/* A flag that has no effect together with, or without, another flag is a mistake of the user. */
static int check_flags(const struct cli *cli)
{
    static const struct {
        const char *flag, *other, *why;
    } together[] = {
        {"key", "batch", "each row has its own key; use --key-column NAME"},
        {"key", "dry-run", "a dry run stores nothing and needs no key"},
        {"later", "dry-run", "a dry run asks the server now and queues nothing"},
    };
    for (size_t i = 0; i < sizeof together / sizeof together[0]; i++)
        if (flag_of(cli, together[i].flag) != NULL && flag_of(cli, together[i].other) != NULL)
            return fail(EXIT_USAGE, "--%s cannot be used with --%s: %s", together[i].flag,
                        together[i].other, together[i].why);
    const bool json = flag_of(cli, "json") != NULL, batch = flag_of(cli, "batch") != NULL,
               ask = flag_of(cli, "ask") != NULL, flags = has_member_flag(cli);
    if (json + batch + ask > 1 || (json && flags))
        return fail(EXIT_USAGE, "use only one of --json, --batch and --ask; --json cannot be used "
                                "with flags for members");
    for (size_t i = 0; i < 2; i++) {
        const char *flag = i == 0 ? "results" : "key-column";
        if (flag_of(cli, flag) != NULL && !batch)
            return fail(EXIT_USAGE, "--%s needs --batch", flag);
    }
    if (flag_of(cli, "encoding") != NULL && !batch && !json)
        return fail(EXIT_USAGE, "--encoding needs --batch or --json");
    if (ask && !isatty(STDIN_FILENO))
        return fail(EXIT_USAGE, "--ask needs a terminal");
    if (!json && !batch && !ask && !flags)
        return fail(EXIT_USAGE, "there is nothing to report; use --json FILE, --batch FILE, --ask, "
                                "or a flag for each member");
    return EXIT_DONE;
}

int report_run(struct cli *cli)
{
    const char *file = flag_of(cli, "json"), *batch = flag_of(cli, "batch");
    struct defaults defaults = {0};
    int code = check_flags(cli);
    if (code == EXIT_DONE)
        code = cli_open(cli);
    if (code != EXIT_DONE)
        return code;
    if (file == NULL && batch == NULL)
        return report_flags(cli);
    code = read_defaults(cli, &defaults);
    if (code == EXIT_DONE)
        code = batch != NULL ? report_batch_run(cli, batch, &defaults)
                             : report_file(cli, file, &defaults);
    defaults_finish(&defaults);
    return code;
}
