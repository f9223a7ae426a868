#include "cli/cli.h"
#include "cli/input.h"

#include <stdio.h>
#include <string.h>

static const struct flag *find_in(const struct flag *flags, size_t n, const char *name,
                                  size_t length)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(flags[i].name) == length && strncmp(flags[i].name, name, length) == 0)
            return &flags[i];
    return NULL;
}

/* The longest command that the arguments begin with. */
static const struct command *command_take(int argc, char **argv, int *at)
{
    size_t n;
    const struct command *all = commands_all(&n), *found = NULL;
    for (size_t i = 0; i < n; i++) {
        struct str rest = str_of(all[i].name);
        bool same = true;
        int words = 0;
        for (; same && rest.p != NULL; words++)
            same = words < argc && str_eq(str_cut(&rest, ' '), str_of(argv[words]));
        if (same && words > *at) {
            found = &all[i];
            *at = words;
        }
    }
    return found;
}

/* File names, and settings that name files, are bytes; everything else is text. */
static bool is_text(const struct flag *flag, const char *value)
{
    char what[64];
    snprintf(what, sizeof what, "--%s", flag->name);
    return flag->value == NULL || strcmp(flag->value, "FILE") == 0 ||
           strcmp(flag->name, "set") == 0 || input_is_utf8(what, value);
}

static bool flag_take(struct cli *cli, int argc, char **argv, int *at)
{
    const char *name = argv[*at] + 2, *value = strchr(name, '=');
    size_t length = value == NULL ? strlen(name) : (size_t)(value - name);
    const struct flag *flag = NULL;
    if (cli->command != NULL)
        flag = find_in(cli->command->flags, cli->command->flag_count, name, length);
    if (flag == NULL)
        flag = find_in(global_flags, global_flag_count, name, length);
    if (flag == NULL) {
        fail(EXIT_USAGE, "unknown flag --%.*s (see `bzctrl%s%s --help`)", (int)length, name,
             cli->command == NULL ? "" : " ", cli->command == NULL ? "" : cli->command->name);
        return false;
    }
    if (flag->value == NULL && value != NULL) {
        fail(EXIT_USAGE, "--%s takes no value", flag->name);
        return false;
    }
    if (flag->value != NULL && value == NULL && *at + 1 >= argc) {
        fail(EXIT_USAGE, "--%s needs a value: --%s %s", flag->name, flag->name, flag->value);
        return false;
    }
    if (flag->value == NULL)
        value = "";
    else
        value = value != NULL ? value + 1 : argv[++*at];
    if (!is_text(flag, value))
        return false;
    if ((flag_of(cli, flag->name) != NULL && !flag->many) || cli->flag_count == FLAGS_MAX) {
        fail(EXIT_USAGE, "--%s is given too many times", flag->name);
        return false;
    }
    cli->flags[cli->flag_count].name = flag->name;
    cli->flags[cli->flag_count++].value = value;
    return true;
}

static bool word_take(struct cli *cli, const char *word)
{
    if (!input_is_utf8("an argument", word))
        return false;
    if (cli->command == NULL)
        fail(EXIT_USAGE, "unknown command \"%.60s\" (see `bzctrl --help`)", word);
    else if (cli->operand_count == cli->command->most)
        fail(EXIT_USAGE, "unexpected argument \"%.60s\"", word);
    else
        cli->operands[cli->operand_count++] = word;
    return cli->command != NULL && cli->operand_count > 0 &&
           cli->operands[cli->operand_count - 1] == word;
}

bool arguments_read(struct cli *cli, int argc, char **argv)
{
    int at = 0;
    bool good = true, flags_end = false;
    cli->command = command_take(argc, argv, &at);
    for (int i = 0; cli->command == NULL && i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            cli->help = true;
            return true;
        }
    for (; good && at < argc; at++) {
        if (!flags_end && strcmp(argv[at], "--") == 0)
            flags_end = true;
        else if (!flags_end && (strcmp(argv[at], "-h") == 0 || strcmp(argv[at], "--help") == 0))
            cli->help = true;
        else if (!flags_end && strncmp(argv[at], "--", 2) == 0)
            good = flag_take(cli, argc, argv, &at);
        else
            good = word_take(cli, argv[at]);
    }
    if (!good || cli->command == NULL || cli->help)
        return good;
    if (cli->operand_count >= cli->command->least)
        return true;
    fail(EXIT_USAGE, "missing argument; usage: bzctrl %s %s", cli->command->name,
         cli->command->operands);
    return false;
}

const char *flag_of(const struct cli *cli, const char *name)
{
    for (size_t i = 0; i < cli->flag_count; i++)
        if (strcmp(cli->flags[i].name, name) == 0)
            return cli->flags[i].value;
    return NULL;
}
