/* Asking for a report field by field, on a terminal. */
#include "cli/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum asked { ALWAYS, INCIDENT, TASK, MAYBE, NEVER };

static const struct {
    const char *member, *flag, *label;
    enum asked asked;
} members[] = {
#define REPORT_MEMBER(member, flag, asked, label) {member, flag, label, asked},
#include "cli/member.def"
#undef REPORT_MEMBER
};

bool ask_never(struct str member)
{
    for (size_t m = 0; m < sizeof members / sizeof members[0]; m++)
        if (str_eq(str_of(members[m].member), member))
            return members[m].asked == NEVER;
    return false;
}

static bool is_utf8(const char *line)
{
    struct op op = {0};
    if (arguments_utf8(&op, "the input", str_of(line)) == ERR_OK)
        return true;
    fail(EXIT_USAGE, "%s", op.detail);
    return false;
}

char *ask_line(const char *label)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    do {
        fprintf(stderr, "%s%s%s: ", bold(), label, bold_end());
        n = getline(&line, &size, stdin);
    } while (n >= 0 && !is_utf8(line));
    if (n < 0) {
        fputc('\n', stderr);
        free(line);
        return NULL;
    }
    while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
        line[--n] = '\0';
    return line;
}

static bool given(const struct cli *cli, size_t m)
{
    return flag_of(cli, members[m].flag) != NULL ||
           (strcmp(members[m].flag, "workspace") == 0 &&
            bzctrl_get(cli->client, "workspace") != NULL) ||
           (strcmp(members[m].flag, "reporter") == 0 &&
            bzctrl_get(cli->client, "reporter") != NULL);
}

/* False if the input has ended. Required members are asked for until there is an answer. */
static bool ask_member(struct bzctrl_draft *draft, size_t m, char **ret_value)
{
    char *value;
    do {
        value = ask_line(members[m].label);
    } while (value != NULL && value[0] == '\0' && members[m].asked == ALWAYS);
    if (value != NULL && value[0] != '\0')
        bzctrl_draft_add(draft, members[m].member, value);
    *ret_value = value;
    return value != NULL;
}

bool ask_members(struct cli *cli, struct bzctrl_draft *draft)
{
    const char *type = flag_of(cli, "todo-type");
    char *typed = NULL;
    bool good = true;
    fprintf(stderr, "Press Enter to skip a field.\n");
    for (size_t m = 0; good && m < sizeof members / sizeof members[0]; m++) {
        enum asked asked = members[m].asked;
        bool task = type != NULL && strcasecmp(type, "TASK") == 0;
        if (asked == NEVER || (asked == INCIDENT && task) || (asked == TASK && !task) ||
            given(cli, m))
            continue;
        char *value;
        good = ask_member(draft, m, &value);
        if (good && m == 0)
            type = typed = value;
        else
            free(value);
    }
    free(typed);
    return good;
}
