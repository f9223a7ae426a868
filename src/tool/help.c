#include "tool/help.h"

#include <stdio.h>

static void write_flags(struct buf *out, const struct flag *flags, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct flag *flag = &flags[i];
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", flag->name, flag->value == NULL ? "" : " ",
                 flag->value == NULL ? "" : flag->value);
        buf_printf(out, "  %-26s %s", left, flag->help);
        if (flag->standard != NULL && flag->standard[0] != '\0')
            buf_printf(out, " (default %s)", flag->standard);
        buf_char(out, '\n');
    }
}

static void write_command(struct buf *out, const struct command *command)
{
    char left[64];
    snprintf(left, sizeof left, "%s %s", command->name,
             command->operands == NULL ? "" : command->operands);
    buf_printf(out, "  %-32s %s\n", left, command->help);
}

void help_write(const struct program *program, const struct command *command, struct buf *out)
{
    if (command != NULL) {
        buf_printf(out, "Usage: %s %s%s%s [FLAG…]\n\n%s\n", program->name, command->name,
                   command->operands == NULL ? "" : " ",
                   command->operands == NULL ? "" : command->operands, command->help);
        if (command->flag_count > 0)
            BUF_LIT(out, "\nFlags:\n");
        write_flags(out, command->flags, command->flag_count);
    } else {
        buf_printf(out, "Usage: %s COMMAND [FLAG…]\n\n%s\n\nCommands:\n", program->name,
                   program->about);
        for (size_t i = 0; (command = program->command(i)) != NULL; i++)
            write_command(out, command);
        command = NULL;
    }
    buf_printf(out, "\n%s:\n", program->flags_title);
    write_flags(out, program->flags, program->flag_count);
    if (command == NULL)
        buf_printf(out, "\n%s\n", program->end);
}

bool help_noun(const struct program *program, const struct str *words, size_t n, struct buf *out)
{
    const struct command *command;
    bool found = false;
    if (n < 2 || n > COMMAND_WORDS ||
        (!str_eq(words[n - 1], STR("--help")) && !str_eq(words[n - 1], STR("-h"))))
        return false;
    for (size_t i = 0; (command = program->command(i)) != NULL; i++) {
        struct str rest = str_of(command->name);
        size_t same = 0;
        while (same < n - 1 && str_eq(str_cut(&rest, ' '), words[same]))
            same++;
        if (same < n - 1 || rest.p == NULL)
            continue;
        help_write(program, command, out);
        found = true;
    }
    return found;
}
