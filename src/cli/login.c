/* bzctrl login: tries the account and the secret, and saves them as a profile. */
#include "base/file.h"
#include "cli/cli.h"
#include "tool/secret.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECRET_MAX = 64 * 1024 };

#define NEW ".new"

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
    struct str secret = STR_NONE;
    enum err err = given != NULL ? file_read(cli->op, STR("-"), SECRET_MAX, &secret)
                                 : secret_ask(cli->op, "Password or secret: ",
                                              "--secret-file or --password-file", &secret);
    if (err != ERR_OK)
        fail_op(cli, EXIT_USAGE);
    if (secret.p == NULL)
        return false;
    const char *slash = strrchr(config, '/');
    int folder = slash == NULL ? 0 : (int)(slash - config + 1);
    snprintf(ret_file, PATH_MAX, "%.*s%s.secret" NEW, folder, config, profile);
    *ret_own = true;
    struct str line = arena_printf(cli->op->arena, "%.*s\n", STR_ARG(secret));
    if (line.p != NULL && file_replace(cli->op, str_of(ret_file), line) == ERR_OK)
        return true;
    fail_op(cli, EXIT_STORAGE);
    return false;
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
    for (size_t i = 0; i < cli->arguments.flag_count; i++) {
        char name[64];
        const char *value = cli->arguments.flags[i].value.p, *equals = strchr(value, '=');
        if (strcmp(cli->arguments.flags[i].name, "set") != 0 || equals == NULL ||
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
