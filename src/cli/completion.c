/* bzctrl completion: scripts for shells, made from the table of commands. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static void print_words(const struct flag *flags, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf(" --%s", flags[i].name);
}

/* The first words of all commands, each once; or the words that follow `first`. */
static void print_commands(const char *first)
{
    const struct command *command;
    struct str last = STR_NONE;
    for (size_t i = 0; (command = bzctrl_program.command(i)) != NULL; i++) {
        struct str rest = str_of(command->name), word = str_cut(&rest, ' ');
        if (first != NULL && str_eq(word, str_of(first)) && rest.p != NULL)
            printf(" %.*s", STR_ARG(rest));
        if (first == NULL && !str_eq(word, last))
            printf(" %.*s", STR_ARG(word));
        last = word;
    }
}

static void print_cases(void)
{
    const struct command *command;
    for (size_t i = 0; (command = bzctrl_program.command(i)) != NULL; i++) {
        printf("    '%s'*) words='", command->name);
        print_words(command->flags, command->flag_count);
        print_words(bzctrl_program.flags, bzctrl_program.flag_count);
        printf("' ;;\n");
    }
    static const char *const nouns[] = {"evidence", "form", "outbox", "receipt"};
    for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++) {
        printf("    '%s'*) words='", nouns[i]);
        print_commands(nouns[i]);
        printf("' ;;\n");
    }
    printf("    *) words='");
    print_commands(NULL);
    printf("' ;;\n");
}

int completion_run(struct cli *cli)
{
    bool zsh = strcmp(operand_of(cli, 0), "zsh") == 0;
    if (!zsh && strcmp(operand_of(cli, 0), "bash") != 0)
        return fail(EXIT_USAGE, "completions exist for bash and zsh only");
    if (zsh)
        printf("#compdef bzctrl\nautoload -U +X bashcompinit && bashcompinit\n");
    /* After a flag that takes a file, complete file names. */
    printf("_bzctrl() {\n  local words line=\"${COMP_WORDS[*]:1:COMP_CWORD-1} \"\n"
           "  case $line in\n");
    print_cases();
    printf("  esac\n"
           "  case ${COMP_WORDS[COMP_CWORD-1]} in\n"
           "    --json|--*file|--batch|--results|--config) COMPREPLY=($(compgen -f -- "
           "\"${COMP_WORDS[COMP_CWORD]}\")); return ;;\n"
           "  esac\n"
           "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
           "}\ncomplete -F _bzctrl bzctrl\n");
    return EXIT_DONE;
}
