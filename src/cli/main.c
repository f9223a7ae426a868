#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static int run(struct cli *cli, int argc, char **argv)
{
    if (!arguments_read(cli, argc, argv))
        return EXIT_USAGE;
    if (flag_of(cli, "version") != NULL) {
        printf("bzctrl %s\n", bzctrl_version());
        return EXIT_DONE;
    }
    const char *output = flag_of(cli, "output"), *json = flag_of(cli, "json");
    if (output != NULL && strcmp(output, "json") != 0 && strcmp(output, "text") != 0)
        return fail(EXIT_USAGE, "--output must be json or text");
    /* With a value it is the flag --json FILE of `report`. */
    if (json != NULL && *json == '\0' && output != NULL && strcmp(output, "text") == 0)
        return fail(EXIT_USAGE, "--json and --output text contradict each other");
    cli->json = (output != NULL && strcmp(output, "json") == 0) || (json != NULL && *json == '\0');
    if (cli->help) {
        command_help(cli->command);
        return EXIT_DONE;
    }
    if (cli->command == NULL)
        return fail(EXIT_USAGE, "no command given (see `bzctrl --help`)");
    if (cli->json && cli->command->text_only)
        return fail(EXIT_USAGE, "%s cannot print JSON", cli->command->name);
    return cli->command->run(cli);
}

int main(int argc, char **argv)
{
    struct cli cli = {0};
    signal(SIGPIPE, SIG_IGN);
    int code = run(&cli, argc - 1, argv + 1);
    bzctrl_close(cli.client);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_DONE)
        code = fail(EXIT_STORAGE, "standard output cannot be written");
    return code;
}
