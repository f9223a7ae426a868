/* bzctrl watch: prints each event of the change feed, or runs a command for it. */
#include "base/clock.h"
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    WAIT_SECONDS = 55,
    PAUSE_FIRST_MS = 1000, /* after a failure; it doubles … */
    PAUSE_MOST_MS = 300 * 1000,
    FILTERS_MAX = FLAGS_MAX,
};

static volatile sig_atomic_t ended;
static struct bzctrl *running;

static void end(int signal)
{
    (void)signal;
    ended = 1;
    bzctrl_cancel(running);
}

struct watching {
    const char *command; /* NULL: print */
    size_t seen;
    int failed; /* the exit code if the command, or printing, has failed */
};

/* ---- one event ---- */

/* Gives the event to the command, which need not read it. The line and its end are written at once, so that a command
 * whose bzctrl is killed in between does not see half of it. */
static void event_write(int fd, const char *json)
{
    char line_end[] = "\n";
    size_t n = strlen(json), done = 0;
    while (done <= n) {
        const struct iovec rest[] = {{(char *)(uintptr_t)(json + done), n - done}, {line_end, 1}};
        ssize_t wrote = writev(fd, rest, 2);
        if (wrote < 0 && errno != EINTR)
            return;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
}

/* Starts the command with the other end of *ret_fd as its standard input, and the signals as they were
 * when bzctrl was started. */
static int command_start(const char *command, int *ret_fd, pid_t *ret_pid)
{
    const char *const words[] = {"sh", "-c", command, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t standard;
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return errno;
    sigemptyset(&standard);
    sigaddset(&standard, SIGPIPE);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, pipes[0], STDIN_FILENO);
    posix_spawnattr_setsigdefault(&attributes, &standard);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawn(ret_pid, "/bin/sh", &files, &attributes,
                             (char *const *)(uintptr_t)words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    close(pipes[0]);
    if (failed != 0)
        close(pipes[1]);
    *ret_fd = pipes[1];
    return failed;
}

/* Runs the command for an event; 0 when it has succeeded. */
static int command_run(const char *command, const struct bzctrl_event *event)
{
    int fd = -1, status = 0;
    pid_t pid = -1;
    setenv("BZCTRL_EVENT", event->id, 1);
    int failed = command_start(command, &fd, &pid);
    if (failed != 0)
        return fail(EXIT_SOFTWARE, "sh: %s", strerror(failed));
    event_write(fd, event->json);
    close(fd);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return fail(EXIT_SOFTWARE, "waitpid: %s", strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return EXIT_DONE;
    if (WIFEXITED(status))
        return fail(EXIT_LATER, "the command failed for event %s with exit code %d", event->id,
                    WEXITSTATUS(status));
    return fail(EXIT_LATER, "the command was ended by signal %d during event %s", WTERMSIG(status),
                event->id);
}

static int on_event(void *arg, const struct bzctrl_event *event)
{
    struct watching *watch = arg;
    if (ended)
        return 1;
    if (watch->command != NULL)
        watch->failed = command_run(watch->command, event);
    else if (!print(event->json) || !print("\n") || fflush(stdout) != 0)
        watch->failed = fail(EXIT_STORAGE, "cannot print: %s", strerror(errno));
    watch->seen += watch->failed == EXIT_DONE;
    return watch->failed;
}

/* ---- going on ---- */

static void pause_for(int64_t milliseconds)
{
    for (int64_t until = clock_ticks() + milliseconds; !ended && clock_ticks() < until;) {
        struct timespec slice = {.tv_nsec = 50 * 1000000};
        nanosleep(&slice, NULL);
    }
}

/* "action=task.closed" and so on, from the flags; to be freed with `texts`. False: out of memory. */
static bool filters_make(const struct cli *cli, char **texts, const char **filters)
{
    static const char *const names[] = {"action", "workspace", "domain", "source"};
    size_t n = 0;
    for (size_t i = 0; i < cli->arguments.flag_count; i++)
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
            if (strcmp(cli->arguments.flags[i].name, names[k]) != 0)
                continue;
            if (asprintf(&texts[n], "%s=%s", names[k], cli->arguments.flags[i].value.p) < 0) {
                texts[n] = NULL;
                return false;
            }
            filters[n] = texts[n];
            n++;
        }
    return true;
}

/* These do not go away by themselves: let the service manager see them. */
static bool lasts(enum bzctrl_code code)
{
    return code != BZCTRL_OK && code != BZCTRL_QUEUED && code != BZCTRL_UNREACHABLE &&
           code != BZCTRL_DENIED;
}

static int follow(struct cli *cli, const char *const *filters)
{
    struct watching watch = {.command = flag_of(cli, "exec")};
    bool once = flag_of(cli, "once") != NULL;
    int flags = flag_of(cli, "from-start") != NULL ? BZCTRL_FROM_START : 0;
    int64_t pause = PAUSE_FIRST_MS;
    while (!ended) {
        size_t before = watch.seen;
        watch.failed = EXIT_DONE;
        struct bzctrl_answer *answer =
            bzctrl_watch(cli->client, flag_of(cli, "name"), filters, once ? 0 : WAIT_SECONDS, flags,
                         on_event, &watch);
        enum bzctrl_code code = bzctrl_answer_code(answer);
        if (ended || (code == BZCTRL_OK && !once) || code == BZCTRL_QUEUED) {
            bzctrl_answer_free(answer);
        } else if (code == BZCTRL_OK) {
            bzctrl_answer_free(answer);
            if (watch.seen == before)
                return EXIT_DONE;
        } else if (once || lasts(code)) {
            return fail_answer(answer);
        } else {
            fail_answer(answer);
        }
        if (watch.failed == EXIT_STORAGE || (watch.failed != EXIT_DONE && once))
            return watch.failed;
        if (watch.seen > before || code == BZCTRL_OK)
            pause = PAUSE_FIRST_MS;
        if (code == BZCTRL_OK || ended)
            continue;
        pause_for(pause);
        pause = pause * 2 > PAUSE_MOST_MS ? PAUSE_MOST_MS : pause * 2;
    }
    return EXIT_DONE;
}

int watch_run(struct cli *cli)
{
    static char *texts[FILTERS_MAX + 1];
    static const char *filters[FILTERS_MAX + 1];
    struct sigaction action = {.sa_handler = end};
    int code = cli_open(cli);
    if (code != EXIT_DONE)
        return code;
    running = cli->client;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* A command that does not read its event, and a reader of ours that has gone, are errors of a
     * write. */
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    code = filters_make(cli, texts, filters) ? follow(cli, filters)
                                             : fail(EXIT_SOFTWARE, "out of memory");
    for (size_t i = 0; texts[i] != NULL; i++)
        free(texts[i]);
    return code;
}
