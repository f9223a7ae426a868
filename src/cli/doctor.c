/* bzctrl doctor: checks that everything is set up correctly. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct doctor {
    struct cli *cli;
    int code;
};

/* `code` is the exit code where it is the first that is wrong. */
static void tell(struct doctor *doctor, int code, const char *what, const char *detail)
{
    bool good = code == EXIT_DONE;
    if (doctor->code == EXIT_DONE)
        doctor->code = code;
    if (doctor->cli->json)
        printf("{\"check\":\"%s\",\"ok\":%s}\n", what, good ? "true" : "false");
    else
        printf("%s %s%s%s\n", good ? "ok  " : "FAIL", what, detail[0] == '\0' ? "" : ": ", detail);
}

static bool check(struct doctor *doctor, const char *what, struct bzctrl_answer *answer)
{
    enum bzctrl_code code = bzctrl_answer_code(answer);
    bool good = code == BZCTRL_OK || code == BZCTRL_QUEUED;
    tell(doctor, good ? EXIT_DONE : exit_code(code), what, bzctrl_answer_message(answer));
    bzctrl_answer_free(answer);
    return good;
}

static void count(void *arg, const struct bzctrl_entry *entry)
{
    (void)entry;
    ++*(size_t *)arg;
}

int doctor_run(struct cli *cli)
{
    struct doctor doctor = {.cli = cli};
    size_t waiting = 0, dead = 0;
    struct bzctrl_answer *answer;
    int code = cli_open(cli);
    tell(&doctor, code, "settings", "");
    if (code != EXIT_DONE)
        return code;
    const char *url = bzctrl_get(cli->client, "url");
    bool safe =
        url != NULL && (strncmp(url, "https://", 8) == 0 || strncmp(url, "http://127.", 11) == 0 ||
                        strncmp(url, "http://localhost", 16) == 0);
    tell(&doctor, safe ? EXIT_DONE : EXIT_CONFIG, "connection",
         safe ? "" : "the url is not https; others could read secrets in transit");
    answer = bzctrl_outbox_list(cli->client, BZCTRL_WAITING, 0, 1000000, count, &waiting);
    if (bzctrl_answer_code(answer) == BZCTRL_OK) {
        /* Queues nothing; the answer says whether a report could be queued. */
        bzctrl_answer_free(answer);
        answer = bzctrl_put(cli->client, NULL, 0);
    }
    check(&doctor, "outbox", answer);
    bzctrl_answer_free(bzctrl_outbox_list(cli->client, BZCTRL_DEAD, 0, 1000000, count, &dead));
    char text[128];
    snprintf(text, sizeof text, "%zu waiting, %zu refused", waiting, dead);
    tell(&doctor, dead == 0 ? EXIT_DONE : EXIT_DATA, "reports", text);
    if (check(&doctor, "sign-in", bzctrl_sign_in(cli->client))) {
        const char *const filters[] = {"limit=1", NULL};
        check(&doctor, "reading", bzctrl_list(cli->client, filters));
    }
    return doctor.code;
}
