/* bzctrl outbox: waiting and refused reports. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "json/read.h"
#include "json/write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 100, POLL_MS = 500, REPORT_MAX = 1024 * 1024 };

static volatile sig_atomic_t ended;

static void end(int signal)
{
    (void)signal;
    ended = 1;
}

/* ---- list ---- */

struct listing {
    struct cli *cli;
    int64_t last;
    size_t n;
};

static struct str text_in(const struct json *root, const char *name)
{
    return json_text(json_member(root, str_of(name)));
}

static void print_detail(struct str pointer, struct str detail)
{
    printf("    ");
    print_shown(stdout, pointer);
    printf("%s", pointer.n > 0 ? ": " : "");
    print_shown(stdout, detail);
    printf("\n");
}

/* Shows at a glance which report it is and what is wrong with it. */
static void print_entry(const struct bzctrl_entry *entry)
{
    struct arena arena;
    arena_init(&arena, 64 * 1024 * 1024);
    struct op op = {.arena = &arena};
    const struct json *root = NULL, *verdict = NULL;
    if (json_read(&op, &arena, str_of(entry->json), &root) != ERR_OK)
        root = NULL;
    if (json_read(&op, &arena, str_of(entry->verdict), &verdict) != ERR_OK)
        verdict = NULL;
    struct str title = text_in(root, "title");
    printf("%lld %s ", (long long)entry->id, entry->state == BZCTRL_DEAD ? "refused" : "waiting");
    print_shown(stdout, title.p == NULL ? STR("(no title)") : title);
    printf("\n");
    const struct json *errors = json_member(verdict, STR("errors"));
    struct str detail = text_in(verdict, "detail");
    if (errors == NULL && detail.p != NULL)
        print_detail(STR(""), detail);
    if (errors != NULL && errors->kind == JSON_LIST)
        for (const struct json *item = errors->first; item != NULL; item = item->next)
            print_detail(text_in(item, "pointer"), text_in(item, "detail"));
    arena_finish(&arena);
}

static void print_entry_json(const struct bzctrl_entry *entry)
{
    static const char *const states[] = {
        [BZCTRL_WAITING] = "waiting", [BZCTRL_DEAD] = "refused", [BZCTRL_SENT] = "acknowledged"};
    struct buf buf;
    buf_init(&buf, 16 * 1024 * 1024);
    buf_printf(&buf, "{\"id\":%lld,\"state\":\"%s\",\"key\":", (long long)entry->id,
               states[entry->state]);
    buf_json_string(&buf, str_of(entry->key));
    BUF_LIT(&buf, ",\"form\":");
    buf_json_string(&buf, entry->form[0] == '\0' ? STR_NONE : str_of(entry->form));
    if (entry->state == BZCTRL_SENT) {
        BUF_LIT(&buf, ",\"taskLink\":");
        buf_json_string(&buf, str_of(entry->link));
        BUF_LIT(&buf, ",\"receipt\":");
        buf_json_string(&buf, str_of(entry->receipt));
    } else {
        BUF_LIT(&buf, ",\"report\":");
        buf_json_compact(&buf, str_of(entry->json));
    }
    BUF_LIT(&buf, ",\"problem\":");
    buf_add(&buf, str_of(entry->verdict[0] == '\0' ? "null" : entry->verdict));
    BUF_LIT(&buf, "}\n");
    buf_char(&buf, '\0');
    if (buf_err(&buf) == ERR_OK)
        print(buf.p);
    buf_finish(&buf);
}

static void on_listed(void *arg, const struct bzctrl_entry *entry)
{
    struct listing *listing = arg;
    listing->last = entry->id;
    listing->n++;
    if (listing->cli->json)
        print_entry_json(entry);
    else
        print_entry(entry);
}

static int list_state(struct cli *cli, enum bzctrl_state state)
{
    struct listing listing = {.cli = cli, .n = PAGE};
    while (listing.n == PAGE) {
        listing.n = 0;
        struct bzctrl_answer *answer =
            bzctrl_outbox_list(cli->client, state, listing.last, PAGE, on_listed, &listing);
        if (bzctrl_answer_code(answer) != BZCTRL_OK)
            return fail_answer(answer);
        bzctrl_answer_free(answer);
    }
    return EXIT_DONE;
}

int outbox_list_run(struct cli *cli)
{
    bool dead = flag_of(cli, "dead") != NULL, waiting = flag_of(cli, "waiting") != NULL;
    int code = cli_open(cli);
    if (code == EXIT_DONE && (waiting || !dead))
        code = list_state(cli, BZCTRL_WAITING);
    if (code == EXIT_DONE && (dead || !waiting))
        code = list_state(cli, BZCTRL_DEAD);
    return code;
}

/* ---- run ---- */

static void on_sent(void *arg, const struct bzctrl_entry *entry)
{
    struct listing *listing = arg;
    listing->n += entry->state == BZCTRL_DEAD;
    if (listing->cli->json)
        print_entry_json(entry);
    else if (entry->state == BZCTRL_SENT)
        printf("%s\n", entry->link);
    else
        print_entry(entry);
}

/* One run. Adds the number of refused reports to *ret_refused. */
static enum bzctrl_code run_once(struct cli *cli, int flags, size_t *ret_refused, bool *quiet)
{
    struct listing listing = {.cli = cli};
    struct bzctrl_answer *answer = bzctrl_outbox_run(cli->client, flags, on_sent, &listing);
    enum bzctrl_code code = bzctrl_answer_code(answer);
    *ret_refused += listing.n;
    fflush(stdout);
    /* While sending keeps failing, the reason is printed once. */
    if (code != BZCTRL_OK && !*quiet)
        fail(EXIT_LATER, "%s", bzctrl_answer_message(answer));
    *quiet = code != BZCTRL_OK;
    bzctrl_answer_free(answer);
    return code;
}

static int follow(struct cli *cli)
{
    struct sigaction action = {.sa_handler = end};
    size_t refused = 0;
    bool quiet = false;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    int flags = BZCTRL_NOW;
    while (!ended) {
        enum bzctrl_code code = run_once(cli, flags, &refused, &quiet);
        /* These errors do not go away on their own: let the service manager see them. */
        if (code == BZCTRL_SETTINGS || code == BZCTRL_STORAGE || code == BZCTRL_MISUSE)
            return exit_code(code);
        flags = 0;
        for (int64_t until = clock_ticks() + POLL_MS; !ended && clock_ticks() < until;) {
            struct timespec pause = {.tv_nsec = 50 * 1000000};
            nanosleep(&pause, NULL);
        }
    }
    return EXIT_DONE;
}

int outbox_run_run(struct cli *cli)
{
    size_t refused = 0;
    bool quiet = false;
    int code = cli_open(cli);
    if (code != EXIT_DONE)
        return code;
    if (flag_of(cli, "follow") != NULL)
        return follow(cli);
    enum bzctrl_code result = run_once(cli, BZCTRL_NOW, &refused, &quiet);
    if (result == BZCTRL_UNREACHABLE)
        return EXIT_LATER;
    return result != BZCTRL_OK ? exit_code(result) : refused > 0 ? EXIT_DATA : EXIT_DONE;
}

/* ---- retry, edit, drop, move ---- */

static bool id_of(const char *text, int64_t *ret_id)
{
    uint64_t id;
    if (text == NULL || !str_to_u64(str_of(text), INT64_MAX, &id) || id == 0) {
        fail(EXIT_USAGE, "ID must be a number from the first column of `bzctrl outbox list`");
        return false;
    }
    *ret_id = (int64_t)id;
    return true;
}

static int deliver(struct bzctrl_answer *answer)
{
    enum bzctrl_code code = bzctrl_answer_code(answer);
    if (code != BZCTRL_OK && code != BZCTRL_QUEUED)
        return fail_answer(answer);
    bzctrl_answer_free(answer);
    return EXIT_DONE;
}

struct found {
    int64_t id;
    char *json;
};

static void on_found(void *arg, const struct bzctrl_entry *entry)
{
    struct found *found = arg;
    if (found->id == 0 || found->id == entry->id) {
        found->id = entry->id;
        free(found->json);
        found->json = strdup(entry->json);
    }
}

/* Calls `act` for each refused report, which removes it from the list. */
static int each_dead(struct cli *cli, struct bzctrl_answer *act(struct bzctrl *, int64_t))
{
    for (;;) {
        struct found found = {0};
        int code = deliver(bzctrl_outbox_list(cli->client, BZCTRL_DEAD, 0, 1, on_found, &found));
        free(found.json);
        if (code != EXIT_DONE || found.id == 0)
            return code;
        code = deliver(act(cli->client, found.id));
        if (code != EXIT_DONE)
            return code;
    }
}

/* Calls `act` for the report with the given ID or, with --all, for each refused one. */
static int act_on(struct cli *cli, const char *name,
                  struct bzctrl_answer *act(struct bzctrl *, int64_t))
{
    int64_t id = 0;
    bool all = flag_of(cli, "all") != NULL;
    if (all == (cli->arguments.operand_count > 0))
        return fail(EXIT_USAGE, "outbox %s needs either an ID from `bzctrl outbox list` or --all",
                    name);
    if (!all && !id_of(operand_of(cli, 0), &id))
        return EXIT_USAGE;
    int code = cli_open(cli);
    if (code != EXIT_DONE)
        return code;
    return all ? each_dead(cli, act) : deliver(act(cli->client, id));
}

int outbox_retry_run(struct cli *cli)
{
    int code = act_on(cli, "retry", bzctrl_outbox_retry);
    if (code == EXIT_DONE)
        fprintf(stderr, "Queued; `bzctrl outbox run` sends it.\n");
    return code;
}

int outbox_drop_run(struct cli *cli)
{
    return act_on(cli, "drop", bzctrl_outbox_drop);
}

int outbox_move_run(struct cli *cli)
{
    const char *from = flag_of(cli, "from");
    if (from == NULL)
        return fail(
            EXIT_USAGE,
            "outbox move needs --from URL, the server that the reports in the outbox are for");
    int code = cli_open(cli);
    if (code == EXIT_DONE)
        code = deliver(bzctrl_outbox_move(cli->client, from));
    if (code == EXIT_DONE)
        fprintf(stderr,
                "Waiting reports now go to %s; `bzctrl outbox run` sends them.\nIf this is not the "
                "same server under a new name, with the same account, then reports that\n%s has "
                "stored but not acknowledged will be stored twice. Check there first.\n",
                bzctrl_get(cli->client, "url"), from);
    return code;
}

/* What was typed must not be lost to a comma that is missing. */
static int kept(const char *name, int code)
{
    fprintf(stderr, "Your text is kept in %s; correct it, and give it with --file.\n", name);
    return code;
}

/* Opens the report in the user's editor, and queues what it has become. Reports errors and returns the exit code. */
static int edit_by_hand(struct cli *cli, int64_t id, const char *json)
{
    const char *editor = getenv("VISUAL");
    char name[] = "/tmp/bzctrl-XXXXXX", command[PATH_MAX];
    if (editor == NULL || editor[0] == '\0')
        editor = getenv("EDITOR");
    if (editor == NULL || editor[0] == '\0')
        editor = "vi";
    if (!isatty(STDIN_FILENO))
        return fail(EXIT_NOINPUT,
                    "there is no terminal to edit in; give the corrected report with --file");
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd < 0 || dprintf(fd, "%s\n", json) < 0)
        return fail(EXIT_NOINPUT, "%s: %s", name, strerror(errno));
    close(fd);
    snprintf(command, sizeof command, "%s '%s'", editor, name);
    /* The editor's variable may hold flags, and the name of the file is ours.
     * NOLINTNEXTLINE(cert-env33-c) */
    int status = system(command);
    struct str text = STR_NONE;
    enum err err =
        status == 0 ? file_read(cli->op, str_of(name), REPORT_MAX, &text) : ERR_UNAVAILABLE;
    if (status != 0) {
        unlink(name);
        return fail(EXIT_NOINPUT, "%s failed; nothing was changed", editor);
    }
    if (err != ERR_OK)
        return kept(name, fail_op(cli, EXIT_NOINPUT));
    int code = deliver(bzctrl_outbox_edit(cli->client, id, text.p));
    if (code != EXIT_DONE)
        return kept(name, code);
    unlink(name);
    return code;
}

int outbox_edit_run(struct cli *cli)
{
    const char *file = flag_of(cli, "file");
    struct found found = {0};
    if (!id_of(operand_of(cli, 0), &found.id))
        return EXIT_USAGE;
    int code = cli_open(cli);
    if (code != EXIT_DONE)
        return code;
    int64_t id = found.id;
    if (file != NULL) {
        char *given = NULL;
        code = input_text(file, NULL, REPORT_MAX, &given);
        if (code == EXIT_DONE)
            code = deliver(bzctrl_outbox_edit(cli->client, id, given));
        free(given);
    } else {
        code = deliver(bzctrl_outbox_list(cli->client, BZCTRL_DEAD, id - 1, 1, on_found, &found));
        if (code != EXIT_DONE)
            return code;
        if (found.json == NULL)
            return fail(EXIT_NOINPUT, "the outbox has no refused report with that ID");
        code = edit_by_hand(cli, id, found.json);
    }
    free(found.json);
    if (code == EXIT_DONE)
        fprintf(stderr, "Queued; `bzctrl outbox run` sends it.\n");
    return code;
}
