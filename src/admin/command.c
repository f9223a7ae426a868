#include "admin/command.h"

const struct admin_command *command_of(const struct arguments *arguments)
{
    return (const struct admin_command *)(const void *)arguments->command;
}

int command_fail(struct command_run *run, enum err err)
{
    static const struct {
        enum err err;
        int code;
    } codes[] = {
        {ERR_SYNTAX, EXIT_USAGE},
        {ERR_INVALID, EXIT_USAGE},
        {ERR_BUSY, EXIT_UNAVAILABLE},
        {ERR_IO, EXIT_STORAGE},
        {ERR_UNAVAILABLE, EXIT_UNAVAILABLE},
        {ERR_FULL, EXIT_STORAGE},
        {ERR_MEMORY, EXIT_SOFTWARE},
        {ERR_MISUSE, EXIT_SOFTWARE},
        {ERR_CORRUPT, EXIT_STORAGE},
    };
    const char *detail = run->op->detail[0] != '\0' ? run->op->detail : err_meaning(err);
    buf_printf(run->err, "bzctrld: %s\n", detail);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].err == err)
            return codes[i].code;
    return EXIT_REFUSED;
}
