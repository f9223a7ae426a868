/*
 * A daemon that sends the reports that any process has put into the outbox, until SIGTERM. Run it
 * under a service manager: daemon SETTINGS
 */
#include <bzctrl.h>

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t ended;

static void end(int signal)
{
    (void)signal;
    ended = 1;
}

static void on_entry(void *arg, const struct bzctrl_entry *entry)
{
    (void)arg;
    if (entry->state == BZCTRL_SENT)
        printf("%s %s\n", entry->key, entry->link);
    else
        printf("%s refused: %s\n", entry->key, entry->verdict);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct bzctrl *client = NULL;
    struct bzctrl_answer *answer = bzctrl_open(NULL, argc == 2 ? argv[1] : NULL, &client);
    enum bzctrl_code code = bzctrl_answer_code(answer), told = BZCTRL_OK;
    if (code != BZCTRL_OK)
        fprintf(stderr, "%s\n", bzctrl_answer_message(answer));
    bzctrl_answer_free(answer);
    signal(SIGTERM, end);
    signal(SIGINT, end);
    while (code != BZCTRL_SETTINGS && code != BZCTRL_STORAGE && !ended) {
        /* Without BZCTRL_NOW this call observes the pauses after failures. */
        answer = bzctrl_outbox_run(client, 0, on_entry, NULL);
        code = bzctrl_answer_code(answer);
        if (code != BZCTRL_OK && code != told)
            fprintf(stderr, "%s\n", bzctrl_answer_message(answer));
        told = code;
        bzctrl_answer_free(answer);
        sleep(1);
    }
    bzctrl_close(client);
    return ended ? 0 : 1;
}
