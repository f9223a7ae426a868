/*
 * Uses the library as programs do, for library.test.mjs: library MODE URL SECRET-FILE OUTBOX.
 *   threads   two threads, each with its own client, on one outbox
 *   fork      a client from before fork() is refused in the child, which opens its own
 *   memory    each STRIDE-th allocation of a report fails once (with fail_alloc.so); prints the
 *             numbers of allocations, of reports left in the outbox, and of leaks
 *   later     the same for a report that is not sent
 *   watch     an event comes until it is done with, and then no more; a cancelled client is at its end
 */
#include <bzctrl.h>

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPORTS = 20, ALLOCATIONS_MAX = 5000, SLACK = 512 };

static char **arguments;
static int flags = BZCTRL_NOW;

static void expect(int good, const char *what, const struct bzctrl_answer *answer)
{
    if (good)
        return;
    fprintf(stderr, "%s: code %d, %s\n", what,
            answer == NULL ? -1 : (int)bzctrl_answer_code(answer),
            answer == NULL ? "" : bzctrl_answer_message(answer));
    exit(1);
}

/* The first code other than BZCTRL_OK. */
static enum bzctrl_code set_up(struct bzctrl **ret_client)
{
    const char *const settings[][2] = {{"url", arguments[2]},
                                       {"username", "example@example.com"},
                                       {"secret-file", arguments[3]},
                                       {"outbox", arguments[4]},
                                       {"wait", "5"}};
    struct bzctrl_answer *answer = bzctrl_new(ret_client);
    enum bzctrl_code code = bzctrl_answer_code(answer);
    bzctrl_answer_free(answer);
    for (size_t i = 0; code == BZCTRL_OK && i < sizeof settings / sizeof settings[0]; i++) {
        answer = bzctrl_set(*ret_client, settings[i][0], settings[i][1]);
        code = bzctrl_answer_code(answer);
        bzctrl_answer_free(answer);
    }
    return code;
}

static struct bzctrl_answer *report(struct bzctrl *client, const char *title, const char *key)
{
    struct bzctrl_draft *draft = bzctrl_draft_new();
    bzctrl_draft_add(draft, "todoType", "INCIDENT");
    bzctrl_draft_add(draft, "domainWorkSpace", "EXA-CON-BUS-WOR");
    bzctrl_draft_add(draft, "title", title);
    bzctrl_draft_add(draft, "description", "\"D\"\n");
    bzctrl_draft_add(draft, "reporter", "example@example.com");
    bzctrl_draft_add(draft, "orderID", "O 1");
    bzctrl_draft_add(draft, "orderID", "O 2");
    struct bzctrl_answer *answer =
        bzctrl_report(client, NULL, key, bzctrl_draft_json(draft), flags);
    bzctrl_draft_free(draft);
    return answer;
}

static void report_well(struct bzctrl *client, const char *title)
{
    struct bzctrl_answer *answer = report(client, title, NULL);
    expect(bzctrl_answer_code(answer) == BZCTRL_OK, title, answer);
    expect(strstr(bzctrl_answer_link(answer), bzctrl_answer_record(answer)) != NULL, title, answer);
    bzctrl_answer_free(answer);
}

/* ---- threads ---- */

static void *work(void *arg)
{
    struct bzctrl *client = NULL;
    expect(set_up(&client) == BZCTRL_OK, "set up", NULL);
    for (int i = 0; i < REPORTS; i++) {
        char title[64];
        snprintf(title, sizeof title, "thread-%s-%03d", (const char *)arg, i);
        report_well(client, title);
    }
    bzctrl_close(client);
    return NULL;
}

static void run_threads(void)
{
    pthread_t threads[2];
    static char names[2][2] = {"a", "b"};
    for (int i = 0; i < 2; i++)
        expect(pthread_create(&threads[i], NULL, work, names[i]) == 0, "thread", NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

/* ---- fork ---- */

static void run_child(struct bzctrl *inherited)
{
    struct bzctrl *client = NULL;
    struct bzctrl_answer *answer = report(inherited, "fork-refused", NULL);
    expect(bzctrl_answer_code(answer) == BZCTRL_MISUSE, "inherited", answer);
    bzctrl_answer_free(answer);
    bzctrl_close(inherited);
    expect(set_up(&client) == BZCTRL_OK, "set up", NULL);
    report_well(client, "fork-child");
    bzctrl_close(client);
}

static void run_fork(void)
{
    struct bzctrl *client = NULL;
    int status;
    expect(set_up(&client) == BZCTRL_OK, "set up", NULL);
    report_well(client, "fork-before");
    pid_t child = fork();
    if (child == 0) {
        run_child(client);
        _exit(0);
    }
    expect(waitpid(child, &status, 0) == child && status == 0, "the child", NULL);
    report_well(client, "fork-parent");
    bzctrl_close(client);
}

/* ---- memory ---- */

static volatile int64_t *map_plan(void)
{
    const char *file = getenv("BZCTRL_FAIL_ALLOC");
    int fd = file == NULL ? -1 : open(file, O_RDWR | O_CLOEXEC);
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    expect(map != MAP_FAILED, "the plan", NULL);
    close(fd);
    return map;
}

/* One client from beginning to end, while the `nth` allocation fails (0: none). Returns the code of
 * the report, or of what came before it. */
static enum bzctrl_code run_once(volatile int64_t *plan, int64_t nth, const char *title)
{
    struct bzctrl *client = NULL;
    *plan = nth;
    enum bzctrl_code code = set_up(&client);
    if (code == BZCTRL_OK) {
        struct bzctrl_answer *answer = report(client, title, title);
        code = bzctrl_answer_code(answer);
        bzctrl_answer_free(answer);
    }
    bzctrl_close(client);
    return code;
}

static void run_memory(void)
{
    volatile int64_t *plan = map_plan();
    const char *stride = getenv("STRIDE");
    const enum bzctrl_code well = flags == BZCTRL_LATER ? BZCTRL_QUEUED : BZCTRL_OK;
    int64_t step = stride == NULL ? 1 : atoll(stride), nth = 1 - step + getpid() % step, met = 1,
            leaks = 0, queued = 0;
    size_t before = 0;
    for (int i = 0; i < 3; i++) {
        expect(run_once(plan, 0, "memory-warm") == well, "warm", NULL);
        before = mallinfo2().uordblks;
    }
    while (met && (nth += step) < ALLOCATIONS_MAX) {
        char title[64];
        snprintf(title, sizeof title, "memory-%05lld", (long long)nth);
        enum bzctrl_code code = run_once(plan, nth, title);
        met = *plan <= 0;
        *plan = 0;
        size_t now = mallinfo2().uordblks;
        /* Memory that the libraries below never free grows a little, once. */
        leaks += now > before + SLACK;
        if (now > before + SLACK)
            fprintf(stderr, "%s: %zu bytes are left\n", title, now - before);
        before = now;
        queued += code == BZCTRL_QUEUED;
        expect(code == BZCTRL_OK || code == BZCTRL_QUEUED || code == BZCTRL_MEMORY ||
                   code == BZCTRL_MISUSE || code == BZCTRL_STORAGE,
               title, NULL);
        expect(run_once(plan, 0, title) == well, title, NULL);
    }
    printf("%lld %lld %lld\n", (long long)nth, (long long)queued, (long long)leaks);
}

static void run_later(void)
{
    flags = BZCTRL_LATER;
    run_memory();
}

/* ---- watching ---- */

struct seen {
    int count, refusals;
    char id[64];
};

static int on_event(void *arg, const struct bzctrl_event *event)
{
    struct seen *seen = arg;
    snprintf(seen->id, sizeof seen->id, "%s", event->id);
    if (strcmp(event->action, "task.created") != 0 || strstr(event->json, event->key) == NULL)
        exit(1);
    seen->count++;
    return seen->refusals-- > 0;
}

static void watch(struct bzctrl *client, struct seen *seen, enum bzctrl_code code)
{
    const char *const filters[] = {"action=task.created", "source=me", NULL};
    struct bzctrl_answer *answer = bzctrl_watch(client, "library", filters, 1, 0, on_event, seen);
    expect(bzctrl_answer_code(answer) == code, "watch", answer);
    bzctrl_answer_free(answer);
}

static void run_watch(void)
{
    struct bzctrl *client;
    struct seen seen = {0}, again = {.refusals = 1};
    struct bzctrl_answer *answer;
    expect(set_up(&client) == BZCTRL_OK, "set up", NULL);
    watch(client, &seen, BZCTRL_OK);
    expect(seen.count == 0, "nothing yet", NULL);
    report_well(client, "watched");
    watch(client, &again, BZCTRL_QUEUED);
    watch(client, &seen, BZCTRL_OK);
    expect(seen.count == 1 && strcmp(seen.id, again.id) == 0, "the event again", NULL);
    watch(client, &seen, BZCTRL_OK);
    expect(seen.count == 1, "the event no more", NULL);
    answer = bzctrl_watch(client, "no/name", NULL, 0, 0, on_event, &seen);
    expect(bzctrl_answer_code(answer) == BZCTRL_REFUSED, "a name that is none", answer);
    bzctrl_answer_free(answer);
    answer = bzctrl_watch(client, NULL, NULL, 0, 0, NULL, NULL);
    expect(bzctrl_answer_code(answer) == BZCTRL_MISUSE, "no function", answer);
    bzctrl_answer_free(answer);
    bzctrl_cancel(client);
    watch(client, &seen, BZCTRL_UNREACHABLE);
    bzctrl_close(client);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } modes[] = {{"threads", run_threads},
                 {"fork", run_fork},
                 {"memory", run_memory},
                 {"later", run_later},
                 {"watch", run_watch}};
    arguments = argv;
    for (size_t i = 0; argc == 5 && i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(argv[1], modes[i].name) == 0) {
            modes[i].run();
            return 0;
        }
    return 64;
}
