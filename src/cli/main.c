#include "cli/cli.h"
#include "tool/help.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static int help_print(struct buf *help)
{
    fwrite(help->p, 1, help->n, stdout);
    buf_finish(help);
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct str *words, size_t n)
{
    struct arguments *arguments = &cli->arguments;
    struct buf help;
    buf_init(&help, 64 * 1024);
    if (help_noun(&bzctrl_program, words, n, &help))
        return help_print(&help);
    if (arguments_read(cli->op, &bzctrl_program, words, n, arguments) != ERR_OK)
        return fail_op(cli, EXIT_USAGE);
    const char *output = flag_of(cli, "output"), *json = flag_of(cli, "json");
    if (output != NULL && strcmp(output, "json") != 0 && strcmp(output, "text") != 0)
        return fail(EXIT_USAGE, "--output must be json or text");
    /* With a value it is the flag --json FILE of `report`. */
    if (json != NULL && *json == '\0' && output != NULL && strcmp(output, "text") == 0)
        return fail(EXIT_USAGE, "--json and --output text contradict each other");
    cli->json = (output != NULL && strcmp(output, "json") == 0) || (json != NULL && *json == '\0');
    if (arguments->help) {
        help_write(&bzctrl_program, arguments->command, &help);
        return help_print(&help);
    }
    if (arguments->command == NULL)
        return fail(EXIT_USAGE, "no command is given; see `bzctrl --help`");
    const struct cli_command *command =
        (const struct cli_command *)(const void *)arguments->command;
    if (cli->json && command->text_only)
        return fail(EXIT_USAGE, "%s cannot print JSON", command->command.name);
    return command->run(cli);
}

int main(int argc, char **argv)
{
    struct arena arena;
    arena_init(&arena, 64 * 1024 * 1024);
    struct op op = {.arena = &arena};
    struct cli cli = {.op = &op};
    signal(SIGPIPE, SIG_IGN);
    size_t n = argc > 0 ? (size_t)argc - 1 : 0;
    struct str *words = ARENA_ARRAY(&arena, struct str, n + 1);
    for (size_t i = 0; words != NULL && i < n; i++)
        words[i] = str_of(argv[i + 1]);
    int code = words == NULL ? fail(EXIT_SOFTWARE, "out of memory") : run(&cli, words, n);
    bzctrl_close(cli.client);
    arena_finish(&arena);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_DONE)
        code = fail(EXIT_STORAGE, "standard output cannot be written");
    return code;
}
