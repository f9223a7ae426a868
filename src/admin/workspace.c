/* `bzctrld workspace …` and `bzctrld domain …`. */
#include "admin/command.h"

#include "base/clock.h"
#include "core/workspace.h"

static int workspace_add_run(struct command_run *run)
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

static int workspace_set_run(struct command_run *run)
{
    run->op->now = clock_now();
    struct str key = run->arguments->operands[0];
    struct workspace_draft draft = {.name = arguments_flag(run->arguments, "name"),
                                    .zone = arguments_flag(run->arguments, "timezone")};
    if (draft.name.p == NULL && draft.zone.p == NULL)
        return command_fail(run, op_fail(run->op, ERR_SYNTAX, "give --name or --timezone"));
    enum err err = workspace_set(run->core, run->op, key, &draft);
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->err, "changed %.*s\n", STR_ARG(key));
    return EXIT_DONE;
}

static int workspace_list_run(struct command_run *run)
{
    const struct directory *directory = core_directory(run->core);
    for (size_t i = 0; i < directory->workspace_count; i++) {
        const struct workspace *workspace = &directory->workspaces[i];
        buf_printf(run->out, "%.*s\t%.*s\t%.*s\n", STR_ARG(workspace->key),
                   STR_ARG(workspace->zone_name), STR_ARG(workspace->name));
    }
    directory_release(directory);
    return EXIT_DONE;
}

static int domain_add_run(struct command_run *run)
{
    struct str key;
    run->op->now = clock_now();
    enum err err = domain_add(run->core, run->op, run->arguments->operands[0], &key);
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->err, "added %.*s\n", STR_ARG(key));
    return EXIT_DONE;
}

static int domain_list_run(struct command_run *run)
{
    const struct directory *directory = core_directory(run->core);
    for (size_t i = 0; i < directory->domain_count; i++)
        buf_printf(run->out, "%.*s\n", STR_ARG(directory->domains[i].key));
    directory_release(directory);
    return EXIT_DONE;
}

/* ---- the commands ---- */

static const struct flag workspace_flags[] = {
    {"name", "NAME", "the display name; the key by default"},
    {"timezone", "ZONE", "the time zone for dates, such as Europe/Amsterdam; UTC by default"},
};

const struct admin_command workspace_commands[] = {
    {.command = {"domain add", "DOMAIN", "add a domain, and any missing domains above it"},
     .run_store = domain_add_run},
    {.command = {"domain list", NULL, "print every domain"}, .run_store = domain_list_run},
    {.command = {"workspace add", "DOMAIN-WORKSPACE",
                 "add a workspace, and its domain if it does not exist", FLAGS(workspace_flags)},
     .run_store = workspace_add_run},
    {.command = {"workspace list", NULL, "print every workspace: its key, time zone and name"},
     .run_store = workspace_list_run},
    {.command = {"workspace set", "DOMAIN-WORKSPACE", "change a workspace's name or time zone",
                 FLAGS(workspace_flags)},
     .run_store = workspace_set_run},
    {{NULL}},
};
