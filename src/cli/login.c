/* bzctrl login: tries the account and the secret, and saves them as a profile. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum { SECRET_MAX = 64 * 1024 };

#define NEW ".new"

/* Asks without echo. To be freed; NULL after reporting why. */
static char *ask_secret(void)
{
    struct termios shown, hidden;
    char *line = NULL;
    size_t size = 0;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &shown) != 0) {
        fail(EXIT_USAGE,
             "there is no terminal to ask for the secret; use --secret-file or --password-file");
        return NULL;
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden); /* first: typing follows the prompt */
    fputs("Password or secret: ", stderr);
    ssize_t n = getline(&line, &size, stdin);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    if (n <= 0) {
        free(line);
        return NULL;
    }
    return line;
}

/* Writes the secret, readable only by its owner. False after reporting why. */
static bool keep_secret(const char *file, const char *secret)
{
    char name[PATH_MAX];
    size_t n = strlen(secret);
    /* Creates the folders above it. */
    for (const char *slash = strchr(file + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(name, sizeof name, "%.*s", (int)(slash - file), file);
        mkdir(name, 0700);
    }
    unlink(file);
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, secret, n) == (ssize_t)n && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    if (!good)
        fail(EXIT_STORAGE, "%s cannot be written: %s", file, strerror(errno));
    return good;
}

static bool config_file(const struct cli *cli, char *file, size_t size)
{
    const char *given = flag_of(cli, "config"), *home = getenv("HOME"),
               *folder = getenv("XDG_CONFIG_HOME");
    int n;
    if (given == NULL)
        given = getenv("BZCTRL_CONFIG");
    if (given != NULL && given[0] != '\0')
        n = snprintf(file, size, "%s", given);
    else if (folder != NULL && folder[0] == '/')
        n = snprintf(file, size, "%s/bzctrl/config", folder);
    else
        n = snprintf(file, size, "%s/.config/bzctrl/config", home == NULL ? "" : home);
    return n > 0 && (size_t)n < size;
}

/* The file of the secret: the named one or, if it was typed or came from standard input, our own
 * file beside the settings, whose name ends with NEW until the sign-in succeeds. False after
 * reporting why. */
static bool secret_file(struct cli *cli, const char *config, const char *profile, char *ret_file,
                        bool *ret_own)
{
    const char *given = flag_of(cli, "secret-file");
    if (given == NULL)
        given = flag_of(cli, "password-file");
    if (given != NULL && strcmp(given, "-") != 0) {
        if (realpath(given, ret_file) != NULL)
            return true;
        fail(EXIT_NOINPUT, "%s: %s", given, strerror(errno));
        return false;
    }
    char *secret = given != NULL ? file_read("-", SECRET_MAX) : ask_secret();
    if (secret == NULL)
        return false;
    const char *slash = strrchr(config, '/');
    int folder = slash == NULL ? 0 : (int)(slash - config + 1);
    snprintf(ret_file, PATH_MAX, "%.*s%s.secret" NEW, folder, config, profile);
    *ret_own = true;
    bool good = keep_secret(ret_file, secret);
    free(secret);
    return good;
}

static struct bzctrl_answer *set_flags(struct cli *cli, const char *secret)
{
    static const char *const names[] = {"url",       "token-url", "client-id", "username",
                                        "workspace", "reporter",  "ca-file"};
    struct bzctrl_answer *answer = bzctrl_set(cli->client, "secret-file", secret);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (bzctrl_answer_code(answer) == BZCTRL_OK && flag_of(cli, names[i]) != NULL) {
            bzctrl_answer_free(answer);
            answer = bzctrl_set(cli->client, names[i], flag_of(cli, names[i]));
        }
    for (size_t i = 0; i < cli->flag_count; i++) {
        char name[64];
        const char *value = cli->flags[i].value, *equals = strchr(value, '=');
        if (strcmp(cli->flags[i].name, "set") != 0 || equals == NULL ||
            bzctrl_answer_code(answer) != BZCTRL_OK)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(equals - value), value);
        bzctrl_answer_free(answer);
        answer = bzctrl_set(cli->client, name, equals + 1);
    }
    return answer;
}

/* The new secret is valid and replaces the old one. */
static struct bzctrl_answer *take_secret(struct cli *cli, char *file)
{
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%.*s", (int)(strlen(file) - strlen(NEW)), file);
    if (rename(file, name) == 0)
        snprintf(file, PATH_MAX, "%s", name);
    return bzctrl_set(cli->client, "secret-file", file);
}

int login_run(struct cli *cli)
{
    bool own = false;
    char config[PATH_MAX], secret[PATH_MAX];
    const char *profile = flag_of(cli, "profile");
    if (profile == NULL)
        profile = getenv("BZCTRL_PROFILE");
    if (profile == NULL || profile[0] == '\0')
        profile = "prod";
    if (flag_of(cli, "url") == NULL ||
        (flag_of(cli, "client-id") == NULL) == (flag_of(cli, "username") == NULL))
        return fail(EXIT_USAGE, "login needs --url and either --client-id or --username");
    if (flag_of(cli, "secret-file") != NULL && flag_of(cli, "password-file") != NULL)
        return fail(EXIT_USAGE, "give either --secret-file or --password-file, not both");
    if (!config_file(cli, config, sizeof config))
        return fail(EXIT_CONFIG, "the name of the settings file is too long");
    struct bzctrl_answer *answer = bzctrl_new(&cli->client);
    if (bzctrl_answer_code(answer) != BZCTRL_OK)
        return fail_answer(answer);
    bzctrl_answer_free(answer);
    if (!secret_file(cli, config, profile, secret, &own))
        return EXIT_USAGE;
    answer = set_flags(cli, secret);
    if (bzctrl_answer_code(answer) == BZCTRL_OK) {
        bzctrl_answer_free(answer);
        answer = bzctrl_sign_in(cli->client);
    }
    if (own && bzctrl_answer_code(answer) == BZCTRL_OK) {
        bzctrl_answer_free(answer);
        answer = take_secret(cli, secret);
    } else if (own) {
        unlink(secret);
    }
    if (bzctrl_answer_code(answer) == BZCTRL_OK) {
        bzctrl_answer_free(answer);
        answer = bzctrl_save(cli->client, profile, config);
    }
    if (bzctrl_answer_code(answer) != BZCTRL_OK)
        return fail_answer(answer);
    bzctrl_answer_free(answer);
    if (cli->json)
        print("{\"signedIn\":true}\n");
    fprintf(stderr, "Signed in; the profile \"%s\" is saved in %s\n", profile, config);
    /* Queues nothing; the answer says whether the outbox has reports for another server. */
    answer = bzctrl_put(cli->client, NULL, 0);
    if (bzctrl_answer_code(answer) == BZCTRL_SETTINGS)
        fail(EXIT_DONE, "%s", bzctrl_answer_message(answer));
    bzctrl_answer_free(answer);
    return EXIT_DONE;
}
