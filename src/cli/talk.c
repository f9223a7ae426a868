/* Output for people and programs: standard output, standard error, exit codes. */
#include "base/buf.h"
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* U+0000 to U+001F, U+007F to U+009F; U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to
 * U+2069. */
static bool is_unseen(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void print_shown(FILE *file, struct str text)
{
    while (text.n > 0) {
        size_t step = utf8_step(text);
        uint32_t c = step == 0 ? (unsigned char)text.p[0] : utf8_first(text);
        if (c == '\n')
            fputs("\\n", file);
        else if (step == 0 || is_unseen(c))
            fprintf(file, "\\u%04X", (unsigned)c);
        else
            fwrite(text.p, 1, step, file);
        text = str_from(text, step == 0 ? 1 : step);
    }
}

int fail(int code, const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fputs("bzctrl: ", stderr);
    print_shown(stderr, str_of(text));
    fputc('\n', stderr);
    return code;
}

int fail_memory(void)
{
    return fail(EXIT_SOFTWARE, "out of memory");
}

int fail_op(struct cli *cli, int code)
{
    return fail(code, "%s", cli->op->detail[0] != '\0' ? cli->op->detail : "out of memory");
}

const char *flag_of(const struct cli *cli, const char *name)
{
    return arguments_flag(&cli->arguments, name).p;
}

const char *operand_of(const struct cli *cli, size_t i)
{
    return cli->arguments.operands[i].p;
}

static bool colours(void)
{
    const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return (no == NULL || no[0] == '\0') && isatty(STDERR_FILENO) && isatty(STDOUT_FILENO) &&
           terminal != NULL && strcmp(terminal, "dumb") != 0;
}

const char *bold(void)
{
    return colours() ? "\033[1m" : "";
}

const char *bold_end(void)
{
    return colours() ? "\033[0m" : "";
}

bool print(const char *text)
{
    return fputs(text, stdout) >= 0;
}

int exit_code(enum bzctrl_code code)
{
    static const int codes[] = {
        [BZCTRL_OK] = EXIT_DONE,         [BZCTRL_QUEUED] = EXIT_LATER,
        [BZCTRL_REFUSED] = EXIT_DATA,    [BZCTRL_UNREACHABLE] = EXIT_UNAVAILABLE,
        [BZCTRL_DENIED] = EXIT_DENIED,   [BZCTRL_NOT_FOUND] = EXIT_NOINPUT,
        [BZCTRL_SETTINGS] = EXIT_CONFIG, [BZCTRL_FULL] = EXIT_STORAGE,
        [BZCTRL_STORAGE] = EXIT_STORAGE, [BZCTRL_MEMORY] = EXIT_SOFTWARE,
        [BZCTRL_MISUSE] = EXIT_SOFTWARE, [BZCTRL_MISMATCH] = EXIT_REFUSED,
    };
    return (size_t)code < sizeof codes / sizeof codes[0] ? codes[code] : EXIT_SOFTWARE;
}

void print_faults(const struct bzctrl_answer *answer)
{
    for (size_t i = 0; i < bzctrl_answer_fault_count(answer); i++) {
        const struct bzctrl_fault *fault = bzctrl_answer_fault(answer, i);
        fprintf(stderr, "  %s", bold());
        print_shown(stderr, str_of(fault->pointer));
        fprintf(stderr, "%s: ", bold_end());
        print_shown(stderr, str_of(fault->detail));
        if (fault->allowed[0] != '\0') {
            fputs(" (", stderr);
            print_shown(stderr, str_of(fault->allowed));
            fputc(')', stderr);
        }
        fputc('\n', stderr);
    }
}

int fail_answer(struct bzctrl_answer *answer)
{
    int code = exit_code(bzctrl_answer_code(answer));
    const char *message = bzctrl_answer_message(answer);
    if (message[0] != '\0')
        fail(code, "%s", message);
    print_faults(answer);
    bzctrl_answer_free(answer);
    return code;
}

static int set_all(struct cli *cli)
{
    for (size_t i = 0; i < cli->arguments.flag_count; i++) {
        const char *value = cli->arguments.flags[i].value.p, *equals = strchr(value, '=');
        char name[64];
        if (strcmp(cli->arguments.flags[i].name, "set") != 0)
            continue;
        if (equals == NULL || (size_t)(equals - value) >= sizeof name)
            return fail(EXIT_USAGE, "--set needs NAME=VALUE");
        snprintf(name, sizeof name, "%.*s", (int)(equals - value), value);
        struct bzctrl_answer *answer = bzctrl_set(cli->client, name, equals + 1);
        if (bzctrl_answer_code(answer) != BZCTRL_OK)
            return fail_answer(answer);
        bzctrl_answer_free(answer);
    }
    return EXIT_DONE;
}

int cli_open(struct cli *cli)
{
    const char *profile = flag_of(cli, "profile");
    if (profile == NULL)
        profile = getenv("BZCTRL_PROFILE");
    if (profile != NULL && profile[0] == '\0')
        profile = NULL;
    struct bzctrl_answer *answer = bzctrl_open(profile, flag_of(cli, "config"), &cli->client);
    if (bzctrl_answer_code(answer) != BZCTRL_OK)
        return fail_answer(answer);
    bzctrl_answer_free(answer);
    return set_all(cli);
}
